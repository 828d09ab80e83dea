"""colourize on cbsd68 + kodak + photos/food made grey (BT.601 luma); truth is the picture in colour.

Colourfulness after Hasler and Suesstrunk (Measuring colourfulness in natural images, SPIE 5007, 2003,
doi:10.1117/12.477378), as the mean over the results by the mean over the originals. The PSNR of the
grey picture itself is what any colour has to beat. Untouched colour photos must come back as they
are.
"""

import cv2
import numpy as np

from benchmarks.quality._metrics import Array, delta_e, psnr
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators.colourize import Params, apply

NAME = "colourize"
SETS = ("sr/cbsd68", "sr/kodak", "photos/food")


def measure() -> list[Row]:
    """Colourfulness and gain over grey, all sets together and each."""
    rows: list[Row] = []
    every: list[tuple[float, float, float, float]] = []
    moved: list[float] = []
    for name in SETS:
        pictures = [read(path) for path in files(name)]
        found = [_one(picture) for picture in pictures]
        moved += [delta_e(apply(picture, Params()), picture) for picture in pictures]
        every += found
        rows += _rows(name, found, floors=False)
    data = "cbsd68 + kodak + photos/food"
    kept = float(np.median(moved))
    row = Row(NAME, f"{data}, in colour", len(moved), "dE00 moved, median", kept, 6, upper=True)
    return [*_rows(data, every, floors=True), row, *rows]


def _rows(data: str, found: list[tuple[float, float, float, float]], *, floors: bool) -> list[Row]:
    n = len(found)
    ours, truth, before, after = (float(v) for v in np.mean(found, axis=0))
    share = 100 * ours / truth
    if not floors:
        return [
            Row(NAME, data, n, "colourfulness, % of the originals'", share),
            Row(NAME, data, n, "PSNR gain over grey, dB", after - before),
        ]
    return [
        Row(NAME, data, n, "colourfulness, % of the originals'", share, 50),
        Row(
            NAME,
            data,
            n,
            "colourfulness, % of the originals' (upper bound)",
            share,
            120,
            upper=True,
        ),
        Row(NAME, data, n, "PSNR of grey, dB", before),
        Row(NAME, data, n, "PSNR gain over grey, dB", after - before, 0.3),
    ]


def _one(picture: Array) -> tuple[float, float, float, float]:
    """Colourfulness of the result and of the truth, PSNR of grey and of the result."""
    grey = grey_of(picture)
    result = apply(grey, Params())
    return colourfulness(result), colourfulness(picture), psnr(grey, picture), psnr(result, picture)


def grey_of(rgb: Array) -> Array:
    """Luma in all three channels."""
    return np.asarray(
        cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8
    )


def colourfulness(rgb: Array) -> float:
    """Hasler and Suesstrunk's M3, about 0 (grey) to 110 (extremely colourful)."""
    r, g, b = np.moveaxis(rgb.astype(np.float64), 2, 0)
    rg, yb = r - g, (r + g) / 2 - b
    spread = float(np.hypot(rg.std(), yb.std()))
    return spread + 0.3 * float(np.hypot(rg.mean(), yb.mean()))
