"""PSNR of dehaze on ``haze/synthetic`` (12 own pairs) and ``haze/pair`` (3 of SOTS indoor)."""

from collections.abc import Callable

from benchmarks.quality._metrics import Array, psnr
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators.dehaze import Params, apply


def measure() -> list[Row]:
    """Mean and worst PSNR, and gain over the hazy input."""
    rows = _pairs("haze/synthetic", floors=(20.0, 6.0))
    return rows + _pairs("haze/pair", floors=(None, None))


def _pairs(
    folder: str,
    floors: tuple[float | None, float | None],
    run: Callable[[Array], Array] = lambda x: apply(x, Params()),
) -> list[Row]:
    before, after = [], []
    for path in files(f"{folder}/hazy"):
        clear, hazy = read(files(f"{folder}/clear", path.name)[0]), read(path)
        before.append(psnr(hazy, clear))
        after.append(psnr(run(hazy), clear))
    n = len(before)
    gains = [a - b for a, b in zip(after, before, strict=True)]
    return [
        Row("dehaze", folder, n, "PSNR-RGB mean, dB", sum(after) / n, floors[0]),
        Row("dehaze", folder, n, "PSNR-RGB gain mean, dB", sum(gains) / n, floors[1]),
        Row("dehaze", folder, n, "PSNR-RGB lowest, dB", min(after)),
        Row("dehaze", folder, n, "PSNR-RGB gain lowest, dB", min(gains)),
    ]
