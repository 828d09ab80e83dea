"""Clean a photographed or scanned page: shading, shadows, stains and bleed-through go, ink stays.

Method: the colour of the bare paper is estimated at reduced size (see ``xiutu.image.background``) and
divided away at full size; what is left is how deep the ink is. Depth is measured against the ink
around it, so that faint print stays and the show-through beside strong print goes, and a soft curve
takes paper to white and ink to black. Coloured ink keeps its hue and lightness. After B. Gatos,
I. Pratikakis, S. J. Perantonis, "Adaptive degraded document image binarization", Pattern Recognition
2006, doi:10.1016/j.patcog.2005.09.010, kept soft here; ``binarize`` hardens it down to two tones.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.background import Page, study
from xiutu.image.bands import in_bands
from xiutu.image.guided import enlarge_rows, shrink
from xiutu.image.tone import LUMA, extremes
from xiutu.models import threads
from xiutu.operators._base import Cost, Rgb, Strength, param

__all__ = ["COST", "WEIGHTS", "Params", "apply"]

COST = Cost(fixed_mb=150, bytes_per_pixel=9)
WEIGHTS: tuple[str, ...] = ()

_WORK = 1024
"""Longer side of the copy the paper is estimated on, px."""

_BAND = 64
"""Rows worked on at a time, by each thread."""

_WHITE = (0.06, 0.20)
"""Bounds of the depth up to which a pixel is paper; between them the grain of the page decides."""

_BLACK = 0.92
"""Depth, as a share of the depth of the ink around, from which a pixel is ink."""

_COLOURED = 0.4
"""Depth from which coloured ink keeps all the depth it had."""

_PURE = (0.5, 0.7)
"""Spread of colours that are stain brown, and from which on they are surely ink."""

_TWO_TONE = 0.42
"""Share of the depth of the ink around from which a pixel is black when there are two tones only."""

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Params(Strength):
    """``binarize`` 0..1: 0 keeps soft edges and colours, 1 leaves black and white only."""

    binarize: float = param(
        0.0, minimum=0.0, maximum=1.0, help="hardness: 0 soft, 1 black and white only", own=True
    )


def apply(image: Rgb, params: Params) -> Rgb:
    """Repaired page, same size as ``image`` (H x W x 3 uint8, any size from 1 x 1)."""
    small = shrink(image, _WORK)
    sample = cv2.resize(image, small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    page = study(small, sample.reshape(small.shape))
    out = np.empty_like(image)

    def rows(top: int, bottom: int) -> None:
        out[top:bottom] = _repaired(image, page, params, top, bottom)

    in_bands(rows, image.shape[0], _BAND, threads())
    return out


def _repaired(image: Rgb, page: Page, params: Params, top: int, bottom: int) -> Rgb:
    height, width = image.shape[:2]
    paper = enlarge_rows(page.paper, top, bottom, height, width)
    usual = enlarge_rows(page.depth, top, bottom, height, width)
    picture = enlarge_rows(page.picture, top, bottom, height, width)[:, :, None]
    band = image[top:bottom].astype(np.float32)
    depth = np.clip(1 - band / paper, 0, 1)
    white = float(np.clip(page.grain + 0.02, *_WHITE))
    cleaned = _ink(depth, usual, white)
    cleaned += picture * (depth - cleaned)
    if params.binarize > 0:
        cleaned += np.float32(params.binarize) * (_two_tone(depth, usual, params) - cleaned)
    mixed = band + np.float32(params.strength) * (255 * (1 - cleaned) - band)
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _ink(depth: Float, usual: Float, white: float) -> Float:
    """Depth of the clean page: 0 on paper, 1 on black ink, the depth it had in coloured ink."""
    deep, light = extremes(depth)
    spread = (deep - light) / np.maximum(deep, 1e-3)
    amount = np.clip((deep - white) / (_BLACK * usual - white), 0, 1)
    whole = np.clip((deep - white) / (_COLOURED - white), 0, 1)
    whole *= np.clip((spread - _PURE[0]) / (_PURE[1] - _PURE[0]), 0, 1)
    amount += spread * (deep * np.maximum(amount, whole) - amount)
    share = amount / np.maximum(deep, 1e-3)
    return np.asarray(depth * share[:, :, None], np.float32)


def _two_tone(depth: Float, usual: Float, params: Params) -> Float:
    """0 or 1 at hardness 1, a ramp below it; by luma, so that marker pen stays paper."""
    grey = cv2.transform(depth, LUMA[None]).reshape(usual.shape)
    share = grey / usual - np.float32(_TWO_TONE)
    ramp = np.clip(share / max(1 - params.binarize, 1e-6) + np.float32(0.5), 0, 1)
    return np.rint(ramp)[:, :, None] if params.binarize >= 1 else ramp[:, :, None]
