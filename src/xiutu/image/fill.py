"""Filling of holes in pictures of any size.

Each group of hole pixels is filled in a window around it: a harmonic membrane as the safe guess
(``poisson``), structure and texture copied from the surroundings (``fill_structure``), the copies
joined without seams (``fill_seams``), membrane and copy balanced (``fill_balance``). Holes of many
pixels are solved on cells of a bounded number and their fine detail is copied afterwards
(``fill_detail``), so time and memory stay bounded.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.fill_balance import REACH, balance
from xiutu.image.fill_detail import Detail, reduce, write_hole
from xiutu.image.fill_seams import seamless
from xiutu.image.fill_structure import fill_structure
from xiutu.image.poisson import harmonic

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]

MOST_CELLS = 80_000
"""Hole cells solved in one call."""
MOST_AROUND = 700_000
"""Cells of all windows together."""
MOST_GROUPS = 16
_MARGIN = 48
_SPECK = 6
_BLOCKS = 600


@dataclass(frozen=True)
class Window:
    """Part of the picture that one group of hole pixels is filled from.

    ``labels`` names the group of every block of ``block`` x ``block`` pixels of the whole picture.
    """

    rows: slice
    columns: slice
    group: int
    labels: NDArray[np.int32]
    block: int

    @property
    def area(self) -> int:
        return (self.rows.stop - self.rows.start) * (self.columns.stop - self.columns.start)

    def own(self) -> Mask:
        """The window's pixels that lie in blocks of its group."""
        row = np.arange(self.rows.start, self.rows.stop) // self.block
        column = np.arange(self.columns.start, self.columns.stop) // self.block
        return np.asarray(self.labels[row[:, None], column] == self.group)


def fill_hole(image: Rgb, mask: Mask, boldness: float = 0.0) -> Rgb:
    """Return a copy of ``image`` (H x W x 3 uint8) with the pixels of ``mask`` (H x W) filled.

    Other pixels are kept exactly. With nothing known the result is mid grey. Deterministic.
    ``boldness`` 0..1: how much doubtful content is shown, see ``fill_balance``.
    """
    out = image.copy()
    if not mask.any():
        return out
    if mask.all():
        out[:] = 128
        return out
    windows = _windows(mask)
    cells = np.count_nonzero(mask) / MOST_CELLS
    around = sum(window.area for window in windows) / MOST_AROUND
    size = int(np.ceil(np.sqrt(max(1.0, cells, around))))
    for window in windows:
        part = (window.rows, window.columns)
        _fill_window(out[part], mask[part] & window.own(), mask[part], size, boldness)
    return out


def _fill_window(picture: Rgb, hole: Mask, unknown: Mask, size: int, boldness: float) -> None:
    """Fill ``hole`` of ``picture`` in place; ``unknown`` are the pixels of all groups' holes."""
    cells = reduce(picture, unknown, size)
    smooth = harmonic(cells.mean, cells.known == 0)
    todo = _touched(hole, size)
    enough = np.count_nonzero(hole) > _SPECK
    usable = cells.known >= 1
    field = fill_structure(smooth, todo, usable, 1, boldness) if enough else None
    if field is None:
        write_hole(picture, hole, smooth, size)
        return
    origin = np.arange(todo.size).reshape(todo.shape)
    origin.ravel()[field.holes] = field.sources_of_holes()
    copied = seamless(field.picture(), todo, origin, usable)
    shown, share = balance(copied, smooth, todo, field.mismatch(REACH), boldness)
    origin[~todo] = -1
    detail = Detail(picture, smooth, share, origin, size) if size > 1 else None
    write_hole(picture, hole, shown, size, detail)


def _touched(hole: Mask, size: int) -> Mask:
    """Cells that hold any pixel of ``hole``."""
    if size == 1:
        return hole
    rows = np.logical_or.reduceat(hole, np.arange(0, hole.shape[0], size), axis=0)
    return np.asarray(np.logical_or.reduceat(rows, np.arange(0, hole.shape[1], size), axis=1))


def _windows(mask: Mask) -> list[Window]:
    """A window for each group of the hole's pixels; near pieces are one group."""
    block = max(1, max(mask.shape) // _BLOCKS)
    coarse = _touched(mask, block).astype(np.uint8)
    near = 2
    while True:
        box = np.ones((2 * near + 1, 2 * near + 1), dtype=np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            cv2.dilate(coarse, box), connectivity=8, ltype=cv2.CV_32S
        )
        if count - 1 <= MOST_GROUPS:
            break
        near *= 2
    found = np.asarray(labels, dtype=np.int32)
    windows = []
    for group in range(1, count):
        left, top, wide, high = (int(value) * block for value in stats[group, :4])
        margin = max(_MARGIN, wide, high)
        rows = slice(max(0, top - margin), min(mask.shape[0], top + high + margin))
        columns = slice(max(0, left - margin), min(mask.shape[1], left + wide + margin))
        windows.append(Window(rows, columns, group, found, block))
    return windows
