"""The one picture convention inside xiutu."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Picture"]


@dataclass(frozen=True)
class Picture:
    """A decoded picture: sRGB, upright, 8 bit.

    ``rgb``: H x W x 3 uint8, C-contiguous. ``alpha``: H x W uint8, or None when opaque. ``format``: what
    it was decoded from (``jpeg``, ``png``, ``bmp``, ``webp``, ``gif``, ``tiff`` or ``raw``).
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    format: str = "raw"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.rgb.shape[:2]
        return width, height
