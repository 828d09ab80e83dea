"""Enlargement by two on Set5 and Set14: PSNR on luma, antialiased bicubic halving, 2 px shaved.

Degraded sources (the halved picture JPEG-coded at quality 30, 4:2:0, or with white noise of sigma
15) are measured as the gain over bicubic enlargement of the same source (Pillow's kernel, a = -0.5,
the one the pictures were halved with), on CBSD68 too, without floors. The path that serves pictures
above 0.3 megapixels is forced in the rows that say so; its bound is the exact path's figure less
0.7 dB.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.quality import _sets
from benchmarks.quality._metrics import half_antialiased, jpeg, psnr_y, with_noise
from benchmarks.quality._report import Row
from xiutu.operators.image_quality_enhance import enlarge

Array = NDArray[np.uint8]
EXACT, LARGEST = 1, 4_000_000  # pixels that a picture is treated as having
CLEAN = (("set5", 38.0), ("set14", 33.6))
DEGRADED: tuple[tuple[str, float, Callable[[Array, int], Array]], ...] = (
    ("jpeg q30", 1.2, lambda picture, _: jpeg(picture, 30)),
    ("noise sigma 15", 3.5, lambda picture, seed: with_noise(picture, 15, seed)),
)


def measure() -> list[Row]:
    rows = []
    for name, floor in CLEAN:
        whole = _pictures(name)
        pairs = [(half_antialiased(picture), picture) for picture in whole]
        exact = [psnr_y(enlarge(low, EXACT), high, 2) for low, high in pairs]
        fast = [psnr_y(enlarge(low, LARGEST), high, 2) for low, high in pairs]
        rows += _rows(name, "PSNR-Y dB", exact, fast, floor)
    for name in ("set5", "set14", "cbsd68"):
        whole = _pictures(name)
        for damage, floor, degrade in DEGRADED:
            pairs = [(degrade(half_antialiased(p), seed), p) for seed, p in enumerate(whole)]
            base = [psnr_y(_bicubic(low), high, 2) for low, high in pairs]
            exact, fast = (
                [
                    psnr_y(enlarge(low, pixels), high, 2) - bicubic
                    for (low, high), bicubic in zip(pairs, base, strict=True)
                ]
                for pixels in (EXACT, LARGEST)
            )
            bound = None if name == "cbsd68" else floor
            rows += _rows(f"{name} {damage}", "PSNR-Y gain over bicubic dB", exact, fast, bound)
    return rows


def _rows(
    data: str, metric: str, exact: list[float], fast: list[float], floor: float | None
) -> list[Row]:
    operator, bound = "image_quality_enhance", float(np.mean(exact)) - 0.7
    return [
        Row(operator, data, len(exact), metric, float(np.mean(exact)), floor),
        Row(operator, data, len(fast), f"{metric}, fast path forced", float(np.mean(fast)), bound),
    ]


def _pictures(name: str) -> list[Array]:
    """Originals cut to even sides."""
    found = [_sets.read(path) for path in _sets.files(f"sr/{name}")]
    return [p[: p.shape[0] // 2 * 2, : p.shape[1] // 2 * 2].copy() for p in found]


def _bicubic(low: Array) -> Array:
    size = (low.shape[1] * 2, low.shape[0] * 2)
    return np.asarray(Image.fromarray(low).resize(size, Image.Resampling.BICUBIC))
