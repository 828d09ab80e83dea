"""The parameters of ImageInpaintingRemoval, checked (contract tencent.md, section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xiutu.gateway.tencent.errors import Refusal
from xiutu.gateway.tencent.logo import Logo, read_logo
from xiutu.gateway.tencent.sources import Source, source
from xiutu.gateway.tencent.values import boolean, integer, only, text

__all__ = ["ACTION", "VERSION", "Removal", "read_action"]

ACTION = "ImageInpaintingRemoval"
VERSION = "2022-12-29"
_KNOWN = frozenset(
    {
        "InputImage",
        "InputUrl",
        "Mask",
        "MaskUrl",
        "RspImgType",
        "LogoAdd",
        "LogoParam",
        "DryRun",
    }
)


@dataclass(frozen=True)
class Removal:
    """What a call asks for. ``logo`` None: the default text, where ``mark`` is set at all."""

    image: Source
    mask: Source
    by_url: bool
    mark: bool
    logo: Logo | None
    dry_run: bool


def read_action(values: Mapping[str, Any]) -> Removal:
    """Raises ``Refusal``; what is there and not known is refused, as the vendor does."""
    only(values, _KNOWN)
    image = source(values, "InputImage", "InputUrl")
    mask = source(values, "Mask", "MaskUrl")
    kind = text(values, "RspImgType", "base64")
    if kind not in ("base64", "url"):
        raise Refusal("value", name="RspImgType")
    mark = integer(values, "LogoAdd", 1) != 0  # any other number counts as 1
    logo = read_logo(values["LogoParam"]) if "LogoParam" in values else None
    return Removal(
        image=image,
        mask=mask,
        by_url=kind == "url",
        mark=mark,
        logo=logo if mark else None,
        dry_run=boolean(values, "DryRun"),
    )
