"""Which colours a picture has of its own, beyond the tone of its paper.

In a monochrome the colour follows from the brightness alone: none at all in a black-and-white
picture, brown growing with the shade in a sepia print. Yellowed paper and uneven fading add a slow
change over the picture. What a smooth function of brightness and place cannot explain is colour.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import shrink

__all__ = ["own_colour"]

Float = NDArray[np.float32]

SIDE = 128  # px, at which the picture is judged
CHROMA = 8.0  # what grain, JPEG and paper leave at most, CIELAB units
SHARE = 0.05  # of the pixels above it: more is a colour photo
SURE = 2 * CHROMA  # colour beyond doubt


def own_colour(rgb: NDArray[np.uint8]) -> Float | None:
    """Where a picture has colours of its own.

    Args:
        rgb: H x W x 3 uint8.

    Returns:
        None for a colour photo. For a monochrome, toned or not, a map h x w float32 (long side at
        most 128): 1 where something in it is coloured all the same, as a seal or a neighbouring
        picture that was scanned along, 0 elsewhere.
    """
    small = shrink(rgb, SIDE)
    if np.ptp(small, axis=2).max() == 0:
        return np.zeros(small.shape[:2], np.float32)
    rest = _unexplained(small)
    if float(np.mean(rest > CHROMA)) >= SHARE:
        return None
    found = np.clip((rest - CHROMA) / (SURE - CHROMA), 0, 1).astype(np.float32)
    patches = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))  # no speckles
    grown = cv2.dilate(patches, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), 1.0), np.float32).reshape(rest.shape)


def _unexplained(small: NDArray[np.uint8]) -> Float:
    """Chroma that is left when tone and paper are taken away, CIELAB units, h x w."""
    lab = cv2.cvtColor(small.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    height, width = small.shape[:2]
    light = lab[:, :, 0].ravel() / 50 - 1
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    x, y = x.ravel(), y.ravel()
    terms = np.stack(
        [np.ones_like(light), light, light**2, light**3, x, y, x * light, y * light], 1
    )
    colour = lab[:, :, 1:].reshape(-1, 2)
    ridge = 1e-3 * len(terms) * np.eye(terms.shape[1])
    tone = np.linalg.solve(terms.T @ terms + ridge, terms.T @ colour)
    rest = np.linalg.norm(colour - terms @ tone, axis=1)
    return np.asarray(rest, np.float32).reshape(height, width)
