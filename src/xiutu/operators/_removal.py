"""Removal by a free-form mask, with the mark of generated pictures: bytes in, bytes out.

No operator of its own: ``inpainting``'s filling with a mask picture instead of rectangles, then a visible
mark and a metadata tag, as interfaces for generated pictures ask for.
"""

import time
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from xiutu.errors import InconsistentParameters, MissingSource
from xiutu.image.decode import decode
from xiutu.image.encode import encode
from xiutu.image.from_pillow import upright
from xiutu.image.header import read_header
from xiutu.image.mark import Place, draw_picture, draw_text
from xiutu.image.picture import Picture
from xiutu.image.soft_mask import Grey, blended_fill, grey_of
from xiutu.image.xmp import embed, generated_packet
from xiutu.operators._runner import Executed, prepare
from xiutu.operators._runner import estimate as estimate_of
from xiutu.operators.inpainting import MASK_BOLDNESS

__all__ = ["ID", "estimate", "execute"]

ID = "removal"
_PRODUCER = "xiutu"
_PLACES = 4


def estimate(pixels: int) -> float:
    """Megabytes a call may take at its peak: those of ``inpainting``, the mask and its shares."""
    return estimate_of("inpainting", pixels) + 12 * pixels / 1e6


def execute(inputs: Mapping[str, bytes], params: Mapping[str, object]) -> Executed:
    """Remove what ``mask`` shows white from ``image``; answers ``image``.

    ``inputs``: files ``image``, ``mask`` and, for a mark of the caller's own, ``logo``. ``params``:
    ``mark`` (bool), ``rect`` (left, top, width, height of the logo; None for what is not given) and
    ``produced``, the number that the metadata tag names. Without ``mark`` there is no tag either.
    """
    prepare()
    marks = [time.perf_counter()]
    if "image" not in inputs or "mask" not in inputs:
        raise MissingSource("image and mask are due")
    header = read_header(inputs["image"])
    picture = decode(inputs["image"], header)
    mask = _mask(inputs["mask"], picture, header.orientation)
    marks.append(time.perf_counter())
    shown = Picture(blended_fill(picture.rgb, mask, MASK_BOLDNESS), picture.alpha, picture.format)
    if params.get("mark"):
        shown = _marked(shown, inputs.get("logo"), params.get("rect"))
    marks.append(time.perf_counter())
    file = encode(shown, picture.format)
    if params.get("mark"):
        file = embed(file, generated_packet(_PRODUCER, str(params.get("produced", ""))))
    marks.append(time.perf_counter())
    decoded, applied, encoded = (after - before for before, after in pairwise(marks))
    return Executed({"image": file}, {"decode": decoded, "apply": applied, "encode": encoded})


def _mask(data: bytes, picture: Picture, orientation: int) -> Grey:
    """Of the picture's size; one painted over the stored pixels of a turned photo is turned with it."""
    mask = grey_of(decode(data))
    if mask.shape != picture.rgb.shape[:2]:
        mask = upright(mask, orientation)
    if mask.shape != picture.rgb.shape[:2]:
        raise InconsistentParameters("mask and picture differ in size")
    return np.ascontiguousarray(mask)


def _marked(picture: Picture, logo: bytes | None, rect: object) -> Picture:
    if logo is None:
        return draw_text(picture)
    values = rect if isinstance(rect, list) and len(rect) == _PLACES else [None] * _PLACES
    place = Place(*(int(v) if isinstance(v, int) else None for v in values))
    return draw_picture(picture, decode(logo), place)
