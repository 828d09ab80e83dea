"""The pictures of a call: fetched or decoded, checked by their headers, nothing decoded here."""

import asyncio

from anyio.to_thread import run_sync

from xiutu.gateway.context import Context
from xiutu.gateway.pictures import checked_header, decode_picture, fetch_picture
from xiutu.gateway.tencent.action import Removal
from xiutu.gateway.tencent.errors import Refusal, naming
from xiutu.gateway.tencent.sources import Source
from xiutu.image.header import Header
from xiutu.image.limits import Limits

__all__ = ["LIMITS", "LONGEST_URL", "load_pictures"]

LIMITS = Limits(
    formats=frozenset({"jpeg", "png", "bmp", "tiff", "webp"}),
    max_base64=6 * 1024 * 1024 - 1,  # "below 6 MB"
    max_long_side=4999,  # "below 5000"
)
LONGEST_URL = 8192
"""Bytes. The documents set no limit; addresses signed with temporary keys have some 2000."""


async def load_pictures(context: Context, removal: Removal) -> tuple[dict[str, bytes], Header]:
    """Files by input of the removal (``image``, ``mask``, ``logo``), and the picture's header.

    Raises ``Refusal``.
    """
    wanted = {"image": removal.image, "mask": removal.mask}
    if removal.logo is not None:
        wanted["logo"] = removal.logo.source
    tasks = [asyncio.create_task(_load(context, source)) for source in wanted.values()]
    try:
        loaded = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    headers = dict(zip(wanted, (header for _, header in loaded), strict=True))
    image, mask = headers["image"], headers["mask"]
    # A mask painted over the stored pixels of a turned photo is turned with it.
    sizes = {(image.width, image.height), image.stored_size}
    if (mask.width, mask.height) not in sizes:
        told = f"{mask.width}x{mask.height} for a picture of {image.width}x{image.height}"
        raise Refusal("mask_size", told, name=removal.mask.name)
    if removal.logo is not None and not removal.logo.fits(image.width, image.height):
        raise Refusal("logo", name="LogoParam.LogoRect")
    return dict(zip(wanted, (data for data, _ in loaded), strict=True)), image


async def _load(context: Context, source: Source) -> tuple[bytes, Header]:
    with naming(source.name):
        if source.is_url:
            data = await fetch_picture(context, source.value, LIMITS, LONGEST_URL)
        else:
            data = await run_sync(decode_picture, source.value, LIMITS.max_base64)
        return data, checked_header(data, LIMITS)
