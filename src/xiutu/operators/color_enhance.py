"""Livelier, natural colours: gentle white balance, vibrance that spares skin, careful contrast.

Method: gains towards grey from the shades-of-grey illuminant estimate (G. D. Finlayson, E. Trezzi,
CIC 2004), a percentile stretch held within bounds, and a chroma gain that fades on vivid colours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base

__all__ = ["COST", "WEIGHTS", "Params", "apply"]

COST = Cost(fixed_mb=40, bytes_per_pixel=6)
WEIGHTS: tuple[str, ...] = ()

_BAND = 128
"""Rows worked on at a time."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Params(Base):
    """``strength`` scales every correction: 0 leaves the picture as it is, 1 is the full effect."""

    strength: float = param(1.0, minimum=0.0, maximum=1.0, help="share of the effect", own=True)


def apply(image: Rgb, params: Params) -> Rgb:
    """Enhanced picture, same size as ``image`` (H x W x 3 uint8, any size from 1 x 1)."""
    small = image[:: max(1, image.shape[0] // 256), :: max(1, image.shape[1] // 256)]
    curves = _curves(small.reshape(-1, 3).astype(np.float32) / 255.0, params.strength)
    out = np.empty_like(image)
    for top in range(0, image.shape[0], _BAND):
        out[top : top + _BAND] = _vibrance(image[top : top + _BAND], curves, params.strength)
    return out


def _curves(pixels: NDArray[np.float32], strength: float) -> NDArray[np.float32]:
    """Per-channel tables, 256 x 3 float32 in 0..255."""
    norm = np.mean(pixels**6, axis=0) ** (1 / 6) + 1e-3
    gains = np.clip(norm.mean() / norm, 0.92, 1.08)
    grey = pixels @ _LUMA
    low, high = np.percentile(grey, (0.5, 99.5))
    low, high = min(float(low), 0.12), max(float(high), 0.85)
    ramp = np.arange(256, dtype=np.float32)[:, None] / 255.0
    wanted = np.clip((ramp * gains - low) / max(high - low, 0.1), 0, 1)
    return np.asarray(255.0 * (ramp + strength * (wanted - ramp)), np.float32)


def _vibrance(band: Rgb, curves: NDArray[np.float32], strength: float) -> NDArray[np.uint8]:
    toned = np.stack([curves[:, c][band[:, :, c]] for c in range(3)], axis=2)
    grey = (toned @ _LUMA)[:, :, None]
    spread = (toned.max(axis=2) - toned.min(axis=2))[:, :, None] / 255.0
    gain = 1.0 + 0.25 * strength * (1.0 - spread)
    lively = np.rint(grey + gain * (toned - grey))
    return np.asarray(np.clip(lively, 0, 255), np.uint8)
