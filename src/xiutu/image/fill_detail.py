"""Large holes: solved on cells of s x s pixels, fine detail copied at full size along the same field.

The filled cells are enlarged smoothly, and what the source places have beyond their own cells' means
is added on top (in the manner of the aggregated residuals of Yi et al. 2020,
doi:10.1109/CVPR42600.2020.00753), blended between neighbouring cells so that no grid shows.
"""

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
    mean = total / np.maximum(count, 1)[:, :, None]
    return Cells(size, mean, count / full)


def enlarge(cells: Field, size: int, first: int, last: int, width: int) -> Field:
    """Rows of cells ``first`` .. ``last`` (excluded) at full size, linear between cell centres."""
    padded = np.pad(
        cells[max(0, first - 1) : last + 1],
        ((first == 0, last == len(cells)), (1, 1), (0, 0)),
        "edge",
    )
    target = (padded.shape[1] * size, padded.shape[0] * size)
    grown = cv2.resize(padded, target, interpolation=cv2.INTER_LINEAR)
    grown = grown.reshape(target[1], target[0], -1)
    return np.asarray(grown[size:-size, size : size + width], dtype=np.float32)


def write_hole(
    picture: Rgb, hole: Mask, shown: Field, plain: Field, share: Field, origin: Index, size: int
) -> None:
    """Write the hole's pixels of ``picture`` (H x W x 3 uint8) in place.

    ``shown`` h x w x 3: filled cells; ``plain`` h x w x 3: cells as they were (holes: any guess);
    ``share`` h x w: how much detail to show; ``origin`` h x w: flat cell each cell is copied from, -1
    for none. ``hole`` may be part of a larger one: unknown pixels are never copied from.
    """
    height, width = hole.shape
    rows = shown.shape[0]
    step = max(1, _STRIP // max(1, width * size))
    residual = _residual(picture, plain, size)
    for first in range(0, rows, step):
        last = min(rows, first + step)
        top, bottom = first * size, min(height, last * size)
        part = hole[top:bottom]
        if not part.any():
            continue
        base = enlarge(shown, size, first, last, width)[: bottom - top][part]
        amount = enlarge(share[:, :, None], size, first, last, width)[: bottom - top][part]
        at = np.nonzero(part)
        base += amount * _detail(residual, origin, at[0] + top, at[1], size)
        picture[top:bottom][part] = np.clip(np.rint(base), 0, 255).astype(np.uint8)


def _residual(picture: Rgb, plain: Field, size: int) -> NDArray[np.int16]:
    """Picture minus its enlarged cells, H x W x 3."""
    height, width = picture.shape[:2]
    out = np.empty(picture.shape, dtype=np.int16)
    step = max(1, _STRIP // max(1, width * size))
    for first in range(0, plain.shape[0], step):
        last = min(plain.shape[0], first + step)
        top, bottom = first * size, min(height, last * size)
        smooth = enlarge(plain, size, first, last, width)[: bottom - top]
        out[top:bottom] = np.rint(picture[top:bottom] - smooth)
    return out


def _detail(
    residual: NDArray[np.int16], origin: Index, row: Index, column: Index, size: int
) -> Field:
    """Detail for pixels (``row``, ``column``), blended from the four nearest cells' sources."""
    height, width = residual.shape[:2]
    rows, columns = origin.shape
    y, x = (row + 0.5) / size - 0.5, (column + 0.5) / size - 0.5
    up, left = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    total = np.zeros((row.size, 3), dtype=np.float32)
    sums = np.full(row.size, 1e-6, dtype=np.float32)
    for dy in (0, 1):
        for dx in (0, 1):
            i, j = up + dy, left + dx
            weight = (1 - np.abs(y - i)) * (1 - np.abs(x - j))
            i, j = np.clip(i, 0, rows - 1), np.clip(j, 0, columns - 1)
            there, across = np.divmod(origin[i, j], columns)
            weight = np.where(origin[i, j] >= 0, weight, 0).astype(np.float32)
            r = np.clip(row + (there - i) * size, 0, height - 1)
            c = np.clip(column + (across - j) * size, 0, width - 1)
            total += weight[:, None] * residual[r, c]
            sums += weight
    out: Field = total / sums[:, None]
    return out
