"""Colours of the drawing: soft steps, cel ramps, the way from a person's skin and hair to paint."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._faces.arrays import f32

__all__ = ["Ramp", "clothes_paint", "hair_ramp", "rgb", "skin_ramp", "steps"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]


@dataclass(frozen=True)
class Ramp:
    """Flat tones, dark to light, as RGB 0..1 (n x 3); ``line`` is the ink that belongs to them."""

    tones: Float
    line: Float


def rgb(light: float, a: float, b: float) -> Float:
    """CIELAB (L 0..100) to RGB 0..1, clipped."""
    pixel = f32([[[light, a, b]]])
    return np.clip(cv2.cvtColor(pixel, cv2.COLOR_LAB2RGB)[0, 0], 0, 1)


def _polar(light: float, chroma: float, degrees: float) -> Float:
    hue = math.radians(degrees)
    return rgb(light, chroma * math.cos(hue), chroma * math.sin(hue))


def skin_ramp(colour: Float) -> Ramp:
    """Deep shade, shade, skin, light from the median colour (CIELAB) of somebody's skin.

    Lifted and evened as in a drawing; a dark skin stays a dark skin. A grey picture stays grey.
    """
    light, a, b = (float(v) for v in colour)
    grey = min(1.0, math.hypot(a, b) / 6)
    light = 96 - (96 - min(light, 94)) * (0.42 + 0.62 * max(0.0, (60 - light) / 60))
    hue = math.degrees(math.atan2(b, a)) if grey > 0.05 else 50.0
    hue = 56 + 0.35 * max(-30.0, min(30.0, hue - 56))
    chroma = grey * (12 + 0.4 * min(40.0, math.hypot(a, b)) + 0.12 * (90 - light))
    tones = [
        _polar(light * 0.70, chroma * 1.35, hue - 18),
        _polar(light * 0.855, chroma * 1.25, hue - 13),
        _polar(light, chroma, hue),
        _polar(min(98.5, light + 0.55 * (100 - light)), chroma * 0.6, hue + 4),
    ]
    return Ramp(np.stack(tones), _polar(light * 0.27, grey * 18, 25))


def hair_ramp(colour: Float) -> Ramp:
    """Shadow, base, light and gloss for hair of median ``colour`` (CIELAB)."""
    light, a, b = (float(v) for v in colour)
    chroma = math.hypot(a, b)
    hue = math.degrees(math.atan2(b, a)) if chroma > 1 else 300.0
    grey = min(1.0, chroma / 3)
    base = 14 + light * 0.92
    rich = chroma * 1.25 + 5.0 * min(1.0, max(0.0, chroma - 1.0) / 9)
    tones = [
        _polar(base * 0.58, rich * 0.95, hue - 14),
        _polar(base, rich, hue),
        _polar(min(96, base + 13), rich * 1.05, hue + 5),
        _polar(min(98, base + 34), rich * 0.8 + 3 * grey, hue + 9),
    ]
    return Ramp(np.stack(tones), _polar(max(6.0, base * 0.3), rich * 0.6, hue - 14))


def steps(value: Float, edges: list[float], width: float) -> Float:
    """0, 1, 2 ... by how many of ``edges`` the value has passed, with transitions ``width`` px wide
    however slowly the value changes."""
    gx = cv2.Sobel(value, cv2.CV_32F, 1, 0, scale=0.125)
    gy = cv2.Sobel(value, cv2.CV_32F, 0, 1, scale=0.125)
    slope = np.sqrt(gx * gx + gy * gy) * np.float32(width) + np.float32(1e-3)
    level = np.zeros_like(value)
    for edge in edges:
        t = np.clip((value - np.float32(edge)) / slope + np.float32(0.5), 0, 1)
        level += t * t * (3 - 2 * t)
    return level


def tinted(level: Float, tones: Float) -> Float:
    """Colours (h x w x 3) of fractional ``level`` (0 .. n-1) along ``tones`` (n x 3)."""
    table = np.empty((256, 3), np.float32)
    spots = np.linspace(0, len(tones) - 1, 256)
    for channel in range(3):
        table[:, channel] = np.interp(spots, np.arange(len(tones)), tones[:, channel])
    index = np.clip(level * np.float32(255 / (len(tones) - 1)) + 0.5, 0, 255).astype(np.uint8)
    return table[index]


def clothes_paint(flat: Bytes, count: int = 6) -> Float:
    """Clothes and things: tones of CIELAB lightness in ``count`` soft steps, colours livelier."""
    lab = cv2.cvtColor(flat.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2LAB)
    light = lab[:, :, 0] * np.float32(1 / 100)
    light = np.asarray(0.06 + 0.94 * light ** np.float32(0.88), np.float32) * count
    near = np.floor(light)
    part = light - near
    t = np.clip((part - np.float32(0.5)) / np.float32(0.22) + np.float32(0.5), 0, 1)
    lab[:, :, 0] = (near + t * t * (3 - 2 * t)) * np.float32(100 / count)
    lab[:, :, 1:] *= np.float32(1.3)
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1)
