"""The pictures that speed is measured on: soft shapes with grain, the same on every machine."""

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray


def drawn(width: int, height: int) -> NDArray[np.uint8]:
    """A picture with large areas, edges and film-like grain, RGB."""
    grid = np.random.default_rng(0).integers(30, 225, (24, 36, 3), dtype=np.uint8)
    smooth = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    grain = np.random.default_rng(1).normal(0, 6, smooth.shape).astype(np.float32)
    return np.clip(smooth + grain, 0, 255).astype(np.uint8)


def jpeg(width: int, height: int, target_bytes: int | None = None) -> bytes:
    """JPEG of it; with ``target_bytes`` the quality is chosen to come near that size."""
    pixels = drawn(width, height)
    best = b""
    for quality in (95, 92, 88, 84, 80, 75, 70, 60):
        best = simplejpeg.encode_jpeg(pixels, quality=quality, colorsubsampling="420")
        if target_bytes is None or len(best) <= target_bytes:
            break
    return best
