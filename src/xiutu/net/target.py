"""The text of a ``url=`` input, and of redirects: what may be asked for, before anything is resolved."""

import re

import httpx2

from xiutu.errors import UrlIllegal, UrlLength

MAX_URL = 1024
"""Bytes of a ``url`` parameter, inclusive (contract R-049)."""
MAX_REDIRECT_URL = 8192
"""Bytes of a redirect's address: not the caller's, and signed download links are long."""
_FREE_PORTS = range(1024, 65536)
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")  # a name after IDNA, or an IPv6 address


def requested(url: str, longest: int = MAX_URL) -> httpx2.URL:
    """Check a ``url`` parameter; ``UrlLength`` or ``UrlIllegal``."""
    text = url.strip(" \t\r\n")
    if not 1 <= len(text.encode("utf-8", "replace")) <= longest:
        raise UrlLength(f"url has {len(text)} characters")
    scheme, mark, rest = text.partition(":")  # "HTTPS://host:443" keeps its port otherwise
    return _checked(scheme.lower() + mark + rest, None)


def redirected(location: str, base: httpx2.URL) -> httpx2.URL:
    """Check where a redirect leads, relative to the page that sent it; ``UrlIllegal``."""
    if len(location.encode("utf-8", "replace")) > MAX_REDIRECT_URL:
        raise UrlIllegal("redirect address is too long")
    return _checked(location, base)


def _checked(text: str, base: httpx2.URL | None) -> httpx2.URL:
    try:
        url = httpx2.URL(text) if base is None else base.join(text)
        host = url.raw_host.decode("ascii")
        port = url.port
    except (httpx2.InvalidURL, ValueError) as error:  # ValueError: an impossible host name
        raise UrlIllegal(f"unreadable url: {error}") from None
    if url.scheme not in ("http", "https"):  # file:, gopher:, ftp: reach other things than pictures
        raise UrlIllegal(f"scheme {url.scheme!r} is not http or https")
    if not _HOST.fullmatch(host) or len(host) > 253:  # longest name DNS has
        raise UrlIllegal("no usable host name")
    if url.userinfo:  # we have no credentials to give, and "http://good@evil/" only misleads
        raise UrlIllegal("user name or password in the url")
    if port not in (None, 80, 443) and port not in _FREE_PORTS:
        # Below 1024 live mail, shells and printers; pictures live on 80, 443, 8080, 8443, 9000...
        raise UrlIllegal(f"port {port} is not one pictures are served on")
    return url
