"""How a picture becomes the square a network looks at, and the further views it learns from."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["VIEWS", "squashed", "views"]

VIEWS = 4
"""Views of a picture that is learnt from: as it is, mirrored, and two crops."""

_CROPS = ((0.0, 0.25), (1.0, 0.75))
"""Where the two crops lie along each axis (0: at the start, 1: at the end); fixed, so that features
can be kept and a training gives the same model twice."""

_CROP = 0.82  # of each side


def squashed(rgb: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The whole picture at ``width`` x ``height``, its aspect ratio given up: nothing at the border is
    lost, and a network that was trained on random crops does not mind.

    Pillow's bilinear filter with support scaled to the reduction: everybody who exports a model can do
    just the same.
    """
    image = Image.fromarray(rgb).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.uint8)


def views(rgb: NDArray[np.uint8], side: int, count: int) -> Iterator[NDArray[np.uint8]]:
    """The first ``count`` views, each ``side`` x ``side`` x 3 uint8."""
    plain = squashed(rgb, side, side)
    yield plain
    if count > 1:
        yield np.ascontiguousarray(plain[:, ::-1])
    height, width = rgb.shape[:2]
    high, wide = max(1, round(height * _CROP)), max(1, round(width * _CROP))
    for number, (down, right) in enumerate(_CROPS[: max(0, count - 2)]):
        top, left = round((height - high) * down), round((width - wide) * right)
        crop = squashed(np.ascontiguousarray(rgb[top : top + high, left : left + wide]), side, side)
        yield np.ascontiguousarray(crop[:, ::-1]) if number % 2 else crop
