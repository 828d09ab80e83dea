"""Hair as flat strands: lightness smeared along the hair's own flow, then few flat tones.

Strands are line integral convolutions (Cabral, Leedom 1993, doi:10.1145/166117.166151) along the
smoothed structure tensor; where the photograph shows no strands they fall from the crown.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._anime.regions import Head
from xiutu.operators._anime.tones import hair_ramp, steps, tinted
from xiutu.operators._styles import flow

__all__ = ["strands"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_UNIT = 220.0  # px of a face while strands are made


def strands(crop: Bytes, head: Head, light_side: float) -> Float:
    """Colours (h x w x 3, 0..1) of the hair of ``head`` over its box.

    ``crop``: the photograph there; ``light_side``: -1 = light from the left .. 1 = from the right.
    """
    frame = head.frame
    zoom = min(1.0, _UNIT / frame.unit)
    full = (crop.shape[1], crop.shape[0])
    size = (max(2, round(full[0] * zoom)), max(2, round(full[1] * zoom)))
    unit = frame.unit * zoom
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32) * np.float32(1 / 255)
    hair = np.asarray(cv2.resize(head.hair, size, interpolation=cv2.INTER_AREA), np.float32)
    x, y = (cv2.resize(g, size, interpolation=cv2.INTER_AREA) for g in frame.grid(head.box))
    tangents = flow.directions(luma, max(1.0, unit * 0.02), _fall(x, y), 1.5e-4)
    reach = max(4, round(unit * 0.055))
    swept = flow.sweep(luma, tangents, reach, 1.5)
    level = _inside(swept, hair, unit * 0.11)
    streaks = flow.stripes(tangents, max(1.5, unit * 0.02), reach, 5)
    level += np.float32(0.34) * streaks
    level += np.float32(0.25) * _rim(hair, unit, x, light_side)
    ring = _ring(x, y, streaks)
    level = cv2.GaussianBlur(level, (0, 0), max(0.6, unit * 0.004))
    ring = cv2.GaussianBlur(ring, (0, 0), max(0.6, unit * 0.006))
    level = np.asarray(cv2.resize(level, full, interpolation=cv2.INTER_CUBIC), np.float32)
    ring = np.asarray(cv2.resize(ring, full, interpolation=cv2.INTER_CUBIC), np.float32)
    tone = steps(level, [-0.42, 0.62], 1.6)
    tone += steps(ring, [0.42], 1.6) * (3 - tone)
    return tinted(tone, hair_ramp(head.hair_colour).tones)


def _fall(x: Float, y: Float) -> Float:
    """Double-angle field of hair that falls from the crown, turned downwards at the sides."""
    dx = np.asarray(x, np.float32) * np.clip(1.1 - (y + 0.5), 0.05, 1).astype(np.float32)
    dy = np.asarray(y, np.float32) + np.float32(0.72)
    energy = dx * dx + dy * dy + np.float32(1e-6)
    return np.dstack([(dx * dx - dy * dy) / energy, 2 * dx * dy / energy]).astype(np.float32)


def _inside(value: Float, hair: Float, sigma: float) -> Float:
    """``value`` against its surroundings of hair, in deviations, plus a share of the broad light."""
    weight = hair + np.float32(1e-3)
    cover = cv2.GaussianBlur(weight, (0, 0), sigma)
    mean = cv2.GaussianBlur(value * weight, (0, 0), sigma) / cover
    wide = float((value * weight).sum() / weight.sum())
    gap = (value - mean) * weight
    spread = float(np.sqrt((gap * gap).sum() / weight.sum())) + 0.012
    broad = (mean - np.float32(wide)) / np.float32(spread)
    level = (value - mean) / np.float32(spread) * np.float32(0.62)
    return np.asarray(level + np.float32(0.32) * np.tanh(broad * np.float32(0.7)), np.float32)


def _rim(hair: Float, unit: float, x: Float, light_side: float) -> Float:
    """2 along the outer edge on the lit side, falling inwards."""
    solid = (hair > 0.5).astype(np.uint8)
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, 3)
    near = np.clip(1 - depth / np.float32(max(1.5, unit * 0.035)), 0, 1)
    side = np.clip(x * np.float32(light_side * 3) + np.float32(0.4), 0, 1)
    return np.asarray(2 * near * side, np.float32)


def _ring(x: Float, y: Float, jag: Float) -> Float:
    """The gloss that runs round the head of a drawn figure, its edge jagged by strands; 0..1."""
    radius = np.hypot(x / 0.56, (y - 0.02) / 0.72)
    band = np.exp(-(((radius - 0.86) / 0.075 + 0.85 * jag) ** 2))
    upper = np.clip((-0.2 - y) / 0.2, 0, 1)
    gaps = np.clip(0.55 + 0.45 * np.sin(9 * np.arctan2(x, -y) + 1.3) + 0.25 * jag, 0, 1)
    return np.asarray(band * upper * gaps, np.float32)
