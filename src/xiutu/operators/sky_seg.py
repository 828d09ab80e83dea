"""Find the sky: how likely each pixel shows it, and which ones do.

A network names likely places on a reduced picture (``_sky``); they are moved to full size along the
edges of roofs and branches by local models over the colours of the picture (guided filter, K. He, J.
Sun, X. Tang, TPAMI 2013, doi:10.1109/TPAMI.2012.213). A picture that shows none is all zero.
"""

import numpy as np
from numpy.typing import NDArray

from xiutu.image.bands import in_bands
from xiutu.image.guided import LocalModel, enlarge_rows, fit, shrink
from xiutu.models import threads
from xiutu.operators._base import Cost, Params, Rgb
from xiutu.operators._sky import NET, likely

__all__ = ["COST", "WEIGHTS", "Params", "apply"]

COST = Cost(fixed_mb=220, bytes_per_pixel=6)
WEIGHTS: tuple[str, ...] = (NET,)

Float = NDArray[np.float32]

SIDE = 768  # longer side at which the map meets the edges of the picture, px
RADIUS, EPS = 16, 4e-4  # of the local models, px at SIDE and squared 0..1
CONTRAST = 1.6  # steeper than the models, which leave a veil on both sides of an edge
SOME = 0.25  # probability of any sky below which there is none
LEAST = 3e-4  # share of the picture that a sky takes at least
BAND_PIXELS = 200_000  # work size: stays near the cache


def apply(image: Rgb, params: Params) -> dict[str, NDArray[np.uint8] | str]:
    """Maps of the sky in ``image`` (H x W x 3 uint8 of any size).

    Returns:
        ``scoremap``: H x W, 0..255, about the probability. ``labelmap``: H x W, 1 where the score is
        128 or more, else 0. ``type``: "sky".
    """
    del params
    height, width = image.shape[:2]
    score = np.zeros((height, width), np.uint8)
    found, some = likely(image)
    if some >= SOME and (found > 0.5).mean() >= LEAST:
        small = shrink(image, SIDE)
        coarse = enlarge_rows(found, 0, small.shape[0], small.shape[0], small.shape[1])
        _moved(image, fit(_light(small), coarse, RADIUS, EPS), score)
    return {"labelmap": (score >= 128).astype(np.uint8), "scoremap": score, "type": "sky"}


def _moved(image: Rgb, model: LocalModel, score: NDArray[np.uint8]) -> None:
    """Write the map at full size into ``score``."""
    height, width = score.shape

    def band(top: int, bottom: int) -> None:
        part = model.rows(_light(image[top:bottom]), top, height)
        part = (part - np.float32(0.5)) * np.float32(CONTRAST) + np.float32(0.5)
        score[top:bottom] = np.rint(np.clip(part, 0, 1) * 255)

    in_bands(band, height, max(1, BAND_PIXELS // width), threads())


def _light(rgb: Rgb) -> Float:
    return rgb.astype(np.float32) * np.float32(1 / 255)
