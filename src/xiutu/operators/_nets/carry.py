"""What was cleaned at half size, moved to full size.

The finest detail is only there at full size, together with the finest texture of a screen. How much of
it is a picture's own follows from the cleaned picture: in scenes and in text, detail is weaker than
the next coarser band (D. J. Field, JOSA A 1987, doi:10.1364/JOSAA.4.002379). Detail above that share
is reduced to it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.bands import in_bands
from xiutu.image.guided import box_mean, enlarge_rows
from xiutu.models import threads
from xiutu.operators._base import Rgb

__all__ = ["carried", "halved"]

BAND = 64  # rows of the half-size picture worked on at a time, by each thread
SHARE = 0.6  # of the energy of the next coarser band that detail may have
FLOOR = 0.3  # energy of detail that is let through anywhere, levels squared
RADIUS = 4  # of the windows energies are taken over, px at half size

Float = NDArray[np.float32]


def halved(image: Rgb) -> Rgb:
    """Means of 2 x 2 pixels; the sides must be even."""
    size = (image.shape[1] // 2, image.shape[0] // 2)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def carried(image: Rgb, small: Rgb, cleaned: Rgb) -> Rgb:
    """``image`` as clean as ``cleaned`` is.

    Args:
        image: 2h x 2w x 3 uint8.
        small: h x w x 3 uint8, ``image`` at half size.
        cleaned: h x w x 3 uint8, what became of ``small``.

    Returns:
        2h x 2w x 3 uint8.
    """
    height = image.shape[0]
    before, after = small.astype(np.float32), cleaned.astype(np.float32)
    energy = np.empty(small.shape[:2], np.float32)
    out = np.empty_like(image)

    def detail(top: int, bottom: int) -> Float:
        return image[top:bottom] - enlarge_rows(before, top, bottom, height, image.shape[1])

    def weigh(top: int, bottom: int) -> None:
        square = np.square(detail(2 * top, 2 * bottom)).mean(axis=2)
        size = (small.shape[1], bottom - top)
        energy[top:bottom] = cv2.resize(square, size, interpolation=cv2.INTER_AREA)

    in_bands(weigh, small.shape[0], BAND, threads())
    gain = _gain(after, energy)

    def put(top: int, bottom: int) -> None:
        span = (2 * top, 2 * bottom, height, image.shape[1])
        result = enlarge_rows(after, *span)
        result += enlarge_rows(gain, *span)[:, :, None] * detail(2 * top, 2 * bottom)
        out[2 * top : 2 * bottom] = np.rint(result.clip(0, 255))

    in_bands(put, small.shape[0], BAND, threads())
    return out


def _gain(cleaned: Float, energy: Float) -> Float:
    """Factor 0..1 for the detail, whose ``energy`` is h x w, beside the cleaned picture's finest band."""
    grey = cleaned.mean(axis=2)
    band = grey - cv2.GaussianBlur(grey, (0, 0), 1.0)
    allowed = SHARE * box_mean(np.square(band), RADIUS) + FLOOR
    return np.sqrt(np.minimum(allowed / (box_mean(energy, RADIUS) + FLOOR), 1)).astype(np.float32)
