"""Removes fog and haze: dark channel prior with a local airlight, upsampled by guided filter.

Model: ``picture = scene * t + airlight * (1 - t)``, solved for the scene. The transmission ``t``
comes from the dark channel (K. He, J. Sun, X. Tang, TPAMI 2011, doi:10.1109/TPAMI.2010.168),
refined and upsampled by the guided filter (TPAMI 2013, doi:10.1109/TPAMI.2012.213).

Added to the papers, against their known faults:

- dark, stained skies: the airlight is a smooth field that follows brightness and tint of the opaque
  haze in the picture, not one colour taken from its brightest spot;
- amplified noise and JPEG blocks: flat regions are split into base and residue by a guided filter
  of the picture by itself, and the residue is hardly amplified;
- gaudy colours: saturation that the inversion adds is rounded off before a channel reaches zero,
  and in opaque haze, where it is mostly tint, part of it is taken back;
- gloomy foregrounds: a tone curve lifts them when their median turns out darker than a photo's;
- picture frames: uniform white or black borders do not count as haze.

All is estimated at 640 px; the full-size picture is only read once, a band of rows at a time.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.bands import in_bands
from xiutu.image.guided import LocalModel, box_mean, enlarge_rows, fit, shrink
from xiutu.image.light import luma
from xiutu.models import threads
from xiutu.operators._base import Cost, Rgb
from xiutu.operators._base import Strength as Params
from xiutu.operators._haziness import haziness

COST = Cost(fixed_mb=90, bytes_per_pixel=4)
WEIGHTS: tuple[str, ...] = ("haze",)

Float = NDArray[np.float32]

SIDE = 640  # long side at which haze is estimated, px
PATCH = 0.039  # side of the dark channel window, share of the long side
RADIUS = 0.0625  # guided filter for the transmission, share of the long side
OMEGA = 0.95  # most of the dark channel taken for haze: a trace of haze keeps the depth of a scene
SURE = (0.05, 0.55)  # estimated haziness up to which a picture counts as clear, from which as hazy
LEAST = 0.4  # share of OMEGA that a clear picture gets
T_MIN = 0.2  # no region is amplified more than five times
T_MIN_OPAQUE = 0.25  # ... and opaque haze or sky a little less
DIM, DIM_STEEP = 0.25, 5.0  # ... and opaque haze dimmer than its surroundings less again
T_RESIDUE = 0.6  # amplification bound of noise in flat regions
BLUE = 0.6  # share of chroma taken back in blue distance: haze scatters more than one airlight says
DULL = 0.4  # share of chroma taken back in opaque haze
BAND_PIXELS = 200_000  # work size: bounds memory and stays near the cache


def apply(image: Rgb, params: Params) -> Rgb:
    """Picture without haze, same size. ``image`` is H x W x 3 uint8 sRGB of any size."""
    if params.strength <= 0:
        return image.copy()
    small = shrink(image, SIDE)
    haze = _estimate(small, params.strength)
    lift = _lift(small, haze, params.strength)
    out = np.empty_like(image)
    height, width = image.shape[:2]
    rows = max(1, BAND_PIXELS // width)

    def work(top: int, bottom: int) -> None:
        scene, clear = _restore(image[top:bottom], haze, top, height)
        vivid = 1 - enlarge_rows(haze.dull, top, bottom, height, width)
        out[top:bottom] = _finish(scene, clear, vivid, lift)

    in_bands(work, height, rows, threads())
    return out


@dataclass(frozen=True)
class _Haze:
    """What is known about the haze of one picture, at reduced size.

    ``air`` h x w x 3 (coarse); ``clear``: model of the transmission over luma; ``base``: model of
    the picture without flat-region noise over luma; ``opaque`` h x w 0..1: opaque haze or sky;
    ``dull`` h x w 0..1 (coarse): share of the chroma taken back there, where it is mostly tint.
    """

    air: Float
    clear: LocalModel
    base: LocalModel
    opaque: Float
    dull: Float


def _estimate(small: Rgb, strength: float) -> _Haze:
    side = max(small.shape[:2])
    scene = small.astype(np.float32) / np.float32(255)
    air, dark, opaque = veil(scene)
    height, width = dark.shape
    guide = luma(small)
    patch = _patch(side)
    # Sky that is dimmer than the air around it would turn into a black cloud.
    glow = cv2.transform(enlarge_rows(air, 0, height, height, width), _LUMA).reshape(dark.shape)
    dim = np.clip((1 - box_mean(guide, patch // 2) / glow) * DIM_STEEP, 0, 1)
    floor = T_MIN + opaque * (T_MIN_OPAQUE - T_MIN + DIM * dim)
    share = np.float32(OMEGA * _share(haziness(_unframed(small, scene))))
    clear = 1 - np.float32(strength) * (1 - np.maximum(1 - share * dark, floor))
    return _Haze(
        air=air,
        clear=fit(guide, np.asarray(clear, np.float32), round(side * RADIUS), 1e-3),
        base=fit(guide, scene, round(side * RADIUS / 5), 4e-4),
        opaque=opaque,
        dull=box_mean(opaque, patch // 2) * np.float32(DULL * strength * share),
    )


def _unframed(small: Rgb, scene: Float) -> Rgb:
    """The picture without its frame."""
    inside = ~_frame(scene)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not rows.size:
        return small
    return small[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _share(estimate: float) -> float:
    """Share of the dark channel to take: a picture may look clearer than who calls this thinks it is."""
    low, high = SURE
    return LEAST + (1 - LEAST) * float(np.clip((estimate - low) / (high - low), 0, 1))


def veil(scene: Float) -> tuple[Float, Float, Float]:
    """What could be haze in ``scene`` (h x w x 3, 0..1), whether it is or not.

    The airlight (coarse, h' x w' x 3), the dark channel in units of it (h x w, 0..1) and where haze is
    opaque (h x w, 0..1).
    """
    height, width = scene.shape[:2]
    patch = _patch(max(height, width))
    frame = _frame(scene)
    air = _brightest_haze(scene, patch, frame)
    opaque = np.clip((_dark_channel(scene / air, patch) - 0.6) / 0.3, 0, 1) ** 2
    opaque[frame] = 0
    field = _air_field(scene, air, opaque)
    full_field = enlarge_rows(field, 0, height, height, width)
    dark = np.minimum(_dark_channel(scene / full_field, patch), 1)
    return field, np.asarray(dark, np.float32), np.asarray(opaque, np.float32)


def _patch(side: int) -> int:
    """Side of the dark channel window, px, odd."""
    return 2 * round(side * PATCH / 2) + 1


def _dark_channel(scene: Float, patch: int) -> Float:
    """Lowest channel in a window of ``patch`` px; near zero wherever there is no haze."""
    lowest = np.ascontiguousarray(scene.min(axis=2))
    return np.asarray(cv2.erode(lowest, np.ones((patch, patch), np.uint8)), np.float32)


def _frame(scene: Float) -> NDArray[np.bool_]:
    """Uniform white or black rows and columns along the border, h x w."""
    frame = np.zeros(scene.shape[:2], np.bool_)
    for axis in (0, 1):
        across = (1 - axis, 2)
        uniform = (scene.min(axis=across) > 0.97) | (scene.max(axis=across) < 0.03)
        inside = np.flatnonzero(~uniform)
        if inside.size:
            where = np.arange(uniform.size)
            border = (where < inside[0]) | (where > inside[-1])
            frame |= border[:, None] if axis == 0 else border[None, :]
    return frame


def _brightest_haze(scene: Float, patch: int, frame: NDArray[np.bool_]) -> Float:
    """Median colour of the 0.1 % haziest pixels, a little greyer, as haze is."""
    dark = np.where(frame, 0, _dark_channel(scene, patch)).ravel()
    count = max(1, dark.size // 1000)
    chosen = np.argpartition(dark, dark.size - count)[-count:]
    air = np.maximum(np.median(scene.reshape(-1, 3)[chosen], axis=0), 0.1)
    return np.asarray(air.mean() + 0.8 * (air - air.mean()), np.float32)


def _air_field(scene: Float, air: Float, opaque: Float) -> Float:
    """Airlight at an eighth of the size: ``air``, drawn to the opaque haze nearby, if any."""
    height, width = opaque.shape
    size = (max(1, width // 8), max(1, height // 8))

    def spread(x: Float) -> Float:
        low = cv2.resize(x, size, interpolation=cv2.INTER_AREA)
        sigma = max(0.5, 0.25 * max(size))
        low = cv2.GaussianBlur(low, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        return np.asarray(low, np.float32).reshape(size[1], size[0], *x.shape[2:])

    level = scene @ (air / np.dot(air, air))
    tint = scene / np.maximum(level, 0.05)[:, :, None]
    weight, bright = spread(opaque), spread(opaque * level)
    tints = spread(opaque[:, :, None] * tint)
    brightness = np.minimum((bright + 0.15) / (weight + 0.15), 1.3)
    colour = (tints + 0.03 * air) / (weight + 0.03)[:, :, None]
    return np.asarray(np.maximum(colour * brightness[:, :, None], 0.05), np.float32)


def _restore(band: Rgb, haze: _Haze, top: int, height: int) -> tuple[Float, Float]:
    """Scene (float32, may leave 0..1) and transmission of the rows from ``top`` on."""
    bottom, width = top + band.shape[0], band.shape[1]
    guide = luma(band)
    clear = np.clip(haze.clear.rows(guide, top, height), T_MIN, 1)
    gain = (1 / clear)[:, :, None]
    calm = np.minimum(gain, np.float32(1 / T_RESIDUE))
    scene = band.astype(np.float32)
    scene *= calm / np.float32(255)
    base = haze.base.rows(guide, top, height)
    base *= gain - calm
    scene += base
    air = enlarge_rows(haze.air, top, bottom, height, width)
    air *= 1 - gain
    scene += air
    return scene, clear


def _finish(scene: Float, clear: Float, vivid: Float, lift: Float) -> Rgb:
    """Round off added saturation, scale chroma by ``vivid``, apply the tone curve, to 8 bit."""
    level = np.maximum(cv2.transform(scene, _LUMA).reshape(clear.shape), 0)
    spread = (level - _lowest(scene)) / np.maximum(level, 1e-3)
    steps = len(_ROUND_OFF) - 1
    keep = _ROUND_OFF[np.clip(spread * (steps / 4), 0, steps).astype(np.uint16)]
    keep += (1 - keep) * clear
    keep *= vivid
    blue = (scene[:, :, 2] - level) / np.maximum(level, np.float32(0.05))
    keep *= 1 - np.float32(BLUE) * np.clip(4 * blue, 0, 1) * (1 - clear)
    tone = lift[(np.minimum(level, 1) * (len(lift) - 1)).astype(np.uint16)]
    scene *= (keep * tone * 255)[:, :, None]
    scene += ((1 - keep) * level * tone * 255 + 0.5)[:, :, None]
    return np.clip(scene, 0, 255, out=scene).astype(np.uint8)


def _lift(small: Rgb, haze: _Haze, strength: float) -> Float:
    """Gain per luma step that brings a too dark foreground most of the way to a median of 0.3."""
    level = np.linspace(0, 1, 1024, dtype=np.float32)
    scene, _ = _restore(small, haze, 0, small.shape[0])
    ground = haze.opaque < 0.3
    if np.count_nonzero(ground) <= 0.05 * ground.size:
        return np.ones_like(level)
    after = max(float(np.median((scene @ _LUMA[0])[ground])), 0.02)
    want = min(float(np.median(luma(small)[ground])), 0.3)
    if after >= want:
        return np.ones_like(level)
    exponent = max(1 + 0.6 * strength * (np.log(want) / np.log(after) - 1), 0.5)
    # Bounded near black, where a power curve would lift noise without end.
    return np.asarray(np.clip(np.maximum(level, 1e-3) ** (exponent - 1), 1, 2.5), np.float32)


def _lowest(scene: Float) -> Float:
    red, green, blue = cv2.split(scene)
    return np.asarray(cv2.min(cv2.min(red, green), blue), np.float32).reshape(scene.shape[:2])


def _round_off() -> Float:
    """Factor on chroma over spread = (luma - lowest channel) / luma, 0..4; ends below 0.8."""
    spread = np.linspace(1e-3, 4, 4096, dtype=np.float32)
    knee, limit = 0.4, 0.8
    bent = knee + (limit - knee) * np.tanh((spread - knee) / (limit - knee))
    return np.asarray(np.where(spread > knee, bent / spread, 1), np.float32)


_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)
_ROUND_OFF = _round_off()
