"""The three drawn looks: cartoon, pencil, coloured pencil."""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._styles import canvas

__all__ = ["cartoon", "color_pencil", "pencil"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]


def _ink(luma: Float, sigma: float) -> Float:
    """XDoG response, 1 = paper, 0 = ink (Winnemoeller 2012, doi:10.1016/j.cag.2012.03.004)."""
    fine = cv2.GaussianBlur(luma, (0, 0), sigma)
    coarse = cv2.GaussianBlur(luma, (0, 0), sigma * 1.6)
    response = fine * 20 - coarse * 19 - 0.25
    return np.asarray(np.where(response >= 0, 1.0, 1 + np.tanh(response * 4)), np.float32)


def _seen(image: Bytes) -> Bytes:
    h, w = image.shape[:2]
    return canvas.resized(image, canvas.fit_size(w, h, 1.2))


def cartoon(image: Bytes) -> Bytes:
    """Flat colours and ink lines."""
    seen = _seen(image)
    flat = seen
    for _ in range(3):
        flat = np.asarray(cv2.bilateralFilter(flat, 9, 30, 5), np.uint8)
    ink = _ink(canvas.unit(canvas.grey(flat)), 1.2)
    drawn = canvas.unit(flat) * ink[:, :, None]
    return canvas.transfer(image, seen, np.rint(drawn * 255).clip(0, 255).astype(np.uint8))


def pencil(image: Bytes) -> Bytes:
    """Graphite on paper."""
    seen = _seen(image)
    luma = canvas.unit(canvas.grey(seen))
    dodge = np.minimum(luma / np.maximum(cv2.GaussianBlur(luma, (0, 0), 8), 1e-3), 1)
    drawn = dodge * _ink(luma, 1.0) * (0.6 + 0.4 * luma)
    out = np.rint(np.repeat(drawn[:, :, None], 3, 2) * 255).clip(0, 255).astype(np.uint8)
    return canvas.transfer(image, seen, out)


def color_pencil(image: Bytes) -> Bytes:
    """Coloured strokes on white paper."""
    seen = _seen(image)
    colour = canvas.unit(seen)
    dodge = np.minimum(colour / np.maximum(cv2.GaussianBlur(colour, (0, 0), 12), 1e-3), 1)
    drawn = dodge * 0.6 + colour * 0.4
    out = np.rint(drawn * 255).clip(0, 255).astype(np.uint8)
    return canvas.transfer(image, seen, out)
