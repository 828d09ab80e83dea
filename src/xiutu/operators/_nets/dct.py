"""JPEG's arithmetic: the discrete cosine transform of blocks of 8 x 8, and its quantisation steps."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["basis", "blocks", "steps"]

Float = NDArray[np.float32]

# Annex K luminance table of ITU-T T.81, quality 50 of libjpeg
_TABLE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)


@cache
def basis() -> Float:
    """The orthonormal 8-point DCT, 8 x 8: a row for each frequency."""
    k, n = np.mgrid[:8, :8]
    found = np.cos(np.pi * (2 * n + 1) * k / 16) / 2
    found[0] /= 2**0.5
    return found.astype(np.float32)


def blocks(plane: Float) -> Float:
    """The whole blocks of H x W, H // 8 x W // 8 x 8 x 8."""
    height, width = plane.shape[0] // 8, plane.shape[1] // 8
    whole = plane[: height * 8, : width * 8]
    return whole.reshape(height, 8, width, 8).transpose(0, 2, 1, 3)


@cache
def steps(quality: int) -> Float:
    """Steps of the luminance coefficients at a libjpeg quality of 1..100, 8 x 8, levels."""
    factor = 5000 / quality if quality < 50 else 200 - 2 * quality
    return np.clip((_TABLE * factor + 50) // 100, 1, 255).astype(np.float32)
