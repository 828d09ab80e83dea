"""Ink lines: flow-smoothed difference of Gaussians, thresholded only at full size.

XDoG (Winnemoeller, Kyprianidis, Olsen 2012, doi:10.1016/j.cag.2012.03.004) with the response
averaged along edge tangents. The response is smooth, so it may be enlarged; the threshold that
makes the line comes last and keeps it crisp at any size.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._styles import flow

__all__ = ["ink_curve", "response"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_CENTRE = 160
_STEP = 900.0  # response of one luma unit in byte steps: lines live in a few hundredths of luma


def response(luma: Float, sigma: float, reach: int = 3) -> Bytes:
    """Line response of ``luma`` (h x w, 0..1), uint8: above 160 lighter than its surroundings."""
    fine = cv2.GaussianBlur(luma, (0, 0), sigma)
    coarse = cv2.GaussianBlur(luma, (0, 0), sigma * 1.6)
    difference = np.asarray(fine - coarse, np.float32)
    guide = np.zeros((*luma.shape, 2), np.float32)
    guide[:, :, 0] = 1
    tangents = flow.directions(luma, 2.0 * sigma, guide, 1e-6)
    difference = flow.sweep(difference, tangents, reach, 1.0)
    return np.rint(np.clip(difference * np.float32(_STEP) + _CENTRE, 0, 255)).astype(np.uint8)


def ink_curve(threshold: float, softness: float) -> Float:
    """256 factors (1 paper .. 0 ink) over the response bytes.

    ``threshold``: how far below its surroundings (luma) a line must be; ``softness``: width of the
    transition in luma.
    """
    luma = (np.arange(256, dtype=np.float32) - _CENTRE) / np.float32(_STEP)
    t = np.clip((luma + np.float32(threshold)) / np.float32(softness) + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
