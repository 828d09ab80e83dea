"""Parameters of a request: common ones apart from the interface's own, dotted names put together."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from xiutu.gateway.tencent.errors import Refusal

__all__ = ["COMMON", "MAX_FIELDS", "nested", "pairs_of", "split_common"]

COMMON = frozenset(
    {
        "Action",
        "Version",
        "Region",
        "Language",
        "Timestamp",
        "Nonce",
        "SecretId",
        "Signature",
        "SignatureMethod",
        "Token",
        "RequestClient",
    }
)
"""Names that belong to the request and not to the interface, wherever they stand."""
MAX_FIELDS = 200
_DEEPEST = 8

Pairs = list[tuple[bytes, bytes]]


def pairs_of(raw: bytes) -> Pairs:
    """Decoded names and values of a query or form, in order. Raises ``Refusal``."""
    pieces = [piece for piece in raw.split(b"&", MAX_FIELDS + 1) if piece]
    if len(pieces) > MAX_FIELDS:
        raise Refusal("body", why=f"more than {MAX_FIELDS} parameters")
    divided = (piece.partition(b"=") for piece in pieces)
    return [(_decoded(name), _decoded(value)) for name, _, value in divided]


def nested(pairs: Pairs) -> dict[str, Any]:
    """``LogoParam.LogoRect.X=1`` as ``{"LogoParam": {"LogoRect": {"X": "1"}}}``; values are texts.

    Raises ``Refusal`` for names that contradict each other.
    """
    found: dict[str, Any] = {}
    for raw_name, raw_value in pairs:
        *path, last = raw_name.decode("utf-8", "replace").split(".", _DEEPEST)
        level = found
        for part in path:
            level = level.setdefault(part, {})
            if not isinstance(level, dict):
                raise Refusal("body", why=f"{part} is a value and has members")
        if isinstance(level.get(last), dict):
            raise Refusal("body", why=f"{last} is a value and has members")
        level[last] = raw_value.decode("utf-8", "replace")
    return found


def split_common(values: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """Common parameters (texts) and the interface's own, ``null`` members left out."""
    common = {
        name: str(value)
        for name, value in values.items()
        if name in COMMON and isinstance(value, str | int)
    }
    own = {n: value for n, value in values.items() if n not in COMMON and value is not None}
    return common, own


def _decoded(raw: bytes) -> bytes:
    return unquote_to_bytes(raw.replace(b"+", b" "))
