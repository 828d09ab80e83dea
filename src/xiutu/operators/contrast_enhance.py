"""Corrects pictures that are too dark or too bright; pictures that are fine barely change.

Two steps in linear light. The shift of exposure is estimated from histograms by a small net
(``_exposure``) and undone for all pixels alike: a gain with a shoulder for dark pictures, so that
lights do not clip; for bright ones a factor that leaves white near white. What is still
dark after that (backlit subjects, night) is lifted by a local gain that depends on the brightness
of the surroundings. The surroundings are found by the guided filter (doi:10.1109/TPAMI.2012.213)
at 640 px and upsampled along the edges of the picture, hence no halos. All gains act on the three
channels alike, in the manner of exposing longer, hence natural colours.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import LocalModel, fit, guided_filter, shrink
from xiutu.image.light import encode_srgb, to_linear, to_srgb
from xiutu.operators._base import Cost, Rgb
from xiutu.operators._base import Strength as Params
from xiutu.operators._exposure import exposure

COST = Cost(fixed_mb=80, bytes_per_pixel=4)
WEIGHTS: tuple[str, ...] = ("exposure",)

Float = NDArray[np.float32]

SIDE = 640  # long side at which the picture is judged, px
RADIUS = 0.06  # surroundings, share of the long side
LIFT = 2.5  # largest local gain, EV
BAND_PIXELS = 400_000  # work size: bounds memory and stays near the cache


def apply(image: Rgb, params: Params) -> Rgb:
    """Corrected picture, same size. ``image`` is H x W x 3 uint8 sRGB of any size."""
    if params.strength <= 0:
        return image.copy()
    small = shrink(image, SIDE)
    shift = exposure(small)
    undo = params.strength * _trusted(shift)
    curve = _brightening(min(undo, 0.0))
    darker = _darkening(undo, _white_share(small)) if undo > 0 else None
    seen = encode_srgb(curve)  # how bright a grey of the input looks after the curve
    lift = _local_lift(_through(darker, small), seen, shift, params.strength)
    table = _lifted(curve).ravel()
    out = np.empty_like(image)
    height, width = image.shape[:2]
    rows = max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        band = _through(darker, image[top : top + rows])
        if lift is None:
            out[top : top + rows] = table[:256][band]
            continue
        gain = np.clip(lift.rows(_grey(band, seen), top, height), 0, LIFT)
        step = (gain * np.float32(255 / LIFT) + np.float32(0.5)).astype(np.uint16) << 8
        out[top : top + rows] = table[step[:, :, None] | band]
    return out


def _lifted(curve: Float) -> NDArray[np.uint8]:
    """Result for each local gain (256 steps of 0..``LIFT`` EV) and each 8-bit value, 256 x 256."""
    gain = np.exp2(np.linspace(0, LIFT, 256, dtype=np.float32))[:, None]
    # Slope ``gain`` at black, 1 to 1: a bright spot in dark surroundings does not clip.
    return to_srgb(gain * curve / (1 + (gain - 1) * curve))


def _trusted(shift: float) -> float:
    """Exposure to undo, EV; estimates within the net's error of 0 count little."""
    return float(np.clip(shift * shift**2 / (shift**2 + 0.04), -3, 2))


def _white_share(small: Rgb) -> float:
    """Share of pixels that are white in all channels."""
    return float(np.mean(small.min(axis=2) >= 250))


def _brightening(shift: float) -> Float:
    """Linear light that each 8-bit value gets when ``shift`` <= 0 (EV) is undone, 256."""
    bare = to_linear(np.arange(256, dtype=np.uint8)) * np.float32(2.0**-shift)
    # Extended Reinhard shoulder from the knee on: the input's white becomes white.
    knee, end = np.float32(0.85), np.float32((2.0**-shift - 0.85) / 0.15)
    over = np.maximum(bare - knee, 0) / (1 - knee)
    bend = knee + (1 - knee) * over * (1 + over / end**2) / (1 + over)
    return np.where(bare > knee, bend, bare).astype(np.float32)


def _darkening(shift: float, white_share: float) -> NDArray[np.uint8]:
    """8-bit result when ``shift`` > 0 (EV) is undone, 256 x 256, flat: over whiteness and value.

    Lost lights were anything from 2**-shift up: near white, since a grey sun looks wrong, and white
    itself where so much is white that it is the ground the picture is set on. Whiteness (mean of
    value and lowest channel) decides, because one clipped channel, as in skin or wood, must come
    down with the other two or the colour turns garish.
    """
    light = to_linear(np.arange(256, dtype=np.uint8))
    factor = np.float32(2.0**-shift)
    white = 1 - 0.12 * shift * float(np.clip((0.5 - white_share) / 0.2, 0, 1))
    return to_srgb(factor * light + (np.float32(white) - factor) * light[:, None] ** 8).ravel()


def _through(darker: NDArray[np.uint8] | None, rgb: Rgb) -> Rgb:
    """The picture through the table of ``_darkening``; as it is without one."""
    if darker is None:
        return rgb
    whiteness = (rgb.min(axis=2).astype(np.uint16)[:, :, None] + rgb) >> 1
    return darker[whiteness << 8 | rgb]


def _grey(rgb: Rgb, seen: Float) -> Float:
    """Luma 0..1 after the curve, H x W."""
    return seen[cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)].reshape(rgb.shape[:2])


def _local_lift(small: Rgb, seen: Float, shift: float, strength: float) -> LocalModel | None:
    """Local gain in EV over the brightness after the curve; None where nothing is left dark."""
    guide = _grey(small, seen)
    radius = max(1, round(max(small.shape[:2]) * RADIUS))
    around = np.clip(guided_filter(guide, guide, radius, 0.01), 0, 1)
    dark_share = float(np.mean(np.clip((0.3 - around) / 0.15, 0, 1)))
    # A picture that seems too bright and is dark all the same is dark by nature.
    doubt = float(np.clip(1.15 - shift / 0.5, 0, 1))
    amount = strength * doubt * float(np.clip((dark_share - 0.1) / 0.35, 0, 1))
    if amount < 0.02:
        return None
    # Noise is lifted with the picture: after a large gain for all, the local one is smaller, and
    # black, where noise is all there is, stays black.
    spent = min(max(-shift, 0), 3)
    most = amount * max(LIFT - 0.7 * spent, 0)
    depth = np.clip(1 - around / 0.7, 0, 1) ** 1.5 * np.clip(around / (0.03 + 0.05 * spent), 0, 1)
    return fit(guide, np.asarray(most * depth, np.float32), max(1, radius // 2), 0.01)
