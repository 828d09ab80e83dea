"""How different the nine looks are: every pair, mean over twelve photographs of four kinds.

Distance = Hellinger distance of CIELAB histograms (8 x 8 x 8 bins; palette) + (1 - SSIM of luma) / 2
(drawing), both at 256 px: 0 = the same picture, 1.5 = nothing in common. Nothing can say by number
whether a look deserves its name; the floor (own) only guards against two looks falling together.
"""

from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality._metrics import ssim
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators.style_trans import OPTIONS, Params, apply

FLOOR = 0.45
SETS = ("sr/kodak", "portraits", "photos/food", "people")


def measure() -> list[Row]:
    photos = [path for folder in SETS for path in files(folder)[:3]]
    totals = dict.fromkeys(combinations(OPTIONS, 2), 0.0)
    for path in photos:
        picture = read(path)
        looks = {name: _small(apply(picture, Params(option=name))) for name in OPTIONS}
        palettes = {name: _palette(look) for name, look in looks.items()}
        for a, b in totals:
            overlap = float(np.sqrt(palettes[a] * palettes[b]).sum())
            palette = float(np.sqrt(max(0.0, 1.0 - overlap)))
            totals[a, b] += (palette + (1 - ssim(looks[a], looks[b])) / 2) / len(photos)
    data = " + ".join(SETS)
    count = len(photos)
    least = min(totals, key=lambda pair: totals[pair])
    rows = [
        Row("style_trans", data, count, f"least: {' - '.join(least)}", totals[least], floor=FLOOR)
    ]
    return rows + [
        Row("style_trans", data, count, f"{a} - {b}", value) for (a, b), value in totals.items()
    ]


def _small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


def _palette(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    lab = cv2.cvtColor(picture.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    edges = [(0, 100.01), (-80, 80), (-80, 80)]
    counts, _ = np.histogramdd(lab.reshape(-1, 3), bins=8, range=edges)
    return counts / counts.sum()
