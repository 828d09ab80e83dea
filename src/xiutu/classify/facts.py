"""A picture's facts when it comes in: can it be read, how large is it, what does it look like?"""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xiutu.image.decode import decode
from xiutu.image.header import read_header
from xiutu.image.limits import Limits

__all__ = ["LIMITS", "Facts", "examine", "fingerprint", "thumbnail"]

LIMITS = Limits(
    formats=frozenset({"jpeg", "png", "bmp", "webp", "gif", "tiff"}),
    max_base64=64 * 1024 * 1024,
    max_pixels=100_000_000,
)
"""For pictures to train on; those that are called with have the documented limits of the interface."""


@dataclass(frozen=True)
class Facts:
    """Upright sides in pixels, and the perceptual hash as a signed 64-bit number."""

    width: int
    height: int
    fingerprint: int


def examine(data: bytes) -> Facts:
    """Decode a picture and look at it. Raises the picture errors of ``xiutu.errors``."""
    header = read_header(data)
    LIMITS.check(header)
    picture = decode(data, header)
    return Facts(*picture.size, fingerprint(picture.rgb))


def fingerprint(rgb: NDArray[np.uint8]) -> int:
    """64-bit perceptual hash: signs of the lowest 8 x 8 cosine coefficients (without the mean)
    against their median. Equal for re-encoded and resized copies, a few bits apart for slight edits.

    Zauner: Implementation and Benchmarking of Perceptual Image Hash Functions, 2010 (pHash).
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return int(np.packbits(bits).view(">i8")[0])


def thumbnail(data: bytes, side: int = 160) -> bytes:
    """A small JPEG, ``side`` pixels at most. Raises the picture errors of ``xiutu.errors``."""
    header = read_header(data)
    LIMITS.check(header)
    image = Image.fromarray(decode(data, header).rgb)
    image.thumbnail((side, side), Image.Resampling.BOX)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()
