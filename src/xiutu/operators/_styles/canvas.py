"""Working size and the way back: a look is painted at about a megapixel and moved to full size.

The painted picture is enlarged as it is, so its strokes stay; what the enlargement cannot know, the
fine detail of the photograph, is added back with the local gain of the painting (the slope of a
local linear model of the painting over the photograph, as in the guided filter: He, Sun, Tang,
TPAMI 2013, doi:10.1109/TPAMI.2012.213). Where the painting ignores the photograph the slope is near
zero and nothing is added. At full size all happens in bands of rows, so memory does not grow with
float copies.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image import bands
from xiutu.models import threads
from xiutu.operators._styles import paper

__all__ = ["busy", "enlarge", "fit_size", "grey", "in_bands", "resized", "transfer", "unit"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_BAND_PIXELS = 1 << 19
_GAIN_STEP = 48.0  # slopes travel as bytes: gain = (byte - 128) / 48, so -2.7 .. 2.6


def fit_size(width: int, height: int, megapixels: float, zoom: float = 3.0) -> tuple[int, int]:
    """(width, height) to work at: about ``megapixels`` MP, enlarged at most ``zoom`` times."""
    scale = min(math.sqrt(megapixels * 1e6 / (width * height)), zoom)
    return max(1, round(width * scale)), max(1, round(height * scale))


def resized(image: Bytes, size: tuple[int, int]) -> Bytes:
    """``image`` (2-D or 3-D) at ``size`` (width, height): area average down, bicubic up."""
    if (image.shape[1], image.shape[0]) == size:
        return image
    down = size[0] <= image.shape[1] and size[1] <= image.shape[0]
    method = cv2.INTER_AREA if down else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)


def enlarge(image: Float, size: tuple[int, int]) -> Float:
    """Float picture at ``size`` (width, height), bilinear."""
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.float32)


def grey(image: Bytes) -> Bytes:
    """Luma (BT.601) of an RGB picture, H x W uint8."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def unit(image: Bytes) -> Float:
    """uint8 to float32 0..1."""
    return image.astype(np.float32) * np.float32(1 / 255)


def busy(luma: Float) -> Float:
    """0 (flat) .. 1 (eyes, mouths, letters): where fine contrast of ``luma`` (0..1) is dense."""
    spread = math.sqrt(luma.size) / 120
    fine = np.abs(luma - cv2.GaussianBlur(luma, (0, 0), 3))
    dense = cv2.GaussianBlur(fine, (0, 0), spread)
    return np.asarray(np.clip(dense * 14 - np.float32(0.3), 0, 1), np.float32)


def in_bands(height: int, width: int, work: Callable[[slice], None]) -> None:
    """Call ``work`` with row ranges of about half a megapixel that cover ``height``, in threads."""
    rows = max(1, _BAND_PIXELS // max(width, 1))
    bands.in_bands(lambda top, bottom: work(slice(top, bottom)), height, rows, threads())


def transfer(
    image: Bytes, seen: Bytes, painted: Bytes, detail: float, eps: float = 2e-3, tooth: float = 0.0
) -> Bytes:
    """The painting at the size of ``image``.

    ``image``: H x W x 3 photograph; ``seen``: h x w x 3, the photograph at working size;
    ``painted``: h x w x 3. ``detail`` scales the detail added back; ``eps`` (squared luma, 0..1) is
    the contrast below which the photograph counts as flat; ``tooth`` (0..1) is the canvas showing
    through, only where the painting is enlarged. Returns H x W x 3 uint8.
    """
    h, w = image.shape[:2]
    if painted.shape[0] >= h and painted.shape[1] >= w:
        return resized(painted, (w, h))
    base = resized(painted, (w, h))
    seen_luma = grey(seen)
    soft = resized(seen_luma, (w, h))
    slopes = resized(_slopes(unit(seen_luma), unit(painted), detail, eps), (w, h))
    luma = grey(image)
    zoom = max(h / painted.shape[0], w / painted.shape[1])
    weave = paper.grain(0.9 * math.sqrt(zoom)) if tooth and zoom > 1.2 else None
    out = np.empty_like(image)

    def band(rows: slice) -> None:
        fine = cv2.subtract(luma[rows], soft[rows], dtype=cv2.CV_32F)
        gain = slopes[rows].astype(np.float32)
        gain -= 128
        gain *= fine[:, :, None] * np.float32(1 / _GAIN_STEP)
        gain += base[rows]
        if weave is not None:
            bumps = paper.rows_of(weave, rows, w).astype(np.float32) * np.float32(1 / 255)
            gain *= (bumps * np.float32(tooth) + np.float32(1 - tooth / 2))[:, :, None]
        np.clip(gain, 0, 255, out=gain)
        out[rows] = np.rint(gain, out=gain)

    in_bands(h, w, band)
    return out


def _slopes(guide: Float, painted: Float, detail: float, eps: float) -> Bytes:
    side = (9, 9)
    mean = cv2.blur(guide, side, borderType=cv2.BORDER_REFLECT)
    spread = (
        cv2.blur(guide * guide, side, borderType=cv2.BORDER_REFLECT) - mean * mean + np.float32(eps)
    )
    cross = cv2.blur(painted * guide[:, :, None], side, borderType=cv2.BORDER_REFLECT)
    cross -= cv2.blur(painted, side, borderType=cv2.BORDER_REFLECT) * mean[:, :, None]
    slope = cross / spread[:, :, None]
    return np.clip(np.rint(slope * (detail * _GAIN_STEP) + 128), 0, 255).astype(np.uint8)
