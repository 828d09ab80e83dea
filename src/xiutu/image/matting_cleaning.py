"""Small mistakes of a mask: specks off the subject, pinholes in it."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["cleaned"]

Float = NDArray[np.float32]

SPECK = 0.005  # loose parts below this share of the subject are taken for mistakes,
PINHOLE = 0.001  # and so are holes,
DEEP = 0.05  # if they lie that deep in the subject (share of the root of its area)
FAINTEST = 0.1  # opacity that connects parts


def cleaned(opacity: Float) -> Float:
    """``opacity`` (H x W, 0..1) without specks off the subject and pinholes deep in it.

    Gaps near the outline are left alone: they are background between hair, fingers, leaves.
    """
    area = float((opacity > 0.5).sum())
    labels, sizes = _parts(opacity > FAINTEST)
    substance = np.bincount(labels.ravel(), weights=opacity.ravel(), minlength=len(sizes))
    kept = substance >= SPECK * area
    kept[0] = False
    around = cv2.dilate(kept[labels].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    labels, sizes = _parts(opacity < 1)
    small = sizes < PINHOLE * area
    small[0] = False
    outside = (opacity < 1) & ~small[labels]
    depth = cv2.distanceTransform((~outside).astype(np.uint8), cv2.DIST_L2, 5)
    pinhole = small[labels] & (depth > DEEP * np.sqrt(area))
    return np.where(around, np.where(pinhole, np.float32(1), opacity), np.float32(0))


def _parts(flags: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number of the connected part of each true pixel (0: false ones), and the parts' sizes."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(flags.astype(np.uint8), connectivity=8)
    return labels, stats[:, cv2.CC_STAT_AREA]
