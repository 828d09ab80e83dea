"""Takes JPEG artefacts away: the net ``definition``, trained by this project, tile by tile.

Twelve convolutions of 64 channels at half the size, begun as a thinned-out FFDNet, with a residual
block after every other one. It need not be told quality, grid or chroma subsampling;
``training/image_definition_enhance.py`` says how it was trained.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from xiutu.models import quick_session, threads
from xiutu.operators._base import Rgb
from xiutu.operators._nets.planes import Planes, as_grey_as, to_planes

__all__ = ["restore"]

NETS = ("definition", "definition_int8")
STEP = 2  # sides of a window must be multiples of it, px
OVERLAP = 40  # px beyond a tile's own: the net's reach, and half of CALM
MARGIN = 16  # px of repeated border: the net, which pads with black, would darken it
CALM = 33  # px, side of the window in which brightness and colour are kept in the mean
TILE = 456  # largest side of a tile, px: bounds the memory
SMOOTH = (5, 10.0, 2.0)  # window px, levels, px of the bilateral filter where the net does not come

Place = tuple[slice, slice, slice, slice]


def restore(image: Rgb, *, most: int | None = None, exact: bool = False) -> Rgb:
    """The picture without coding artefacts; a clean one hardly changes.

    Args:
        image: H x W x 3 uint8, any size.
        most: Pixels for the network, those in the tiles with most detail; blocks elsewhere, in skies
            and the like, are smoothed (bilateral filter).
        exact: 32 bits rather than 8 on processors that cannot do 16.

    Returns:
        H x W x 3 uint8.
    """
    height, width = image.shape[:2]
    net = quick_session(NETS[0], None if exact else NETS[1])
    below, right = -height % STEP, -width % STEP
    sides = (MARGIN, MARGIN + below, MARGIN, MARGIN + right)
    whole = cv2.copyMakeBorder(image, *sides, cv2.BORDER_REPLICATE)
    out = np.empty(whole.shape, np.uint8)

    def cleared(piece: Rgb) -> Rgb:
        return _levelled(net.run(["restored"], {"image": to_planes(piece)})[0], piece)

    def work(job: tuple[Place, Callable[[Rgb], Rgb]]) -> None:
        (y, x, wide_y, wide_x), function = job
        result = function(np.asarray(whole[wide_y, wide_x], np.uint8))
        top, left = y.start - wide_y.start, x.start - wide_x.start
        out[y, x] = result[top : top + y.stop - y.start, left : left + x.stop - x.start]

    first, others = _shared_out(np.asarray(whole, np.uint8), most)
    with ThreadPoolExecutor(threads()) as pool:
        jobs = [(place, cleared) for place in first] + [(place, _smoothed) for place in others]
        list(pool.map(work, jobs))
    inside = out[MARGIN : MARGIN + height, MARGIN : MARGIN + width]
    return as_grey_as(image, np.ascontiguousarray(inside))


def _shared_out(image: Rgb, most: int | None) -> tuple[list[Place], list[Place]]:
    """Tiles for the net, and those that do without, where it may see ``most`` pixels only."""
    places = list(_places(*image.shape[:2]))
    if most is None or most >= image.shape[0] * image.shape[1]:
        return places, []
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    detail = np.asarray(cv2.absdiff(grey, cv2.blur(grey, (3, 3))), np.uint8)
    places.sort(key=lambda place: -float(detail[place[:2]].mean()))
    areas = [(y.stop - y.start) * (x.stop - x.start) for y, x, _, _ in places]
    count = int(np.searchsorted(np.cumsum(areas), most, side="right"))
    return places[:count], places[count:]


def _smoothed(piece: Rgb) -> Rgb:
    return np.asarray(cv2.bilateralFilter(piece, *SMOOTH), np.uint8)


def _levelled(planes: Planes, source: Rgb) -> Rgb:
    """The net's output with the local brightness and colour of its input, as in its training.

    Coding keeps these, while 8-bit weights shift them a little.
    """
    change = planes[0].transpose(1, 2, 0) * np.float32(255) - source
    change = np.nan_to_num(change, nan=0.0)
    change -= cv2.blur(change, (CALM, CALM), borderType=cv2.BORDER_REFLECT)
    return np.clip(np.rint(change + source), 0, 255).astype(np.uint8)


def _places(height: int, width: int) -> Iterator[Place]:
    """Tiles of nearly one size and the windows round them, on the net's grid.

    Rectangles that share the picture evenly need less overlap than squares whose last row would be
    shifted inwards; onnxruntime keeps no memory between runs here, so shapes may differ.
    """
    columns = list(_spans(width))
    for y, wide_y in _spans(height):
        for x, wide_x in columns:
            yield y, x, wide_y, wide_x


def _spans(length: int) -> Iterator[tuple[slice, slice]]:
    count = -(-length // TILE)
    core = -(-length // count // STEP) * STEP
    for begin in range(0, length, core):
        end = min(begin + core, length)
        yield slice(begin, end), slice(max(begin - OVERLAP, 0), min(end + OVERLAP, length))
