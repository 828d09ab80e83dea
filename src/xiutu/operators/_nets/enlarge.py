"""Networks that double a picture's sides, run in tiles, with a guard against divergence."""

from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.tiles import Tile, map_tiles, tiles
from xiutu.models import session, threads
from xiutu.operators._base import Rgb
from xiutu.operators._nets.planes import to_picture, to_planes

__all__ = ["NETS", "cubic", "quick", "span", "waifu2x"]

NETS = (
    "span_x2",
    "span_x2_int8",
    "waifu2x_photo_int8",
    "waifu2x_photo_noise3",
    "waifu2x_photo_noise3_int8",
)
SPAN_OVERLAP = 16  # px; more changes the result by less than 0.002 levels
QUICK_OVERLAP = 8  # px; for the 8-bit SPAN, whose rounding is coarser than what lies beyond
WAIFU2X_LOSS = 7  # px that the network takes away on each side; it needs no further overlap
CORE = 208  # side of a tile, px
FLAT = 2  # levels: a tile that nowhere differs more from its neighbourhood gains nothing from a net
OVERSHOOT = 80  # levels by which a net may leave the range of the 3 x 3 pixels it enlarges


def cubic(image: Rgb) -> Rgb:
    """Bicubic enlargement by two."""
    height, width = image.shape[:2]
    out = cv2.resize(image, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(out, np.uint8)


def span(image: Rgb) -> Rgb:
    """SPAN (C. Wan et al. 2024, doi:10.1109/CVPRW63382.2024.00628), for clean pictures.

    ``image`` is H x W x 3 uint8 of any size, the result 2H x 2W x 3.
    """
    out = _canvas(image)
    _run(image, list(tiles(*_sides(image), CORE)), out, "span_x2", SPAN_OVERLAP)
    return out


def waifu2x(image: Rgb, *, fast: bool) -> Rgb:
    """waifu2x upconv_7 for photographs, noise level 3: enlarges and takes JPEG artefacts away.

    Args:
        image: H x W x 3 uint8, any size.
        fast: Use the 8-bit network: three times as fast, 0.1 to 0.2 dB weaker.

    Returns:
        2H x 2W x 3 uint8.
    """
    name = "waifu2x_photo_noise3_int8" if fast else "waifu2x_photo_noise3"
    out = _canvas(image)
    _run(image, list(tiles(*_sides(image), CORE)), out, name, 0, WAIFU2X_LOSS)
    return out


def quick(image: Rgb, share: float) -> Rgb:
    """8-bit networks for large clean pictures: SPAN where the detail is, waifu2x elsewhere.

    Args:
        image: H x W x 3 uint8, any size.
        share: Share of the tiles, those with most detail, that SPAN gets, 0..1. It is 0.8 dB better
            than waifu2x and takes twice as long. Flat tiles are enlarged bicubically.

    Returns:
        2H x 2W x 3 uint8.
    """
    detail = _detail(image)
    every = list(tiles(*_sides(image), CORE))
    rough = [tile for tile in every if detail[tile.slices()].max() > FLAT]
    rough.sort(key=lambda tile: -float(np.square(detail[tile.slices()], dtype=np.float32).sum()))
    best = ceil(share * len(every))
    out = cubic(image)
    _run(image, rough[:best], out, "span_x2_int8", QUICK_OVERLAP)
    _run(image, rough[best:], out, "waifu2x_photo_int8", 0, WAIFU2X_LOSS)
    return out


def _run(image: Rgb, chosen: list[Tile], out: Rgb, name: str, overlap: int, loss: int = 0) -> None:
    """Enlarge the chosen tiles into ``out``; ``loss`` pixels on each side are given to the network."""
    if not chosen:
        return
    net = session(name, 1, arena=name.endswith("_int8"))

    def work(piece: Rgb) -> Rgb:
        result = to_picture(net.run(["enlarged"], {"image": to_planes(piece)})[0])
        rows, columns = piece.shape[:2]
        return _guarded(result, piece[loss : rows - loss, loss : columns - loss])

    wide = cv2.copyMakeBorder(image, loss, loss, loss, loss, cv2.BORDER_REPLICATE)
    map_tiles(
        np.asarray(wide, np.uint8),
        chosen,
        work,
        out,
        core=CORE,
        overlap=overlap,
        scale=2,
        border=loss,
        workers=threads(),
    )


def _sides(image: Rgb) -> tuple[int, int]:
    return image.shape[0], image.shape[1]


def _canvas(image: Rgb) -> Rgb:
    return np.empty((2 * image.shape[0], 2 * image.shape[1], 3), np.uint8)


def _guarded(result: Rgb, piece: Rgb) -> Rgb:
    """Keep each value near the range of the 3 x 3 pixels it came from: divergence does no harm."""
    kernel = np.ones((3, 3), np.uint8)
    size = (result.shape[1], result.shape[0])
    low = cv2.subtract(cv2.erode(piece, kernel), (OVERSHOOT,) * 4)
    high = cv2.add(cv2.dilate(piece, kernel), (OVERSHOOT,) * 4)
    low, high = (cv2.resize(p, size, interpolation=cv2.INTER_NEAREST) for p in (low, high))
    return np.clip(result, low, high)


def _detail(image: Rgb) -> NDArray[np.uint8]:
    """Largest difference of any channel from its 3 x 3 mean, H x W."""
    difference = cv2.absdiff(image, cv2.blur(image, (3, 3)))
    return np.asarray(difference.max(axis=2), np.uint8)
