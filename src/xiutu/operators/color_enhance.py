"""Livelier, natural colours: white balance, tone and saturation are put right where they are off.

Method: statistics of the picture say, by a regression trained on dulled photos, which map of colours
undoes what is wrong (``xiutu.image.tone``); a well exposed, neutral, colourful photo gets a map near the
identity. The map is evaluated at full size with a shoulder for highlights, hue kept at the gamut's
border, blown whites kept neutral, and less chroma for colours that are vivid already and for skin
(hue range after J. Kovac, P. Peer, F. Solina, EUROCON 2003, doi:10.1109/EURCON.2003.1248169).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.bands import in_bands
from xiutu.image.guided import shrink
from xiutu.image.tone import LUMA, ColourMap, correction, extremes
from xiutu.models import threads
from xiutu.operators._base import Cost, Rgb
from xiutu.operators._base import Strength as Params

__all__ = ["COST", "WEIGHTS", "Params", "apply"]

COST = Cost(fixed_mb=45, bytes_per_pixel=8)
WEIGHTS: tuple[str, ...] = ()

_STUDY = 160
"""Longer side of the copy the statistics are taken of, px (the regression was trained on 144)."""

_BAND = 64
"""Rows worked on at a time, by each thread."""

_LIFT = 0.35
"""Extra chroma of pale colours where the statistics ask for none."""

_SKIN = 0.20
"""Chroma (distance of R and B from luma, 0..1) that skin is not taken beyond at full pace."""

Float = NDArray[np.float32]


def apply(image: Rgb, params: Params) -> Rgb:
    """Enhanced picture, same size as ``image`` (H x W x 3 uint8, any size from 1 x 1)."""
    small = shrink(image, _STUDY).astype(np.float32) / np.float32(255)
    colours = _eased(correction(small), params.strength)
    out = np.empty_like(image)

    def rows(top: int, bottom: int) -> None:
        band = image[top:bottom].astype(np.float32) / np.float32(255)
        done = _enhanced(
            band, colours, np.float32(_LIFT * params.strength / max(colours.chroma, 1.0) ** 3)
        )
        out[top:bottom] = np.rint(done * np.float32(255)).astype(np.uint8)

    in_bands(rows, image.shape[0], _BAND, threads())
    if not colours.cast.any() and not np.ptp(small, axis=2).any():
        out[:] = out[:, :, :1]
    return out


def _eased(full: ColourMap, strength: float) -> ColourMap:
    """The map between the identity (strength 0) and ``full``."""
    return ColourMap(
        offset=strength * full.offset,
        slope=1 + strength * (full.slope - 1),
        chroma=full.chroma**strength,
        cast=strength * full.cast,
    )


def _enhanced(band: Float, colours: ColourMap, lift: np.float32) -> Float:
    """The map on sRGB 0..1, with everything that keeps it natural; 0..1."""
    shape = band.shape
    grey = cv2.transform(band, LUMA[None]).reshape(shape[:2])
    red, blue = band[:, :, 0] - grey, band[:, :, 2] - grey
    vivid = np.sqrt(red * red + blue * blue)
    skin = np.clip(4 * red / (vivid + 1e-3) - 1, 0, 1) * np.clip(-4 * blue / (vivid + 1e-3), 0, 1)
    gain = _chroma_gain(vivid, skin, np.float32(colours.chroma), lift)

    # A cast grows with light. Where all channels are blown there is no colour left to balance.
    amount = np.minimum(2 * grey, 1.6) * np.clip((1 - extremes(band)[1]) * 20, 0, 1)
    level = float(colours.cast @ LUMA)
    cast = (colours.cast - level).astype(np.float32)
    light = np.float32(colours.slope) * grey + np.float32(colours.offset)
    light = _shoulder(light + np.float32(level) * amount, grey)
    tint = (band - grey[:, :, None]) * gain[:, :, None] + amount[:, :, None] * cast
    return _into_gamut(light, tint)


def _chroma_gain(vivid: Float, skin: Float, chroma: np.float32, lift: np.float32) -> Float:
    """Chroma gain per pixel: fading on colours that are, or would become, vivid, and on skin."""
    wanted = vivid * chroma
    wanted *= 1 + lift * (1 - skin) * np.clip(1 - wanted * 3, 0, 1)
    limit = np.maximum(np.float32(_SKIN), vivid)
    over = np.maximum(wanted - limit, 0)
    wanted -= 0.7 * skin * over
    return wanted / (vivid + np.float32(1e-4))


def _shoulder(light: Float, grey: Float) -> Float:
    """Luma into 0..1 without a hard knee; white stays white and black stays black."""
    top = np.maximum(light - np.float32(0.94), 0)
    light = light - top + top * 0.06 / (top + 0.06)
    bottom = np.maximum(np.float32(0.03) - light, 0)
    light = light + bottom - bottom * 0.03 / (bottom + 0.03)
    near_white = np.clip((grey - 0.92) / 0.08, 0, 1)
    near_black = np.clip(1 - grey / 0.06, 0, 1)
    light += near_white * np.maximum(grey - light, 0)
    return light + near_black * np.minimum(grey - light, 0)


def _into_gamut(light: Float, tint: Float) -> Float:
    """``light`` + ``tint`` with the tint scaled down where a channel would leave 0..1."""
    most, least = extremes(tint)
    room = np.minimum((1 - light) / (most + 1e-6), light / (1e-6 - least))
    out = light[:, :, None] + tint * np.clip(room, 0, 1)[:, :, None]
    return np.asarray(np.clip(out, 0, 1), np.float32)
