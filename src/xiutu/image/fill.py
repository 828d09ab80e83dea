"""Filling of holes in pictures of any size."""

import numpy as np
from numpy.typing import NDArray

from xiutu.image.poisson import harmonic

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def fill_hole(image: Rgb, mask: Mask) -> Rgb:
    """Return a copy of ``image`` (H x W x 3 uint8) with the pixels of ``mask`` (H x W) filled."""
    out = image.copy()
    if not mask.any():
        return out
    if mask.all():
        out[:] = 128
        return out
    height, width = mask.shape
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom = max(0, rows[0] - 8), min(height, rows[-1] + 9)
    left, right = max(0, cols[0] - 8), min(width, cols[-1] + 9)
    part, hole = out[top:bottom, left:right], mask[top:bottom, left:right]
    smooth = harmonic(part.astype(np.float32), hole)
    part[hole] = np.rint(smooth[hole]).astype(np.uint8)
    return out
