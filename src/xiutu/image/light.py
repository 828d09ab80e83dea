"""sRGB transfer curve and luma, by table where the input is 8 bit.

Source: IEC 61966-2-1 (sRGB), ITU-R BT.601 (luma weights).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["decode_srgb", "encode_srgb", "luma", "to_linear", "to_srgb"]

_STEPS = 1 << 14
"""Steps of the linear-to-sRGB table, on the square root of light so that shadows are resolved."""


def decode_srgb(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light 0..1 of sRGB values 0..1, any shape."""
    high = ((np.maximum(x, 0) + 0.055) / 1.055) ** 2.4
    return np.where(x <= 0.04045, x / 12.92, high).astype(np.float32)


def encode_srgb(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """sRGB values 0..1 of linear light 0..1, any shape; inverse of ``decode_srgb``."""
    high = 1.055 * np.maximum(x, 0) ** (1 / 2.4) - 0.055
    return np.where(x <= 0.0031308, x * 12.92, high).astype(np.float32)


_TO_LINEAR = decode_srgb(np.linspace(0, 1, 256, dtype=np.float32))
_ROOT = np.linspace(0, 1, _STEPS, dtype=np.float32)
_TO_SRGB = np.rint(255 * encode_srgb(_ROOT**2)).astype(np.uint8)


def to_linear(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear light 0..1 (float32) of 8-bit sRGB, any shape."""
    return _TO_LINEAR[rgb]


def to_srgb(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """8-bit sRGB of linear light, clipped to 0..1; exact inverse of ``to_linear``."""
    root = np.sqrt(np.clip(linear, 0, 1))
    root *= _STEPS - 1
    root += 0.5
    return _TO_SRGB[root.astype(np.uint16)]


def luma(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """BT.601 luma 0..1 (float32, H x W) of 8-bit sRGB H x W x 3."""
    weights = np.array([[0.299, 0.587, 0.114]], np.float32) / np.float32(255)
    grey = cv2.transform(rgb.astype(np.float32), weights)
    return np.asarray(grey, np.float32).reshape(rgb.shape[:2])
