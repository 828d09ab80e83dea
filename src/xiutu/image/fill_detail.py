"""Large holes: solved on cells of s x s pixels, fine detail copied at full size along the same field.

The filled cells are enlarged smoothly, and what the source places have beyond their own cells' means
is added on top (in the manner of the aggregated residuals of Yi et al. 2020,
doi:10.1109/CVPR42600.2020.00753), blended between neighbouring cells so that no grid shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
Field = NDArray[np.float32]
Mask = NDArray[np.bool_]
Index = NDArray[np.int64]

_STRIP = 1 << 20


@dataclass(frozen=True)
class Cells:
    """A picture reduced by a whole factor.

    ``mean`` h x w x 3 float32: mean of the known pixels of each cell; ``known`` h x w float32: their
    share (the last cells may be cut off by the border).
    """

    size: int
    mean: Field
    known: Field


def reduce(picture: Rgb, hole: Mask, size: int) -> Cells:
    """Cells of ``size`` x ``size`` pixels of ``picture`` (H x W x 3 uint8)."""
    height, width = hole.shape
    rows, columns = -(-height // size), -(-width // size)
    total = np.empty((rows, columns, 3), dtype=np.float32)
    count = np.empty((rows, columns), dtype=np.float32)
    full = np.empty((rows, columns), dtype=np.float32)
    across = np.arange(0, width, size)
    for row in range(rows):
        part = slice(row * size, min(height, (row + 1) * size))
        known = ~hole[part]
        values = (picture[part] * known[:, :, None]).sum(axis=0, dtype=np.float32)
        total[row] = np.add.reduceat(values, across, axis=0)
        count[row] = np.add.reduceat(known.sum(axis=0, dtype=np.float32), across)
        full[row] = np.add.reduceat(np.full(width, known.shape[0], np.float32), across)
    mean: Field = np.divide(total, np.maximum(count, 1)[:, :, None], dtype=np.float32)
    return Cells(size, mean, np.divide(count, full, dtype=np.float32))


def enlarge(cells: Field, size: int, first: int, last: int, width: int) -> Field:
    """Rows of cells ``first`` .. ``last`` (excluded) at full size, linear between cell centres."""
    if size == 1:
        return cells[first:last]
    ends = (int(first == 0), int(last == cells.shape[0]))
    padded = np.pad(cells[max(0, first - 1) : last + 1], (ends, (1, 1), (0, 0)), "edge")
    target = (padded.shape[1] * size, padded.shape[0] * size)
    grown = np.asarray(cv2.resize(padded, target, interpolation=cv2.INTER_LINEAR))
    grown = grown.reshape(target[1], target[0], cells.shape[2])
    return np.asarray(grown[size:-size, size : size + width], dtype=np.float32)


class Detail:
    """What copied cells show beyond their means.

    ``picture`` H x W x 3 uint8; ``plain`` h x w x 3: its cells (holes: any guess); ``share`` h x w:
    how much detail to show; ``origin`` h x w: the flat cell each cell is copied from, -1 for none.
    """

    def __init__(self, picture: Rgb, plain: Field, share: Field, origin: Index, size: int) -> None:
        self.share, self.origin, self.size = share[:, :, None], origin, size
        self.residual: NDArray[np.int16] = np.empty((*picture.shape[:2], 3), dtype=np.int16)
        for top, bottom, cells in _strips(plain, picture.shape[:2], size):
            self.residual[top:bottom] = np.rint(picture[top:bottom] - cells)

    def at(self, row: Index, column: Index) -> Field:
        """Detail for pixels, N x 3, blended from the sources of the four nearest cells."""
        height, width = self.residual.shape[:2]
        rows, columns = self.origin.shape
        y, x = (row + 0.5) / self.size - 0.5, (column + 0.5) / self.size - 0.5
        up, left = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
        total = np.zeros((row.size, 3), dtype=np.float32)
        sums = np.full(row.size, 1e-6, dtype=np.float32)
        for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
            weight = (1 - np.abs(y - up - dy)) * (1 - np.abs(x - left - dx))
            i, j = np.clip(up + dy, 0, rows - 1), np.clip(left + dx, 0, columns - 1)
            source = self.origin[i, j]
            there, across = np.divmod(source, columns)
            share = np.where(source >= 0, weight, 0).astype(np.float32)
            r = np.clip(row + (there - i) * self.size, 0, height - 1)
            c = np.clip(column + (across - j) * self.size, 0, width - 1)
            total += share[:, None] * self.residual[r, c]
            sums += share
        out: Field = total / sums[:, None]
        return out


def write_hole(
    picture: Rgb, hole: Mask, shown: Field, size: int, detail: Detail | None = None
) -> None:
    """Write the pixels of ``hole`` (H x W bool) of ``picture`` (H x W x 3 uint8) in place.

    ``shown`` h x w x 3 float32: filled cells of ``size`` x ``size`` pixels.
    """
    for top, bottom, cells in _strips(shown, hole.shape, size):
        part = hole[top:bottom]
        if not part.any():
            continue
        base = cells[part]
        if detail is not None:
            row, column = np.nonzero(part)
            first, last = top // size, -(-bottom // size)
            share = enlarge(detail.share, size, first, last, hole.shape[1])[: bottom - top]
            base += share[part] * detail.at(row + top, column)
        picture[top:bottom][part] = np.clip(np.rint(base), 0, 255).astype(np.uint8)


def _strips(cells: Field, shape: tuple[int, ...], size: int) -> Iterator[tuple[int, int, Field]]:
    """``cells`` at full size in strips of bounded memory: first row, end row, pixels."""
    step = max(1, _STRIP // (shape[1] * size))
    for first in range(0, cells.shape[0], step):
        last = min(cells.shape[0], first + step)
        top, bottom = first * size, min(shape[0], last * size)
        yield top, bottom, enlarge(cells, size, first, last, shape[1])[: bottom - top]
