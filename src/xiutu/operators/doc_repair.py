"""Clean a photographed or scanned page: shading, shadows, stains and bleed-through go, ink stays.

Method: the paper is what remains when dark strokes are closed over (grey-level closing, then
smoothing) on a reduced copy; each channel is divided by it, and a soft curve on the ratio takes the
paper to white and the ink to black. After B. Gatos, I. Pratikakis, S. J. Perantonis, "Adaptive degraded document
image binarization", Pattern Recognition 2006, doi:10.1016/j.patcog.2005.09.010, kept soft here.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base

__all__ = ["COST", "WEIGHTS", "Params", "apply"]

COST = Cost(fixed_mb=40, bytes_per_pixel=16)
WEIGHTS: tuple[str, ...] = ()

_WORK = 1024
"""Longer side of the copy the paper is estimated on, px."""

_BAND = 256
"""Rows worked on at a time."""


@dataclass(frozen=True)
class Params(Base):
    """``strength`` blends the repaired page over the input: 0 none of it, 1 all of it."""

    strength: float = param(1.0, minimum=0.0, maximum=1.0, help="share of the repair", own=True)


def apply(image: Rgb, params: Params) -> Rgb:
    """Repaired page, same size as ``image`` (H x W x 3 uint8, any size from 1 x 1)."""
    height, width = image.shape[:2]
    paper = _paper(image)
    out = np.empty_like(image)
    scale_y, scale_x = paper.shape[0] / height, paper.shape[1] / width
    for top in range(0, height, _BAND):
        bottom = min(top + _BAND, height)
        rows = ((np.arange(top, bottom, dtype=np.float32) + 0.5) * scale_y - 0.5)[:, None]
        cols = ((np.arange(width, dtype=np.float32) + 0.5) * scale_x - 0.5)[None, :]
        x, y = np.broadcast_arrays(cols, rows)
        local = cv2.remap(
            paper,
            np.ascontiguousarray(x),
            np.ascontiguousarray(y),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        band = image[top:bottom].astype(np.float32)
        ratio = np.minimum(band / np.maximum(local, 1.0).reshape(band.shape), 1.0)
        out[top:bottom] = _mix(band, _curve(ratio), params.strength)
    return out


def _paper(image: Rgb) -> NDArray[np.float32]:
    """Colour of the bare paper, h x w x 3 float32 in 1..255, on a copy of at most ``_WORK`` px."""
    height, width = image.shape[:2]
    shrink = min(1.0, _WORK / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], 3)
    side = 2 * (max(size) // 70) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel).astype(np.float32)
    smooth = cv2.GaussianBlur(closed, (0, 0), side / 4)
    return np.asarray(smooth, np.float32).reshape(size[1], size[0], 3)


def _curve(ratio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Ink at ``ratio`` 0.15 becomes black, paper from 0.8 up white; hue of coloured ink is kept."""
    stretched = np.clip((ratio - 0.15) / (0.80 - 0.15), 0.0, 1.0)
    return np.asarray(255.0 * stretched, np.float32)


def _mix(
    before: NDArray[np.float32], after: NDArray[np.float32], strength: float
) -> NDArray[np.uint8]:
    mixed = before + np.float32(strength) * (after - before)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
