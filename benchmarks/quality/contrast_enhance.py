"""contrast_enhance on simulated exposure: kodak + photos/food at -2, -1, +1, +1.5 EV, 8 bit.

The shift is made in linear light and clipped to 8 bit; truth is the picture before it. Auto-gamma
(gamma = ln 0.5 / ln mean luma) is measured beside, and so are OpenCV's CLAHE and scikit-image's
equalize_adapthist. Pictures that are not shifted show how far a
good picture is moved.
"""

import numpy as np

from benchmarks.quality._metrics import Array, delta_e, psnr
from benchmarks.quality._peers import EXPOSURE, Peer
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.image.light import luma, to_linear, to_srgb
from xiutu.operators.contrast_enhance import Params, apply

SHIFTS = (-2.0, -1.0, 1.0, 1.5)
NAME = "contrast_enhance"


def measure() -> list[Row]:
    """Gain in PSNR-RGB over the input and over auto-gamma, and the worst picture."""
    pictures = [read(path) for path in files("sr/kodak") + files("photos/food")]
    data = "kodak + photos/food"
    rows, every = [], []
    for shift in SHIFTS:
        results = [_one(picture, shift) for picture in pictures]
        every += results
        value = float(np.mean([ours - before for before, _, ours in results]))
        rows.append(Row(NAME, f"{data} {shift:+g} EV", len(results), "PSNR gain mean, dB", value))
    before, gamma, ours = np.array(every).T
    n = len(every)
    for name, peer in EXPOSURE.items():
        gains = [_gain(picture, shift, peer) for picture in pictures for shift in SHIFTS]
        value = float(np.mean(gains))
        rows.append(Row(NAME, data, len(gains), f"{name}: PSNR gain over input, mean, dB", value))
    moved = [delta_e(apply(picture, Params()), picture) for picture in pictures]
    return [
        Row(NAME, data, n, "PSNR-RGB mean, dB", float(ours.mean())),
        Row(NAME, data, n, "PSNR gain over input, mean, dB", float((ours - before).mean()), 2.0),
        Row(
            NAME, data, n, "PSNR gain over auto-gamma, mean, dB", float((ours - gamma).mean()), 1.0
        ),
        Row(NAME, data, n, "PSNR gain over input, lowest, dB", float((ours - before).min()), -1.0),
        *rows,
        Row(NAME, f"{data} +0 EV", len(moved), "dE00 moved, median", float(np.median(moved))),
        Row(NAME, f"{data} +0 EV", len(moved), "dE00 moved, largest", float(max(moved))),
    ]


def _gain(picture: Array, shift: float, run: Peer) -> float:
    shifted = to_srgb(to_linear(picture) * np.float32(2**shift))
    return psnr(run(shifted), picture) - psnr(shifted, picture)


def _one(picture: Array, shift: float) -> tuple[float, float, float]:
    """PSNR to ``picture`` of its shifted copy: as it is, by auto-gamma, and by the operator."""
    shifted = to_srgb(to_linear(picture) * np.float32(2**shift))
    mean = float(np.clip(luma(shifted).mean(), 0.01, 0.99))
    curve = 255 * np.linspace(0, 1, 256) ** (np.log(0.5) / np.log(mean))
    gamma = np.rint(curve).astype(np.uint8)[shifted]
    return psnr(shifted, picture), psnr(gamma, picture), psnr(apply(shifted, Params()), picture)
