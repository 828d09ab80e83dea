"""Skin in four flat tones with large, soft-edged forms."""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._anime.frame import polygon
from xiutu.operators._anime.regions import Head, feature_zones
from xiutu.operators._anime.tones import hair_ramp, skin_ramp, steps, tinted
from xiutu.operators._faces import topology as lines
from xiutu.operators._faces.arrays import f32

__all__ = ["lit_from", "shaded"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_BEARD = 0.26  # drop of log light from cheek to jaw, on the less dark half
_UNIT = 160.0  # px of a face while its light is looked at


def shaded(crop: Bytes, head: Head) -> Float:
    """Colours (h x w x 3, 0..1) of all skin over the box of ``head``."""
    frame = head.frame
    zoom = min(1.0, _UNIT / frame.unit)
    full = (crop.shape[1], crop.shape[0])
    size = (max(2, round(full[0] * zoom)), max(2, round(full[1] * zoom)))
    unit = frame.unit * zoom
    luma = cv2.cvtColor(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    light = np.asarray(luma, np.float32) * np.float32(1 / 255)
    skin = np.asarray(cv2.resize(head.skin, size, interpolation=cv2.INTER_AREA), np.float32)
    ratio = f32([size[0] / full[0], size[1] / full[1]])
    points = (head.face.points[:, :2] - f32(head.box[:2])) * ratio
    oval = polygon((size[1], size[0]), points[list(lines.OVAL)])
    marks = feature_zones((size[1], size[0]), points, 1.3)
    # Forms of the face and of the neck are smoothed apart: the jaw stays a clear edge between them.
    face = _calm(light, skin * oval * (1 - marks), unit * 0.055)
    rest = _calm(light, skin * (1 - oval), unit * 0.03)
    inner = (skin * oval * (1 - marks)) > 0.5
    usual = float(np.median(light[inner])) if int(inner.sum()) > 20 else float(light.mean())
    forms = face * oval + rest * (1 - oval)
    level = np.log(np.maximum(forms, 0.02) / np.float32(max(usual, 0.05)))
    level = cv2.GaussianBlur(level, (0, 0), max(0.8, unit * 0.012))
    x, y = (cv2.resize(g, size, interpolation=cv2.INTER_AREA) for g in frame.grid(head.box))
    plain = oval * (1 - marks)
    level, beard, strength = _without_beard(level, f32(x), f32(y), plain, unit)
    if strength == 0:
        # A patch of shade round the mouth reads as dirt or as a badly shaved chin.
        mouth = np.exp(-((f32(x) / 0.24) ** 2) - ((f32(y) - 0.43) / 0.2) ** 2)
        level = np.where(level < 0, level * (1 - np.float32(0.75) * mouth), level)
    width = max(1.6, frame.unit * 0.012)
    level = np.asarray(cv2.resize(level, full, interpolation=cv2.INTER_CUBIC), np.float32)
    ramp = skin_ramp(head.skin_colour)
    paint = tinted(steps(level, [-0.6, -0.2, 0.22], width), ramp.tones)
    if strength > 0:
        beard = np.asarray(cv2.resize(beard, full, interpolation=cv2.INTER_CUBIC), np.float32)
        share = steps(beard, [0.5], width) * np.float32(min(1.0, 0.25 + 0.75 * strength))
        hairs = hair_ramp(head.hair_colour).tones if head.has_hair else ramp.tones[:1] * 0.6
        colour = ramp.tones[1] + (hairs[0] * 0.4 + hairs[-1] * 0.1 + ramp.tones[0] * 0.5
                                  - ramp.tones[1]) * np.float32(0.35 + 0.65 * strength)  # fmt: skip
        paint += (colour - paint) * share[:, :, None]
    return paint


def _without_beard(
    level: Float, x: Float, y: Float, plain: Float, unit: float
) -> tuple[Float, Float, float]:
    """Light on the skin as if shaven, the shape of the beard (above 0.5) and its strength 0..1.

    ``level``: log of light over the face's usual; ``plain``: face without eyes, brows, lips. A beard
    darkens both halves of the lower face much against the cheek above it, a shadow mostly one.
    """
    drops = []
    for side in (-1.0, 1.0):
        half = (x * side > 0.03) & (plain > 0.5)
        low, cheek = half & (y > 0.4), half & (y > 0.08) & (y < 0.22)
        if int(low.sum()) < 12 or int(cheek.sum()) < 12:
            return level, level, 0.0
        drops.append(float(np.median(level[cheek]) - np.median(level[low])))
    drop = min(drops)
    if drop < _BEARD:
        return level, level, 0.0
    zone = np.clip((y - 0.24) / 0.05, 0, 1) * np.clip(
        (0.62 - np.hypot(x, (y - 0.3) * 0.8)) / 0.06, 0, 1
    )
    dark = cv2.GaussianBlur(-level * zone, (0, 0), max(0.8, unit * 0.02)) / np.float32(drop)
    shaven = level + np.float32(drop) * np.clip(dark, 0, 1)
    return shaven, np.asarray(dark, np.float32), float(np.clip((drop - 0.16) / 0.35, 0, 1))


def lit_from(crop: Bytes, head: Head) -> float:
    """-1 (light from the left) .. 1 (from the right), by the two cheeks."""
    points = head.face.points[:, :2] - f32(head.box[:2])
    means = []
    for spot in (50, 280):
        x, y = points[spot]
        reach = max(1, int(head.frame.unit * 0.06))
        patch = crop[
            max(0, int(y) - reach) : int(y) + reach, max(0, int(x) - reach) : int(x) + reach
        ]
        means.append(float(patch.mean()) if patch.size else 128.0)
    return float(np.tanh(6 * (means[1] - means[0]) / (means[0] + means[1] + 1)))


def _calm(light: Float, weight: Float, sigma: float) -> Float:
    """Gaussian mean of ``light`` over ``weight`` only."""
    weight = weight + np.float32(1e-4)
    cover = cv2.GaussianBlur(weight, (0, 0), max(0.8, sigma))
    return np.asarray(cv2.GaussianBlur(light * weight, (0, 0), max(0.8, sigma)) / cover, np.float32)
