"""Networks that double a picture's sides, run in tiles, with a guard against divergence."""

from collections.abc import Callable
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.tiles import Tile, fitting, map_tiles, tiles
from xiutu.models import Runs, quick_session, session, threads
from xiutu.operators._base import Rgb
from xiutu.operators._nets.planes import Planes, to_picture, to_planes

__all__ = ["NETS", "cubic", "quick", "span", "waifu2x"]

NETS = ("span_x2", "span_x2_int8", "waifu2x_photo_noise3")
SPAN_OVERLAP = 16  # px; more changes the result by less than 0.002 levels
QUICK_OVERLAP = 8  # px; for SPAN in fewer bits, whose rounding is coarser than what lies beyond
# Px repeated round the picture for ``enlarge``, which takes what is beyond for black
OWN_BORDER = 12
WAIFU2X_BORDER = 7  # px on each side that waifu2x takes away; it needs no further overlap
# Sides that a tile may have, px: few, and small, for the memory of shapes; larger ones are not faster
CORES = (128, 160)
FLAT = 2  # levels: a tile that nowhere differs more from its neighbourhood gains nothing from a net
OVERSHOOT = 80  # levels by which a net may leave the range of the 3 x 3 pixels it enlarges

Net = Callable[[Planes], Planes]


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
    net = _calls(session("span_x2", 1))
    core = _core(image, SPAN_OVERLAP)
    _run(image, list(tiles(*_sides(image), core)), out, net, core, SPAN_OVERLAP)
    return out


def waifu2x(image: Rgb) -> Rgb:
    """waifu2x upconv_7 for photographs, noise level 3: enlarges and takes JPEG artefacts away.

    ``image`` is H x W x 3 uint8 of any size, the result 2H x 2W x 3.
    """
    out, net = _canvas(image), _calls(quick_session("waifu2x_photo_noise3"))
    core = _core(image, 0)
    _run(image, list(tiles(*_sides(image), core)), out, net, core, 0, WAIFU2X_BORDER)
    return out


def quick(image: Rgb, share: float) -> Rgb:
    """For large clean pictures: SPAN where the detail is, a net of this project elsewhere.

    Args:
        image: H x W x 3 uint8, any size.
        share: Share of the tiles, those with most detail, that SPAN gets, 0..1. It is 0.7 dB better
            than ``enlarge`` and takes six times as long. Flat tiles are enlarged bicubically.

    Returns:
        2H x 2W x 3 uint8.
    """
    detail, core = _detail(image), _core(image, QUICK_OVERLAP)
    every = list(tiles(*_sides(image), core))
    rough = [tile for tile in every if detail[tile.slices()].max() > FLAT]
    rough.sort(key=lambda tile: -float(np.square(detail[tile.slices()], dtype=np.float32).sum()))
    best = ceil(share * len(every))
    out = cubic(image)
    if rough[:best]:
        span_net = quick_session("span_x2", "span_x2_int8", arena=True)
        _run(image, rough[:best], out, _calls(span_net), core, QUICK_OVERLAP)
    if rough[best:]:
        own = _calls(quick_session("enlarge"))
        _run(image, rough[best:], out, _on_even_sides(own), core, 0, OWN_BORDER)
    return out


def _calls(opened: Runs) -> Net:
    return lambda planes: np.asarray(opened.run(["enlarged"], {"image": planes})[0], np.float32)


def _on_even_sides(net: Net) -> Net:
    """``net``, which works at half the size, for pictures of any."""

    def padded(planes: Planes) -> Planes:
        height, width = planes.shape[2:]
        wide = np.pad(planes, ((0, 0), (0, 0), (0, height % 2), (0, width % 2)), "edge")
        return net(wide)[:, :, : 2 * height, : 2 * width]

    return padded


def _run(
    image: Rgb,
    chosen: list[Tile],
    out: Rgb,
    net: Net,
    core: int,
    overlap: int,
    border: int = 0,
) -> None:
    """Enlarge the chosen tiles into ``out``; ``border`` pixels are repeated round the picture."""

    def work(piece: Rgb) -> Rgb:
        result = to_picture(net(to_planes(piece)))
        rows, columns = (side - 2 * border for side in piece.shape[:2])
        left = (result.shape[0] - 2 * rows) // 2  # of the border; some nets take it away
        result = result[left : left + 2 * rows, left : left + 2 * columns]
        return _guarded(result, piece[border : border + rows, border : border + columns])

    wide = cv2.copyMakeBorder(image, border, border, border, border, cv2.BORDER_REPLICATE)
    map_tiles(
        np.asarray(wide, np.uint8),
        chosen,
        work,
        out,
        core=core,
        overlap=overlap,
        scale=2,
        border=border,
        workers=threads(),
    )


def _core(image: Rgb, overlap: int) -> int:
    return fitting(*_sides(image), CORES, overlap)


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
