"""Colours black-and-white pictures: chrominance by a net at a small size, luminance untouched.

The net ``colourize`` (``training/colourize.py``) predicts CIELAB a and b at some 64 x 64 places
(``_chroma``). They are aligned with the edges of the picture at a middle size (fast global
smoother, Min et al., IEEE TIP 2014, doi:10.1109/TIP.2014.2366600) and moved to full size by
local linear models over the luminance (guided filter, doi:10.1109/TPAMI.2012.213). Each pixel keeps
its luminance Y exactly (CIE 1931, up to 8-bit rounding): colours that sRGB cannot show at that
luminance are drawn towards grey in linear light until it can.

Pictures with colours of their own: a toned monochrome (sepia, cyanotype, yellowed paper; see
``_toned``) loses its tone and is coloured like any other; a coloured patch in it (a seal, a date, a
strip of the neighbouring picture) stays. A truly coloured photo is returned as it is. The vendor's
pages promise colour for black-and-white pictures and are silent about others; the colours a photo
has are better than guesses, and so a folder that mixes both kinds can be sent through without harm.
Who wants a coloured photo coloured anew makes it grey first.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.bands import in_bands
from xiutu.image.guided import LocalModel, enlarge_rows, fit, shrink
from xiutu.image.light import to_linear, to_srgb
from xiutu.models import threads
from xiutu.operators._base import Cost, Params, Rgb
from xiutu.operators._chroma import NET, chrominance
from xiutu.operators._toned import own_colour

__all__ = ["COST", "WEIGHTS", "Params", "apply"]

COST = Cost(fixed_mb=150, bytes_per_pixel=6)
WEIGHTS: tuple[str, ...] = (NET,)

Float = NDArray[np.float32]

SIDE = 512  # long side at which chrominance meets the edges, px
SMOOTH, EDGE = 80.0, 6.0  # of the fast global smoother: strength, levels of luma that stop it
RADIUS, EPS = 2, 1e-3  # of the local models, px at SIDE and squared luma
BAND_PIXELS = 200_000  # work size: stays near the cache

_LUMINANCE = np.array([[0.2126390, 0.7151687, 0.0721923]], np.float32)  # Y of linear sRGB
# X and Z (relative to the white point) and Y to linear red and blue; green follows from Y.
_RED = (3.0803988, -1.5373828, -0.5430160)
_BLUE = (0.0528740, -0.2039770, 1.1511030)


def apply(image: Rgb, params: Params) -> Rgb:
    """Coloured picture, same size. ``image`` is H x W x 3 uint8 sRGB of any size."""
    del params
    kept = own_colour(image)
    if kept is None:
        return image.copy()
    patches = bool(kept.max() > 0.02)
    model = _model(shrink(image, SIDE))
    out = np.empty_like(image)
    height, width = image.shape[:2]
    rows = max(1, BAND_PIXELS // width)

    def band(top: int, bottom: int) -> None:
        part = image[top:bottom]
        result = _painted(part, model.rows(_luma(part), top, height))
        if patches:
            share = enlarge_rows(kept, top, bottom, height, width)[:, :, None]
            result = np.rint(result + share * (part.astype(np.float32) - result)).astype(np.uint8)
        out[top:bottom] = result

    in_bands(band, height, rows, threads())
    return out


def _model(small: Rgb) -> LocalModel:
    """a and b as local functions of luma, fitted at the middle size."""
    luma = _luma(small)
    grey = np.rint(luma * 255).astype(np.uint8)
    size = (small.shape[1], small.shape[0])
    colour = cv2.resize(chrominance(grey), size, interpolation=cv2.INTER_CUBIC)
    if min(size) > 1:
        colour = cv2.ximgproc.fastGlobalSmootherFilter(grey, colour, SMOOTH, EDGE)
    return fit(luma, np.asarray(colour, np.float32).reshape(*grey.shape, 2), RADIUS, EPS)


def _luma(rgb: Rgb) -> Float:
    """0..1, H x W."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).reshape(rgb.shape[:2])
    return np.asarray(grey, np.float32) * np.float32(1 / 255)


def _painted(rgb: Rgb, colour: Float) -> Rgb:
    """Luminance of ``rgb`` (H x W x 3) with the a and b of ``colour`` (H x W x 2)."""
    shape = rgb.shape[:2]
    light = cv2.transform(to_linear(rgb), _LUMINANCE).reshape(shape)
    root = np.cbrt(light)
    # CIELAB's linear part below 0.9 % of white is left out: there colour cannot be seen.
    x = (root + colour[:, :, 0] * np.float32(1 / 500)) ** 3
    z = (root - colour[:, :, 1] * np.float32(1 / 200)) ** 3
    red, blue = (
        np.float32(m[0]) * x + np.float32(m[1]) * light + np.float32(m[2]) * z
        for m in (_RED, _BLUE)
    )
    w = _LUMINANCE[0]
    green = (light - w[0] * red - w[2] * blue) / w[1]
    share = np.ones(shape, np.float32)
    for channel in (red, green, blue):
        room = np.where(channel > light, 1 - light, light)
        away = np.abs(channel - light)
        share = np.minimum(share, room / np.maximum(away, room + np.float32(1e-9)))
    linear = np.stack([red, green, blue], axis=2)
    linear -= light[:, :, None]
    linear *= share[:, :, None]
    linear += light[:, :, None]
    return to_srgb(linear)
