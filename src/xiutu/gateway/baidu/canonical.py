"""Canonical forms of a request for bce-auth-v1, in every reading of a vendor SDK (WIRE 5).

A signature covers method, path, query and headers, joined by line ends; the SDKs disagree on how
the last three are written. Each function here gives the few forms that are in use. All of them are
computed from the request as received, so trying each gives a forger nothing.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote_from_bytes, unquote_to_bytes

from xiutu.errors import SignatureInvalid
from xiutu.gateway.baidu.query import pairs

PREFIX = b"x-bce-"
DEFAULT_HEADERS = frozenset({b"host", b"content-length", b"content-type", b"content-md5"})
MAX_LENGTH = 8192  # bytes of path, query and signed headers each; real requests stay below 500
_PORT = re.compile(rb":[0-9]{1,5}$")

Headers = Iterable[tuple[bytes, bytes]]


def requests(
    method: str, raw_path: bytes, raw_query: bytes, headers: Headers, signed: frozenset[bytes]
) -> Iterator[bytes]:
    """All canonical requests in use, likeliest first. ``signed`` empty means the default set.

    Raises ``SignatureInvalid`` for absurd lengths and for signed headers that are sent twice.
    """
    path = raw_path.partition(b"?")[0]
    if len(path) > MAX_LENGTH or len(raw_query) > MAX_LENGTH:
        raise SignatureInvalid("path or query too long to be signed")
    paths, queries = path_forms(path), query_forms(raw_query)
    for header_form in header_forms(headers, signed):
        for query in queries:
            for form in paths:
                yield b"\n".join(
                    (method.upper().encode("ascii", "replace"), form, query, header_form)
                )


def path_forms(path: bytes) -> list[bytes]:
    """As received (node, bce-python-sdk), and decoded then encoded again (all others)."""
    return _distinct([path, _encode(unquote_to_bytes(path), keep="/")])


def query_forms(raw_query: bytes) -> list[bytes]:
    """``name=value`` sorted as text, without ``authorization``.

    * Values: percent-encoded after RFC 3986 (``+`` read as plus or as blank), or as on the wire,
      which is what the Python SDK signs (``urlencode``).
    * Parameters: all of them; each pair once (the C++ SDK's inpainting sends access_token twice,
      the Python SDK repeats the query of a URL it was given, and both sign once); none called
      access_token (signing clients have none).
    """
    received = [pair for pair in pairs(raw_query) if pair[0].lower() != b"authorization"]
    forms = []
    for encode in (_plus_is_plus, _plus_is_blank, bytes):
        every = sorted(encode(name) + b"=" + encode(value) for name, value in received)
        once = _distinct(every)
        tokenless = [pair for pair in once if not pair.startswith(b"access_token=")]
        forms += [b"&".join(chosen) for chosen in (every, once, tokenless)]
    return _distinct(forms)


def header_forms(headers: Headers, signed: frozenset[bytes]) -> list[bytes]:
    """``name:value`` lines, sorted; empty values are left out, as are listed names not sent.

    * Names: those listed, or those and every ``x-bce-*`` (bce-python-sdk signs them unlisted).
    * Host: as received, without its port (Java), with the default port (bce-python-sdk behind a
      proxy that drops it).
    """
    sent: dict[bytes, bytes] = {}
    for key, value in headers:
        name = key.strip().lower()
        if name in (signed or DEFAULT_HEADERS) or name.startswith(PREFIX):
            if name in sent:
                raise SignatureInvalid(f"header {name!r} sent twice")
            sent[name] = value.strip()
    if sum(map(len, sent.values())) > MAX_LENGTH:
        raise SignatureInvalid("headers too long to be signed")
    listed = {name: value for name, value in sent.items() if name in signed}
    forms = []
    for chosen in (listed, sent) if signed else (sent,):
        for host in _host_forms(chosen.get(b"host", b"")):
            lines = chosen | {b"host": host}
            forms.append(
                b"\n".join(
                    sorted(
                        _encode(name) + b":" + _encode(value)
                        for name, value in lines.items()
                        if value
                    )
                )
            )
    return _distinct(forms)


def _host_forms(host: bytes) -> list[bytes]:
    if _PORT.search(host):
        return [host, _PORT.sub(b"", host)]
    return [host, host + b":443", host + b":80"] if host else [host]


def _encode(text: bytes, keep: str = "") -> bytes:
    return quote_from_bytes(text, safe=keep).encode("ascii")


def _plus_is_plus(text: bytes) -> bytes:
    return _encode(unquote_to_bytes(text))


def _plus_is_blank(text: bytes) -> bytes:
    return _encode(unquote_to_bytes(text.replace(b"+", b" ")))


def _distinct(forms: list[bytes]) -> list[bytes]:
    return list(dict.fromkeys(forms))
