"""The one way out: downloads a picture from an address that a caller chose, and nothing else.

Rules (design, ground rule 9), each where it is enforced:

* absolute http/https, no credentials, sensible ports: ``target``
* public addresses only, unless allowed: ``addresses``, for *every* address of a name
* resolved once, connected to exactly the checked address (no rebinding): ``_connectable``, ``_get``
* every redirect is a new target with the same checks, three at most: ``_follow``
* bounds on bytes (as sent and unpacked) and on time (per step and in all): ``_read``, ``fetch``
* no cookies, no credentials, no proxy or certificate settings from the environment: requests go
  straight to a transport, which has none of them: ``_transport``
"""

import asyncio
import ssl
import zlib
from collections.abc import Sequence

import httpx2

from xiutu import errors
from xiutu.net import target
from xiutu.net.addresses import Address, Network, refusal
from xiutu.net.resolve import Resolver, SystemResolver

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_MAX_ADDRESSES = 4  # of one name that are tried in turn
_HEADERS = {
    "Accept": "image/*,*/*;q=0.5",
    "Accept-Encoding": "identity",  # pictures are packed already
    "User-Agent": "xiutu",
    "Connection": "close",
}
_UNPACKERS = {"gzip": 31, "x-gzip": 31, "deflate": 47}  # zlib window bits; 47 detects the header


class Fetcher:
    """Guarded downloads. One per server; ``close`` it at the end.

    Args:
        allow: networks that may be reached although they are not public.
        timeout: seconds a whole download may take, redirects and name lookups included.
        max_redirects: redirects followed before giving up.
        resolver: names to addresses; the system's by default.
        tls: how servers are verified; the system's certificates by default.

    """

    def __init__(
        self,
        allow: Sequence[Network] = (),
        timeout: float = 8.0,
        max_redirects: int = 3,
        *,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allow = tuple(allow)
        self._timeout = timeout
        self._max_redirects = max_redirects
        self._own_resolver = SystemResolver() if resolver is None else None
        self._resolve: Resolver = resolver or self._own_resolver  # type: ignore[assignment]
        self._tls = tls
        self._opened: httpx2.AsyncHTTPTransport | None = None

    async def fetch(self, url: str, max_bytes: int, max_url: int = target.MAX_URL) -> bytes:
        """The whole content behind ``url``: 1..``max_bytes`` bytes.

        Raises:
            UrlLength: empty or longer than ``max_url`` bytes.
            UrlIllegal: not absolute http/https, or an address (also of a redirect) that is refused.
            UrlNotFound: the name does not resolve, or the server answers 404 or 410.
            UrlTimeout: not complete in time.
            UrlBadResponse: no connection, TLS failure, another status, too many redirects, broken
                or empty content.
            PictureSizeError: more than ``max_bytes``.

        """
        first = target.requested(url, max_url)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._follow(first, max_bytes)
        except (TimeoutError, httpx2.TimeoutException):
            raise errors.UrlTimeout(f"{first.host}: not complete in {self._timeout:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError) as error:
            raise errors.UrlBadResponse(f"{first.host}: {type(error).__name__}: {error}") from None

    async def close(self) -> None:
        """Drop connections and waiting lookups."""
        if self._opened is not None:
            await self._opened.aclose()
            self._opened = None
        if self._own_resolver is not None:
            self._own_resolver.close()

    async def _follow(self, url: httpx2.URL, max_bytes: int) -> bytes:
        for _ in range(self._max_redirects + 1):
            answer = await self._try_each(url, await self._connectable(url), max_bytes)
            if isinstance(answer, bytes):
                return answer
            url = target.redirected(answer, url)
        raise errors.UrlBadResponse(f"more than {self._max_redirects} redirects")

    async def _connectable(self, url: httpx2.URL) -> list[Address]:
        """All addresses of the host. One refused address refuses the name: mixed answers are what
        rebinding attacks look like.
        """
        host = url.raw_host.decode("ascii")
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await self._resolve(host, port)
        if not found:
            raise errors.UrlNotFound(f"{host} has no address")
        for address in found:
            reason = refusal(address, self._allow)
            if reason:
                raise errors.UrlIllegal(f"{host} is {address}: {reason}")
        return found[:_MAX_ADDRESSES]

    async def _try_each(
        self, url: httpx2.URL, addresses: list[Address], max_bytes: int
    ) -> bytes | str:
        for address in addresses[:-1]:
            try:
                return await self._get(url, address, max_bytes)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue  # typically IPv6 without a route
        return await self._get(url, addresses[-1], max_bytes)

    async def _get(self, url: httpx2.URL, address: Address, max_bytes: int) -> bytes | str:
        """The content, or where it is redirected to."""
        pinned = url.copy_with(host=str(address), fragment=None)
        step = self._timeout / 2  # a name whose first address is dead still has its second
        request = httpx2.Request(
            "GET",
            pinned,
            headers=_HEADERS | {"Host": url.netloc.decode("ascii")},
            extensions={
                # Certificates are checked against the name, not the address we dial.
                "sni_hostname": url.raw_host.decode("ascii").rstrip("."),
                "timeout": {"connect": step, "read": step, "write": step, "pool": self._timeout},
            },
        )
        response = await self._transport().handle_async_request(request)
        try:
            location = response.headers.get("location")
            if response.status_code in _REDIRECTS and location:
                return location
            if response.status_code in _GONE:
                raise errors.UrlNotFound(f"{url.host} answers {response.status_code}")
            if not response.is_success:
                raise errors.UrlBadResponse(f"{url.host} answers {response.status_code}")
            return await _read(response, max_bytes)
        finally:
            await response.aclose()

    def _transport(self) -> httpx2.AsyncHTTPTransport:
        if self._opened is None:
            self._opened = httpx2.AsyncHTTPTransport(
                verify=self._tls or True,
                trust_env=False,
                # A kept connection would be found by address and reused for another name's TLS.
                limits=httpx2.Limits(max_connections=100, max_keepalive_connections=0),
            )
        return self._opened


async def _read(response: httpx2.Response, max_bytes: int) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", *_UNPACKERS):
        raise errors.UrlBadResponse(f"content encoding {encoding!r} was not asked for")
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > max_bytes:
        raise errors.PictureSizeError(f"{declared[:20]} bytes, {max_bytes} allowed")
    unpacker = zlib.decompressobj(_UNPACKERS[encoding]) if encoding in _UNPACKERS else None
    sent = size = 0
    parts = []
    async for received in response.aiter_raw():
        sent += len(received)
        part = received
        if unpacker is not None:
            try:  # never more than one byte beyond the limit is unpacked
                part = unpacker.decompress(received, max_bytes - size + 1)
            except zlib.error as error:
                raise errors.UrlBadResponse(f"broken {encoding} content: {error}") from None
        size += len(part)
        if max(sent, size) > max_bytes:
            raise errors.PictureSizeError(f"more than {max_bytes} bytes")
        parts.append(part)
    if unpacker is not None and not unpacker.eof:
        raise errors.UrlBadResponse(f"{encoding} content ends early")
    if not size:
        raise errors.UrlBadResponse("empty content")
    return b"".join(parts)
