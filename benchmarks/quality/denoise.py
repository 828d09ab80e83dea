"""Denoise on CBSD68 (16 pictures): white noise of sigma 15 / 25 / 50, clipped and rounded to uint8.

The 8-bit network, which serves large pictures, is measured on the same pictures in the second column.
"""

import numpy as np

from benchmarks.quality import _sets
from benchmarks.quality._metrics import psnr, with_noise
from benchmarks.quality._report import Row
from xiutu.operators import denoise
from xiutu.operators._nets.ffdnet import ffdnet

CASES = ((15, 40, 33.6), (25, 67, 30.6), (50, 133, 26.2))


def measure() -> list[Row]:
    pictures = [_sets.read(path) for path in _sets.files("sr/cbsd68")]
    rows = []
    for sigma, option, floor in CASES:
        exact, fast = [], []
        for number, clean in enumerate(pictures):
            noisy = with_noise(clean, sigma, seed=number)
            exact.append(psnr(denoise.apply(noisy, denoise.Params(option)), clean))
            strength = option * denoise.SIGMA_PER_OPTION
            fast.append(psnr(ffdnet(noisy, strength, fast=True), clean))
        for text, values, bound in (
            ("", exact, floor),
            (", fast path forced", fast, float(np.mean(exact)) - 0.7),
        ):
            metric = f"PSNR-RGB dB, option {option}{text}"
            mean = float(np.mean(values))
            rows.append(Row("denoise", f"cbsd68 sigma {sigma}", len(values), metric, mean, bound))
    return rows
