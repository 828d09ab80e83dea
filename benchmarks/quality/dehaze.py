"""PSNR of dehaze on ``haze/synthetic`` (12 own pairs) and ``haze/pair`` (3 of SOTS indoor).

The clear halves of ``haze/synthetic`` show how much is taken where no haze is. Peers: the plain dark
channel prior, OpenCV's CLAHE, and image-dehazer where it is installed.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.quality._metrics import Array, psnr, ssim
from benchmarks.quality._peers import HAZE
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators.dehaze import Params, apply


def measure() -> list[Row]:
    """Mean and worst PSNR, and gain over the hazy input."""
    rows = _pairs("haze/synthetic", floors=(20.0, 6.0))
    rows += _pairs("haze/pair", floors=(None, None)) + _clear("")
    for name, peer in HAZE.items():
        rows += _pairs("haze/synthetic", (None, None), peer, f"{name}: ")[:2]
        rows += _clear(f"{name}: ", peer)[:1]
    return rows


def _ours(rgb: Array) -> Array:
    return apply(rgb, Params())


def _clear(label: str, run: Callable[[Array], Array] = _ours) -> list[Row]:
    photos = [read(path) for path in files("haze/synthetic/clear")]
    found = [ssim(photo, run(photo)) for photo in photos]
    metric = f"{label}SSIM of clear photos to themselves, "
    n = len(found)
    return [
        Row("dehaze", "haze/synthetic/clear", n, f"{metric}mean", float(np.mean(found))),
        Row("dehaze", "haze/synthetic/clear", n, f"{metric}lowest", min(found)),
    ]


def _pairs(
    folder: str,
    floors: tuple[float | None, float | None],
    run: Callable[[Array], Array] = _ours,
    label: str = "",
) -> list[Row]:
    before, after = [], []
    for path in files(f"{folder}/hazy"):
        clear, hazy = read(files(f"{folder}/clear", path.name)[0]), read(path)
        before.append(psnr(hazy, clear))
        after.append(psnr(run(hazy), clear))
    n = len(before)
    gains = [a - b for a, b in zip(after, before, strict=True)]
    return [
        Row("dehaze", folder, n, f"{label}PSNR-RGB mean, dB", sum(after) / n, floors[0]),
        Row("dehaze", folder, n, f"{label}PSNR-RGB gain mean, dB", sum(gains) / n, floors[1]),
        Row("dehaze", folder, n, f"{label}PSNR-RGB lowest, dB", min(after)),
        Row("dehaze", folder, n, f"{label}PSNR-RGB gain lowest, dB", min(gains)),
    ]
