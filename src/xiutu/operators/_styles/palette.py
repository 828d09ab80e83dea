"""Painters' palettes: colour ramps over tone, mixed by a second axis (warm/cool, red/green ...)."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Ramp", "chroma", "colour", "tone"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

Ramp = tuple[tuple[float, int, int, int], ...]
"""Stops (tone 0..1, red, green, blue 0..255), tones rising from 0 to 1."""

_LEVELS = 64


@lru_cache(maxsize=16)
def _table(low: Ramp, high: Ramp) -> Float:
    """1024 tones x 64 axis steps x RGB, 0..1."""
    tones = np.linspace(0, 1, 1024)
    ends = []
    for ramp in (low, high):
        stops = np.array(ramp, np.float64)
        ends.append(np.dstack([np.interp(tones, stops[:, 0], stops[:, i]) for i in (1, 2, 3)])[0])
    share = np.linspace(0, 1, _LEVELS)[None, :, None]
    mixed = ends[0][:, None] * (1 - share) + ends[1][:, None] * share
    return (mixed / 255).astype(np.float32)


def colour(tones: Float, axis: Float, low: Ramp, high: Ramp) -> Float:
    """Colours (h x w x 3, 0..1): ``tones`` 0..1 along the ramps, ``axis`` -1 = low .. 1 = high."""
    row = np.clip(tones * 1023, 0, 1023).astype(np.int32)
    column = np.clip((axis + 1) * ((_LEVELS - 1) / 2) + 0.5, 0, _LEVELS - 1).astype(np.int32)
    flat = _table(low, high).reshape(-1, 3)
    return np.asarray(np.take(flat, row * _LEVELS + column, axis=0), np.float32)


def tone(luma: Float) -> Float:
    """``luma`` (0..1) stretched so that its 1st..99th percentiles fill 0..1, at most by 1.6."""
    low, high = (float(v) for v in np.percentile(luma[::4, ::4], (1, 99)))
    low, high = min(low, 0.25), max(high, 0.75)
    gain = min(1 / (high - low), 1.6)
    return np.clip((luma - low) * np.float32(gain), 0, 1)


def chroma(image: Bytes) -> Float:
    """CIELAB a and b (h x w x 2) over 50: about -1..1 for strong colours."""
    lab = cv2.cvtColor(image.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    return np.asarray(lab[:, :, 1:] * np.float32(1 / 50), np.float32)
