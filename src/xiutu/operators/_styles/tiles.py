"""Pictures put together from pieces: cells that follow the forms, their colours and their joints.

Cells are SLICO superpixels (Achanta et al., TPAMI 2012, doi:10.1109/TPAMI.2012.120): regular where
the picture is flat, along its edges elsewhere.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._styles import flow

__all__ = ["Cells", "cut"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_UNEVEN = 9.0  # amplitude of the noise, of 255


@dataclass(frozen=True)
class Cells:
    """``labels``: h x w int32, 0 .. count-1; ``joint``: h x w distance to the next joint in px."""

    labels: NDArray[np.int32]
    count: int
    joint: Float

    def means(self, values: Float) -> Float:
        """Mean of ``values`` (h x w) in every cell: count floats."""
        flat = self.labels.ravel()
        sums = np.bincount(flat, values.ravel(), self.count)
        sizes = np.bincount(flat, minlength=self.count)
        return (sums / np.maximum(sizes, 1)).astype(np.float32)

    def random(self, seed: int) -> Float:
        """One number in -1..1 per cell."""
        numbers = np.random.default_rng(seed).uniform(-1, 1, self.count)
        return numbers.astype(np.float32)

    def spread(self, per_cell: Float) -> Float:
        """Numbers of cells laid out as a picture, h x w."""
        return np.asarray(np.take(per_cell, self.labels), np.float32)


def cut(image: Bytes, side: float, rounds: int = 5) -> Cells:
    """Cut ``image`` (h x w x 3) into cells about ``side`` px wide.

    A little smooth noise makes cells of different shapes where the picture is flat; without it they
    would form a honeycomb.
    """
    h, w = image.shape[:2]
    step = round(side)
    if min(h, w) < 2 * step:
        rows = np.arange(h, dtype=np.int32) // step
        columns = np.arange(w, dtype=np.int32) // step
        across = int(columns[-1]) + 1
        labels = rows[:, None] * across + columns[None]
        count = (int(rows[-1]) + 1) * across
    else:
        calm = cv2.GaussianBlur(image, (0, 0), side / 10).astype(np.float32)
        calm += (_UNEVEN * flow.smooth_noise(h, w, side * 0.7, 21))[:, :, None]
        lab = cv2.cvtColor(np.clip(calm, 0, 255).astype(np.uint8), cv2.COLOR_RGB2LAB)
        cutter = cv2.ximgproc.createSuperpixelSLIC(lab, cv2.ximgproc.SLICO, step, 10.0)
        cutter.iterate(rounds)
        cutter.enforceLabelConnectivity(30)
        labels = np.asarray(cutter.getLabels(), np.int32)
        count = int(labels.max()) + 1
    inside = np.ones((h, w), np.uint8)
    inside[:, 1:][labels[:, 1:] != labels[:, :-1]] = 0
    inside[1:][labels[1:] != labels[:-1]] = 0
    joint = cv2.distanceTransform(inside, cv2.DIST_L2, 5) if inside.size else inside
    joint = np.minimum(joint, np.float32(side))
    return Cells(labels, count, np.asarray(cv2.GaussianBlur(joint, (0, 0), 0.8), np.float32))
