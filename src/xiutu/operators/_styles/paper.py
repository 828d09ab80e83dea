"""Paper grain and pencil hatching as periodic tiles, fine at any size of picture.

Tiles are filtered noise made in the frequency domain, so they repeat without a seam; values are
uint8 ranks (any threshold t is exceeded by the share 1 - t/255 of the pixels).
"""

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["grain", "hatch", "rows_of", "scale_of"]

Bytes = NDArray[np.uint8]


def scale_of(height: int, width: int) -> float:
    """How much larger than a 1.5-megapixel sheet the picture is (1 or more)."""
    return max(1.0, math.sqrt(height * width / 1.5e6))


@lru_cache(maxsize=4)
def grain(size: float) -> Bytes:
    """Tooth of the paper, bumps of about ``size`` px; 512 x 512."""
    return _tile(512, size * 0.35, size * 0.35, 0.0, 5)


@lru_cache(maxsize=4)
def hatch(degrees: float, size: float, seed: int) -> Bytes:
    """Parallel strokes about ``size`` px wide, ``degrees`` from level; 1024 or 2048 px square."""
    side = 1024 if size <= 4 else 2048
    return _tile(side, size * 9, size * 0.4, degrees, seed)


def rows_of(tile: Bytes, rows: slice, width: int) -> Bytes:
    """The tile repeated over rows ``rows`` of a picture ``width`` px wide."""
    side = tile.shape[0]
    band = tile[np.arange(rows.start, rows.stop) % side]
    return np.tile(band, (1, -(-width // side)))[:, :width]


def _tile(side: int, long: float, short: float, degrees: float, seed: int) -> Bytes:
    """Noise blurred by an elongated Gaussian of deviations ``long`` and ``short`` px, as ranks."""
    noise = np.random.default_rng(seed).standard_normal((side, side)).astype(np.float32)
    frequency = np.fft.fftfreq(side).astype(np.float32)
    fx, fy = frequency[None, :], frequency[:, None]
    c, s = math.cos(math.radians(degrees)), -math.sin(math.radians(degrees))
    along, across = fx * c + fy * s, fy * c - fx * s
    power = (along * long) ** 2 + (across * short) ** 2
    kernel = np.exp(np.float32(-2 * math.pi**2) * power).astype(np.float32)
    spectrum = cv2.dft(noise, flags=cv2.DFT_COMPLEX_OUTPUT) * kernel[:, :, None]
    field = cv2.dft(spectrum, flags=cv2.DFT_INVERSE | cv2.DFT_REAL_OUTPUT | cv2.DFT_SCALE)
    field = (field - field.mean()) / (field.std() + 1e-9)
    ranks = 255 / (1 + np.exp(np.float32(-1.702) * field))
    tile = np.rint(ranks).astype(np.uint8)
    tile.setflags(write=False)
    return tile
