"""Between pictures (H x W x 3 uint8) and what the networks eat ([1, 3, H, W] float32, 0..1)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._base import Rgb

__all__ = ["Planes", "as_grey_as", "to_picture", "to_planes"]

Planes = NDArray[np.float32]


def to_planes(picture: Rgb) -> Planes:
    """H x W x 3 uint8 to [1, 3, H, W] float32 0..1."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) / np.float32(255)


def to_picture(planes: Planes) -> Rgb:
    """[1, 3, H, W] to H x W x 3 uint8, rounded and clamped; NaN becomes 0."""
    # Several times as fast as the same in NumPy; a plane at a time, so that it stays in the cache.
    levels = [cv2.addWeighted(plane, 255, plane, 0, 0, dtype=cv2.CV_8U) for plane in planes[0]]
    return np.asarray(cv2.merge(levels), np.uint8)


def as_grey_as(source: Rgb, result: Rgb) -> Rgb:
    """``result`` without colour where ``source`` has none: networks tint grey pictures a little."""
    first = source[:, :, 0]
    if np.array_equal(first, source[:, :, 1]) and np.array_equal(first, source[:, :, 2]):
        grey = cv2.cvtColor(result, cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    return result
