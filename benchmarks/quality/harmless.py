"""Clean, well exposed photos are not harmed: every enhancer on untouched photos, against the photo itself.

Sets: sr/kodak and photos/food. Operators of detail keep SSIM >= 0.90 on every picture, those of tone and
colour SSIM >= 0.90 on every picture and dE00 <= 6 in the median. image_quality_enhance is halved back
(antialiased bicubic). Parameters are the defaults; where one is due, a light one (denoise: option 20 =
sigma 7.5, and option 40 printed only). Operators this version does not have are left out by themselves.
doc_repair is for pages and makes paper of pale grounds: it is measured on the clean pages of
documents/clean instead. Peers from OpenCV and scikit-image are printed beside, without a floor.
"""

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.quality._metrics import Array, delta_e, half_antialiased, ssim
from benchmarks.quality._peers import TONE
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators._registry import implemented
from xiutu.operators._runner import run_picture

NAME = "harmless"
DATA = "sr/kodak + photos/food"
PAGES = "documents/clean"
TONED = ("dehaze", "contrast_enhance", "color_enhance")
DETAIL: Mapping[str, Mapping[str, object]] = {
    "denoise": {"option": 20},
    "image_quality_enhance": {},
    "image_definition_enhance": {},
    "remove_moire": {},
}


def measure() -> list[Row]:
    photos = [read(path) for path in files("sr/kodak") + files("photos/food")]
    rows: list[Row] = []
    for name in TONED:
        rows += _toned(name, photos, _operator(name, {}), floor=True)
    for name, run in TONE.items():
        rows += _toned(name, photos, run, floor=False)
    for name, params in DETAIL.items():
        if name in implemented():
            rows += _likeness(name, DATA, photos, _operator(name, params), floor=0.90)
    rows += _likeness("denoise, option 40", DATA, photos, _operator("denoise", {"option": 40}))
    pages = [read(path) for path in files(PAGES)]
    return rows + _likeness("doc_repair", PAGES, pages, _operator("doc_repair", {}), floor=0.90)


def _operator(name: str, params: Mapping[str, object]) -> Callable[[Array], Array]:
    """The operator on an array; a result of twice the size is halved back."""

    def run(photo: Array) -> Array:
        result = run_picture(implemented()[name], photo, params)
        return result if result.shape == photo.shape else half_antialiased(result)

    return run


def _likeness(
    name: str,
    data: str,
    photos: list[Array],
    run: Callable[[Array], Array],
    floor: float | None = None,
) -> list[Row]:
    found = [ssim(photo, run(photo)) for photo in photos]
    n = len(found)
    return [
        Row(NAME, data, n, f"{name}: SSIM to the input, lowest", min(found), floor),
        Row(NAME, data, n, f"{name}: SSIM to the input, mean", float(np.mean(found))),
    ]


def _toned(
    name: str, photos: list[Array], run: Callable[[Array], Array], *, floor: bool
) -> list[Row]:
    results = [run(photo) for photo in photos]
    moved = [delta_e(photo, result) for photo, result in zip(photos, results, strict=True)]
    likeness = [ssim(photo, result) for photo, result in zip(photos, results, strict=True)]
    n = len(photos)
    low, bound = (0.90, 6.0) if floor else (None, None)
    return [
        Row(NAME, DATA, n, f"{name}: SSIM to the input, lowest", min(likeness), low),
        Row(NAME, DATA, n, f"{name}: dE00 moved, median", float(np.median(moved)), bound, True),
        Row(NAME, DATA, n, f"{name}: dE00 moved, largest", max(moved)),
    ]
