"""Single values out of a request: JSON types as documented, or texts where everything is a text (A-86)."""

from collections.abc import Collection, Mapping
from typing import Any

from xiutu.gateway.tencent.errors import Refusal

__all__ = ["boolean", "integer", "only", "text"]

_LONGEST_NUMBER = 20


def only(values: Mapping[str, Any], known: Collection[str], within: str = "") -> None:
    """Raises ``Refusal`` for a name that is not known."""
    for name in values:
        if name not in known:
            raise Refusal("unknown", name=f"{within}{name}"[:100])


def text(values: Mapping[str, Any], name: str, default: str, within: str = "") -> str:
    """Raises ``Refusal`` for anything but text; ``null`` counts as absent."""
    value = values.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise Refusal("type", name=within + name)
    return value


def integer(
    values: Mapping[str, Any], name: str, default: int | None, within: str = ""
) -> int | None:
    """A whole number, also as text. Raises ``Refusal``."""
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER:
        plain = value.strip()
        digits = plain.removeprefix("-")
        if digits.isascii() and digits.isdigit():
            return int(plain)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal("type", name=within + name)
    return value


def boolean(values: Mapping[str, Any], name: str) -> bool:
    """False when absent; also as text. Raises ``Refusal``."""
    value = values.get(name)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if value is None or isinstance(value, bool):
        return bool(value)
    raise Refusal("type", name=name)
