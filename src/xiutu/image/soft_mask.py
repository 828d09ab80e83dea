"""Grey masks as people paint and save them: what is to go, what stays, and the soft edge between."""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.fill import fill_hole
from xiutu.image.picture import Picture

__all__ = ["blended_fill", "grey_of", "share_of"]

Grey = NDArray[np.uint8]
Rgb = NDArray[np.uint8]
Share = NDArray[np.float32]

BLACK = 16
"""Greys up to here are black: JPEG leaves such specks in what was painted black."""
WHITE = 128
"""Greys from here on are white (contract A-85); between the two is the soft edge."""


def grey_of(picture: Picture) -> Grey:
    """H x W brightness of a mask picture; where it is transparent nothing was painted."""
    grey = np.asarray(cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    if picture.alpha is None:
        return grey
    return np.rint(grey * (picture.alpha / np.float32(255))).astype(np.uint8)


def share_of(mask: Grey) -> Share:
    """How much of each pixel is to be replaced, 0..1 (H x W float32)."""
    share: Share = np.clip((mask.astype(np.float32) - BLACK) / (WHITE - BLACK), 0, 1)
    return share


def blended_fill(image: Rgb, mask: Grey, boldness: float = 0.0) -> Rgb:
    """Fill what ``mask`` (H x W uint8) shows white and blend over its greys; black is kept exactly.

    Greys are filled too, and not copied from: they show part of what is to go.
    """
    share = share_of(mask)
    touched = share > 0
    filled = fill_hole(image, touched, boldness)
    soft = touched & (share < 1)
    if soft.any():
        part = share[soft][:, None]
        blend = image[soft] * (1 - part) + filled[soft] * part
        filled[soft] = np.rint(blend).astype(np.uint8)
    return filled
