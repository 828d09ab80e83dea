"""The older request signing, HmacSHA1 and HmacSHA256 (WIRE section 8), still in the SDKs.

Everything is a form or query parameter. What is signed is the method, the host and all parameters but
the signature, sorted by name, with their plain values: base64 pictures are part of it.
"""

import re
from base64 import b64encode
from hmac import compare_digest, digest

from xiutu.gateway.tencent.errors import Refusal

__all__ = ["verify"]

_METHODS = {"HmacSHA1": "sha1", "HmacSHA256": "sha256"}
_PORT = re.compile(rb":[0-9]{1,5}$")

Pairs = list[tuple[bytes, bytes]]


def verify(pairs: Pairs, secret: str, *, method: str, host: bytes) -> None:
    """Return silently when the parameters were signed with ``secret``. Raises ``Refusal``.

    ``pairs`` are decoded names and values; without ``SignatureMethod`` it is HmacSHA1.
    """
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Refusal("body", why="a parameter is there twice")
    chosen = values.get(b"SignatureMethod", b"HmacSHA1").decode("latin-1")
    if chosen not in _METHODS:
        raise Refusal("value", name="SignatureMethod")
    given = values.pop(b"Signature", b"").strip()
    hosts = dict.fromkeys((host, _PORT.sub(b"", host)))
    matches = [compare_digest(_signed(values, secret, chosen, method, h), given) for h in hosts]
    if not any(matches):
        raise Refusal("signature")


def _signed(
    values: dict[bytes, bytes], secret: str, chosen: str, method: str, host: bytes
) -> bytes:
    # The Python SDK writes "." for "_" in names before it sorts and signs them.
    named = {name.replace(b"_", b"."): value for name, value in values.items()}
    listed = b"&".join(name + b"=" + named[name] for name in sorted(named))
    source = method.encode() + host + b"/?" + listed
    return b64encode(digest(secret.encode(), source, _METHODS[chosen]))
