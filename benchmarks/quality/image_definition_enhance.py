"""Definition: PSNR gained on JPEG-coded pictures, clean pictures kept, blurred ones made sharper.

CBSD68, Set5 and Kodak (27 pictures), coded by Pillow at quality 10 to 90 with its default chroma
subsampling, parameters at their defaults. Clean pictures are compared with themselves. Mild blur is
Gaussian, sigma 1 px; sharpness is the mean slope of luma on the original's edges, its steepest tenth
(a mean over all pixels would count grain and coding noise as sharpness). FFDNet at its best single
noise level is the peer beside us. The path of the largest pictures is forced in the rows that say so.
"""

from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.quality import _sets
from benchmarks.quality._metrics import luma, psnr, ssim
from benchmarks.quality._report import Row
from xiutu.operators._nets.coding import coding
from xiutu.operators._nets.ffdnet import ffdnet
from xiutu.operators.image_definition_enhance import (
    LARGE_PIXELS,
    Params,
    apply,
    cleaned,
    defined,
    enhance,
)

Array = NDArray[np.uint8]
NAME = "image_definition_enhance"
CODED = "cbsd68 + set5 + kodak"
DEFAULT = Params().detail
FAST = LARGE_PIXELS + 1  # pixels that a picture is treated as having
FLOORS = {10: 1.2, 20: 1.5, 40: 1.5, 75: None, 90: None}
PEER = 12.0  # levels


def measure() -> list[Row]:
    pictures = [
        _sets.read(path)
        for folder in ("sr/cbsd68", "sr/set5", "sr/kodak")
        for path in _sets.files(folder)
    ]
    rows = []
    for quality, floor in FLOORS.items():
        bad = [_pillow(picture, quality) for picture in pictures]
        told = [coding(b) for b in bad]
        clean = [cleaned(b, q, b[:, :, 0].size) for b, q in zip(bad, told, strict=True)]
        quick = [cleaned(b, q, FAST) for b, q in zip(bad, told, strict=True)]
        whole = [defined(c, DEFAULT, q) for c, q in zip(clean, told, strict=True)]
        whole_quick = [defined(c, DEFAULT, q) for c, q in zip(quick, told, strict=True)]
        exact, fast, plain, peer = (
            _gain(results, bad, pictures)
            for results in (whole, whole_quick, clean, [ffdnet(b, PEER, fast=False) for b in bad])
        )
        found = (
            ("", exact, floor),
            (", fast path forced", fast, exact - 0.7),
            (", detail 0", plain, None),
            (", FFDNet sigma 12", peer, None),
        )
        for text, value, bound in found:
            metric = f"PSNR-RGB gain dB{text}"
            rows.append(Row(NAME, f"{CODED} q{quality}", len(pictures), metric, value, bound))
    return [*rows, *_clean(), *_blurred()]


def _gain(results: list[Array], bad: list[Array], pictures: list[Array]) -> float:
    """Mean PSNR of the results less that of the inputs, dB."""
    rows = zip(results, bad, pictures, strict=True)
    return float(np.mean([psnr(r, p) - psnr(b, p) for r, b, p in rows]))


def _clean() -> list[Row]:
    rows = []
    for folder in ("sr/cbsd68", "sr/kodak", "photos/food"):
        pictures = [_sets.read(path) for path in _sets.files(folder)]
        for text, pixels in (("", None), (", fast path forced", FAST)):
            results = [enhance(p, DEFAULT, pixels or p[:, :, 0].size) for p in pictures]
            pairs = list(zip(results, pictures, strict=True))
            levels, kept = [psnr(*pair) for pair in pairs], [ssim(*pair) for pair in pairs]
            for metric, value, floor in (
                ("clean input: PSNR-RGB to itself, mean, dB", float(np.mean(levels)), 38.0),
                ("clean input: PSNR-RGB to itself, lowest, dB", min(levels), None),
                ("clean input: SSIM to itself, lowest", min(kept), 0.9),
            ):
                rows.append(Row(NAME, folder, len(pictures), f"{metric}{text}", value, floor))
    return rows


def _blurred() -> list[Row]:
    pictures = [_sets.read(path) for path in _sets.files("sr/kodak")]
    rows = []
    for text, quality in (("", None), (", then q85", 85)):
        sharper, gained = [], []
        for picture in pictures:
            soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8)
            soft = soft if quality is None else _pillow(soft, quality)
            result = apply(soft, Params())
            edges = _slope(picture)
            steepest = edges >= np.percentile(edges, 90)
            sharper.append(float(_slope(result)[steepest].mean() / _slope(soft)[steepest].mean()))
            gained.append(psnr(result, picture) - psnr(soft, picture))
        data = f"kodak blurred, sigma 1{text}"
        for metric, values, floor in (
            ("sharpness, times the input's, lowest", min(sharper), 1.0),
            ("PSNR-RGB gain dB", float(np.mean(gained)), 0.0),
        ):
            rows.append(Row(NAME, data, len(pictures), metric, values, floor))
    return rows


def _pillow(picture: Array, quality: int) -> Array:
    """One JPEG round trip with Pillow's default subsampling (4:2:0)."""
    data = BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=quality)
    return np.asarray(Image.open(data).convert("RGB"))


def _slope(picture: Array) -> NDArray[np.float64]:
    """Magnitude of luma's gradient."""
    grey = luma(picture).astype(np.float64)
    return np.hypot(cv2.Sobel(grey, cv2.CV_64F, 1, 0), cv2.Sobel(grey, cv2.CV_64F, 0, 1))
