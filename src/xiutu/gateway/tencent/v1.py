"""The older request signing, HmacSHA1 and HmacSHA256 (WIRE section 8), still in the SDKs.

Everything is a form or query parameter. What is signed is the method, the host and all parameters but
the signature, sorted by name, with their plain values: base64 pictures are part of it.
"""

import re
from base64 import b64encode
from hmac import compare_digest, digest

from xiutu.gateway.tencent.errors import Refusal

__all__ = ["METHODS", "signature", "source", "verify"]

METHODS = {"HmacSHA1": "sha1", "HmacSHA256": "sha256"}
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
    if chosen not in METHODS:
        raise Refusal("value", name="SignatureMethod")
    given = values.pop(b"Signature", b"").strip()
    hosts = dict.fromkeys((host, _PORT.sub(b"", host)))
    texts = [source(values, method, h) for h in hosts]
    matches = [compare_digest(signature(text, secret, chosen), given) for text in texts]
    if not any(matches):
        raise Refusal("signature")


def source(values: dict[bytes, bytes], method: str, host: bytes) -> bytes:
    """What is signed: method, host and the parameters (without ``Signature``), sorted, undecorated."""
    # The Python SDK writes "." for "_" in names before it sorts and signs them.
    named = {name.replace(b"_", b"."): value for name, value in values.items()}
    listed = b"&".join(name + b"=" + named[name] for name in sorted(named))
    return method.encode() + host + b"/?" + listed


def signature(text: bytes, secret: str, chosen: str) -> bytes:
    """Base64; ``chosen`` is one of ``METHODS``."""
    return b64encode(digest(secret.encode(), text, METHODS[chosen]))
