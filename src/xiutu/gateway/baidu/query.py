"""Query strings of API calls, with the oddities of the vendor's SDKs (WIRE section 3).

=======  ==================================================================================
node     ``?aipSdk=node&access_token=T?aipSdk=node``: a second query glued to the token
C++      ``?access_token=T&access_token=T&aipSdk=C&aipSdkVersion=0.3.3&``: twice, trailing ``&``
Java     ``access_token=null`` where it got none
=======  ==================================================================================

Everything here is bytes as received: a signature covers the text on the wire, not its meaning.
"""

from urllib.parse import unquote_to_bytes

from xiutu.gateway import percent


def pairs(raw_query: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values as received, undecoded, in order; empty pieces are left out.

    A name without ``=`` has an empty value; only the first ``=`` divides.
    """
    found = []
    for piece in raw_query.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            found.append((name, value))
    return found


def access_token(raw_query: bytes) -> str | None:
    """The clean text of the first token that is not empty, else ``None``.

    Whatever follows a ``?`` in the token is the node SDK's glued query, no part of the token.
    """
    for name, value in pairs(raw_query):
        if name == b"access_token":
            token = unquote_to_bytes(value).partition(b"?")[0].strip()
            if token:
                return token.decode("utf-8", "replace")
    return None


def parameters(raw_query: bytes) -> dict[str, str]:
    """All parameters decoded as a form; of a repeated name the first value that is not empty."""
    found: dict[str, str] = {}
    for name, value in pairs(raw_query):
        key = percent.text(name)
        found[key] = found.get(key) or percent.text(value)
    return found


def sdk(raw_query: bytes) -> str:
    """Which SDK says it is calling (``aipSdk``: python, node, php, java, C, CSharp), else empty."""
    return parameters(raw_query).get("aipSdk", "").partition("?")[0]
