"""Moire on 12 real screen photos with their originals (UHDM), and pictures without moire.

"fitted": after the per-channel gain and offset that bring input, or output, nearest to the original.
The half-size path, which serves large pictures, is measured on the same pictures, forced.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import _sets
from benchmarks.quality._metrics import Array, psnr, ssim
from benchmarks.quality._report import Row
from xiutu.operators.remove_moire import cleaned

NAME = "remove_moire"
CLEAN_SETS = ("sr/kodak", "sr/cbsd68", "photos/food")


def measure() -> list[Row]:
    """Gains over the input on the pairs, then how pictures without moire are kept."""
    pairs = [
        (_sets.read(path), _sets.read(path.parents[1] / "clean" / path.name))
        for path in _sets.files("moire/moire")
    ]
    rows = []
    exact = {"raw": 0.0, "fitted": 0.0}
    for half, text in ((False, ""), (True, ", fast path forced")):
        raw, fit = [], []
        for image, clean in pairs:
            result = cleaned(image, half=half)
            raw.append(psnr(result, clean) - psnr(image, clean))
            fit.append(fitted_psnr(result, clean) - fitted_psnr(image, clean))
        for kind, values, floor in (("raw", raw, 2.0), ("fitted", fit, 1.0)):
            mean = float(np.mean(values))
            bound = exact[kind] - 0.7 if half else floor
            exact[kind] = mean
            metric = f"PSNR-RGB gain dB, {kind}{text}"
            rows.append(Row(NAME, "moire pairs", len(pairs), metric, mean, bound))
    for name in CLEAN_SETS:
        pictures = [_sets.read(path) for path in _sets.files(name)]
        results = [cleaned(p, half=False) for p in pictures]
        kept = [psnr(a, b) for a, b in zip(results, pictures, strict=True)]
        alike = [ssim(a, b) for a, b in zip(results, pictures, strict=True)]
        count, text = len(pictures), f"{name}, no moire"
        rows.append(Row(NAME, text, count, "lowest PSNR-RGB to itself dB", min(kept), 36.0))
        rows.append(Row(NAME, text, count, "lowest SSIM to itself", min(alike), 0.90))
    return rows


def fitted_psnr(image: Array, clean: Array) -> float:
    """PSNR of all channels after a least-squares gain and offset for each, not rounded."""
    error = 0.0
    for channel in range(3):
        x, y = (v[:, :, channel].astype(np.float64).ravel() for v in (image, clean))
        error += float(np.mean((y - _line(x, y)) ** 2)) / 3
    return 10 * float(np.log10(255.0**2 / max(error, 1e-6)))


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = x - x.mean()
    slope = float(np.mean(spread * y)) / max(float(np.mean(spread**2)), 1e-9)
    return np.asarray(slope * spread + y.mean())
