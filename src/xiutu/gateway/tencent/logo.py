"""LogoParam: a mark of the caller's own, and where it goes (A-86)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xiutu.gateway.tencent.errors import Refusal
from xiutu.gateway.tencent.sources import Source, source
from xiutu.gateway.tencent.values import integer, only

__all__ = ["Logo", "read_logo"]

_RECT = ("X", "Y", "Width", "Height")
_LONGEST = 1_000_000


@dataclass(frozen=True)
class Logo:
    """A picture and its place: left, top, width, height in pixels, None for what was not given."""

    source: Source
    rect: tuple[int | None, int | None, int | None, int | None]

    def fits(self, width: int, height: int) -> bool:
        """Whether any of it would be seen on a picture of this size."""
        return (self.rect[0] or 0) < width and (self.rect[1] or 0) < height


def read_logo(value: object) -> Logo | None:
    """None when no picture is named: the default text is used then. Raises ``Refusal``."""
    members = _members(value, "LogoParam")
    only(members, ("LogoUrl", "LogoImage", "LogoRect"), "LogoParam.")
    rect = _members(members.get("LogoRect", {}), "LogoParam.LogoRect")
    only(rect, _RECT, "LogoParam.LogoRect.")
    left, top, width, height = (integer(rect, name, None, "LogoParam.LogoRect.") for name in _RECT)
    for number, least in ((left, 0), (top, 0), (width, 1), (height, 1)):
        if number is not None and not least <= number <= _LONGEST:
            raise Refusal("logo", name="LogoParam.LogoRect")
    if not members.get("LogoUrl") and not members.get("LogoImage"):
        return None
    return Logo(source(members, "LogoImage", "LogoUrl", "LogoParam."), (left, top, width, height))


def _members(value: object, name: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refusal("type", name=name)
    return {key: member for key, member in value.items() if member is not None}
