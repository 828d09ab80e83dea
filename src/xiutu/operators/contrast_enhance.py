"""Corrects pictures that are too dark or too bright; pictures that are fine barely change.

Two steps in linear light. The shift of exposure is estimated from histograms by a small net
(``_exposure``) and undone by one curve for all pixels: a gain with a shoulder for dark pictures,
so that lights do not clip; for bright ones a factor that leaves white near white. What is still
dark after that (backlit subjects, night) is lifted by a local gain that depends on the brightness
of the surroundings. The surroundings are found by the guided filter (doi:10.1109/TPAMI.2012.213)
at 640 px and upsampled along the edges of the picture, hence no halos. All gains act on the three
channels alike, in the manner of exposing longer, hence natural colours.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import LocalModel, fit, guided_filter, shrink
from xiutu.image.light import encode_srgb, to_linear, to_srgb
from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base
from xiutu.operators._exposure import exposure

COST = Cost(fixed_mb=80, bytes_per_pixel=4)
WEIGHTS: tuple[str, ...] = ("exposure",)

Float = NDArray[np.float32]

SIDE = 640  # long side at which the picture is judged, px
RADIUS = 0.06  # surroundings, share of the long side
LIFT = 2.0  # largest local gain, EV
BAND_PIXELS = 400_000  # work size: bounds memory and stays near the cache


@dataclass(frozen=True)
class Params(Base):
    """``strength`` 0..1: share of the correction that is made."""

    strength: float = param(
        1.0, minimum=0.0, maximum=1.0, help="Share of the correction that is made", own=True
    )


def apply(image: Rgb, params: Params) -> Rgb:
    """Corrected picture, same size. ``image`` is H x W x 3 uint8 sRGB of any size."""
    if params.strength <= 0:
        return image.copy()
    small = shrink(image, SIDE)
    curve = _curve(params.strength * _shift(small))
    seen = encode_srgb(curve)  # how bright a grey of the input looks after the curve
    lift = _local_lift(small, seen, params.strength)
    if lift is None:
        return np.ascontiguousarray(to_srgb(curve)[image])
    out = np.empty_like(image)
    height, width = image.shape[:2]
    rows = max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        band = image[top : top + rows]
        gain = np.exp2(np.clip(lift.rows(_grey(band, seen), top, height), 0, LIFT))[:, :, None]
        light = curve[band]
        # Slope ``gain`` at black, 1 to 1: a bright spot in dark surroundings does not clip.
        out[top : top + rows] = to_srgb(gain * light / (1 + (gain - 1) * light))
    return out


def _shift(small: Rgb) -> float:
    """Exposure to undo, EV; estimates within the net's error of 0 count little."""
    shift = exposure(small)
    return float(np.clip(shift * shift**2 / (shift**2 + 0.04), -3, 2))


def _curve(shift: float) -> Float:
    """Linear light that each 8-bit value gets when an exposure ``shift`` (EV) is undone, 256."""
    light = to_linear(np.arange(256, dtype=np.uint8))
    bare = light * np.float32(2.0**-shift)
    if shift <= 0:
        knee = np.float32(0.85)
        bend = knee + (1 - knee) * (1 - np.exp(-np.maximum(bare - knee, 0) / (1 - knee)))
        return np.where(bare > knee, bend, bare).astype(np.float32)
    # Lost lights were anything from 2**-shift up: near white, since a grey sun looks wrong.
    white = 1 - 0.12 * shift
    return np.asarray(bare + (white - 2.0**-shift) * light**8, np.float32)


def _grey(rgb: Rgb, seen: Float) -> Float:
    """Luma 0..1 after the curve, H x W."""
    return seen[cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)].reshape(rgb.shape[:2])


def _local_lift(small: Rgb, seen: Float, strength: float) -> LocalModel | None:
    """Local gain in EV over the brightness after the curve; None where nothing is left dark."""
    guide = _grey(small, seen)
    radius = max(1, round(max(small.shape[:2]) * RADIUS))
    around = np.clip(guided_filter(guide, guide, radius, 0.01), 0, 1)
    dark_share = float(np.mean(np.clip((0.3 - around) / 0.15, 0, 1)))
    amount = strength * float(np.clip((dark_share - 0.15) / 0.45, 0, 1))
    if amount < 0.02:
        return None
    # Full for deep shadow, nothing from 0.6 up; black itself stays, as it holds only noise.
    wanted = LIFT * amount * np.clip(1 - around / 0.6, 0, 1) ** 2 * np.clip(around / 0.05, 0, 1)
    return fit(guide, np.asarray(wanted, np.float32), max(1, radius // 2), 0.01)
