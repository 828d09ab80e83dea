"""The stretch of a picture from all that speaks for it, or the finding that there is none.

Three witnesses give the likelihood of each stretch: what the picture shows (``views``), what resampling
left behind (``traces``), and how usual its frame would be without the stretch (``frame``). Before they
are heard, "not stretched" is as likely as all stretches together.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.models import session
from xiutu.operators._stretch.frame import log_density
from xiutu.operators._stretch.traces import spectra
from xiutu.operators._stretch.views import NET, from_views

__all__ = ["NETS", "Evidence", "evidence", "stretch_of"]

Array = NDArray[np.float64]
Rgb = NDArray[np.uint8]

TRACES = "stretch_traces"
NETS = (NET, TRACES)
LIMIT = 0.92  # natural logarithm of the largest stretch looked for, 2.5
STEP = 0.004
_REACH = round(LIMIT / STEP)
GRID: Array = np.arange(-_REACH, _REACH + 1).astype(np.float64) * STEP
TRACE_CODES = np.linspace(-1.0, 1.0, 81)
SHARE_VIEWS, SHARE_TRACES, SHARE_FRAME = 1.6, 0.8, 0.8  # weights of the witnesses
PLAIN = 0.5  # how likely a picture is not stretched, before it was looked at
SURE = 0.5  # a picture is changed when that has become less likely than this
WINDOW = 0.05  # the answer is the middle of this much, where most of the probability is
SMALLEST = 24  # px, shorter side of pictures that can be judged at all


@dataclass(frozen=True)
class Evidence:
    """Log likelihood of each stretch of ``GRID`` by each witness."""

    views: Array
    traces: Array
    frame: Array


def evidence(image: Rgb) -> Evidence:
    """What the three witnesses say about ``image`` (H x W x 3 uint8, 24 px a side at least)."""
    height, width = image.shape[:2]
    grey = np.asarray(cv2.cvtColor(_middle(image), cv2.COLOR_RGB2GRAY))
    (logits,) = session(TRACES, 1).run(None, {"spectra": spectra(grey)[None]})
    logs = logits[0].astype(np.float64)
    logs -= logs.max() + np.log(np.exp(logs - logs.max()).sum())
    frame = log_density(np.log(width / height) - GRID, min(height, width))
    return Evidence(from_views(image, GRID), np.interp(GRID, TRACE_CODES, logs), frame)


def stretch_of(image: Rgb) -> float:
    """Natural logarithm of how much too wide ``image`` is; 0 where it is right or nobody knows."""
    if min(image.shape[:2]) < SMALLEST:
        return 0.0
    return judged(evidence(image))


def judged(found: Evidence) -> float:
    """The verdict; see ``stretch_of``."""
    logs = SHARE_VIEWS * found.views + SHARE_TRACES * found.traces + SHARE_FRAME * found.frame
    shares = np.exp(logs - logs.max())
    plain = PLAIN * shares[len(GRID) // 2]
    stretched = (1 - PLAIN) * shares.mean()
    if plain >= SURE * (plain + stretched):
        return 0.0
    near = max(1, round(WINDOW / STEP) // 2 * 2 + 1)
    window = np.hanning(near + 2)[1:-1]
    return float(GRID[int(np.argmax(np.convolve(shares, window, mode="same")))])


def _middle(image: Rgb, side: int = 1024) -> Rgb:
    """At most ``side`` px a side from the middle: enough for the traces."""
    height, width = image.shape[:2]
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    return np.ascontiguousarray(image[top : top + side, left : left + side])
