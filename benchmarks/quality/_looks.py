"""How far apart two looks of one photograph are, by palette and by drawing.

Distance = Hellinger distance of CIELAB histograms (8 x 8 x 8 bins; palette) + (1 - SSIM of luma) / 2
(drawing), both at 256 px: 0 = the same picture, 1.5 = nothing in common.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality._metrics import ssim

__all__ = ["Look", "look", "palette_distance"]


@dataclass(frozen=True)
class Look:
    """A picture at 256 px and its palette."""

    small: NDArray[np.uint8]
    palette: NDArray[np.float64]

    def distance(self, other: "Look") -> float:
        return palette_distance(self, other) + (1 - ssim(self.small, other.small)) / 2


def look(picture: NDArray[np.uint8]) -> Look:
    small = np.asarray(cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)
    return Look(small, _palette(picture))


def palette_distance(a: Look, b: Look) -> float:
    """Hellinger distance of the palettes: 0 the same .. 1 no colour in common."""
    overlap = float(np.sqrt(a.palette * b.palette).sum())
    return float(np.sqrt(max(0.0, 1.0 - overlap)))


def _palette(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    lab = cv2.cvtColor(picture.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    edges = [(0, 100.01), (-80, 80), (-80, 80)]
    counts, _ = np.histogramdd(lab.reshape(-1, 3), bins=8, range=edges)
    return counts / counts.sum()
