"""stretch_restore on kodak + set14 + cbsd68 + photos/food: error of the ratio, and photos left alone.

Every picture is stretched three times, by a ratio that is log-uniform in 0.5 to 2: along its width,
along its height, along both; with area, cubic and Lanczos filters in turn. The error is by how much
the result's proportions differ from the original's. "Left as it came" is what doing nothing costs.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators.stretch_restore import Params, apply

NAME = "stretch_restore"
SETS = ("sr/kodak", "sr/set14", "sr/cbsd68", "photos/food")
FILTERS = (cv2.INTER_AREA, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
MOST = np.log(2)
SEEN = np.log(1.15)  # a stretch that people notice

Picture = NDArray[np.uint8]


def measure() -> list[Row]:
    """Errors over all sets and by set; how many unstretched pictures changed."""
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    every: list[tuple[float, float]] = []
    still: list[float] = []
    for name in SETS:
        found = []
        for path in files(name):
            picture = read(path)
            still.append(abs(_change(picture)))
            for way in range(3):
                stretch = float(rng.uniform(-MOST, MOST))
                before = stretched(picture, stretch, way)
                true = _aspect(before) - _aspect(picture)
                found.append((true, abs(true + _change(before))))
        rows.append(Row(NAME, name, len(found), "median error, %", _median(found)))
        every += found
    data = "kodak + set14 + cbsd68 + food"
    seen = [(true, error) for true, error in every if abs(true) > SEEN]
    kept = 100 * float(np.mean(np.array(still) <= np.log(1.04)))
    idle = [(true, abs(true)) for true, _ in every]
    gross = 100 * float(np.mean([error > np.log(1.25) for _, error in every]))
    return [
        Row(NAME, data, len(every), "median error, %", _median(every), 8, upper=True),
        Row(NAME, data, len(seen), "median error of stretches over 1.15, %", _median(seen)),
        Row(NAME, data, len(every), "% more than 25 % off", gross),
        Row(NAME, data, len(every), "median error left as it came, %", _median(idle)),
        *rows,
        Row(NAME, f"{data}, unstretched", len(still), "% changed by 4 % or less", kept, 90),
    ]


def stretched(picture: Picture, stretch: float, way: int) -> Picture:
    """``exp(stretch)`` times too wide: ``way`` 0 by its width, 1 by its height, 2 by both."""
    height, width = picture.shape[:2]
    share = (1.0, 0.0, 0.5)[way]
    size = (round(width * np.exp(stretch * share)), round(height * np.exp(stretch * (share - 1))))
    return np.asarray(cv2.resize(picture, size, interpolation=FILTERS[way]))


def _change(picture: Picture) -> float:
    """Natural logarithm of what the operator did to the proportions."""
    result = apply(picture, Params())
    assert isinstance(result, np.ndarray)
    return _aspect(result) - _aspect(picture)


def _aspect(picture: Picture) -> float:
    return float(np.log(picture.shape[1] / picture.shape[0]))


def _median(found: list[tuple[float, float]]) -> float:
    return float(100 * (np.exp(np.median([error for _, error in found])) - 1))
