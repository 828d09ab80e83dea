"""Removes fog and haze: dark channel prior, guided filter, transmission found small and moved up.

Source: K. He, J. Sun, X. Tang, "Single image haze removal using dark channel prior", TPAMI 2011,
doi:10.1109/TPAMI.2010.168; refinement by the guided filter, doi:10.1109/TPAMI.2012.213.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import fit, shrink
from xiutu.image.light import luma
from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base

COST = Cost(fixed_mb=40, bytes_per_pixel=20)
WEIGHTS: tuple[str, ...] = ()

Float = NDArray[np.float32]
SIDE = 640
BAND = 256


@dataclass(frozen=True)
class Params(Base):
    """``strength`` 0..1: share of the estimated haze that is removed."""

    strength: float = param(
        1.0, minimum=0.0, maximum=1.0, help="Share of the haze that is removed", own=True
    )


def apply(image: Rgb, params: Params) -> Rgb:
    """Picture without haze, same size. ``image`` is H x W x 3 uint8 sRGB of any size."""
    small = shrink(image, SIDE)
    scene = small.astype(np.float32) / np.float32(255)
    patch = max(1, round(max(small.shape[:2]) * 0.0125)) * 2 + 1
    air = _airlight(scene, patch)
    dark = _dark_channel(scene / air, patch)
    raw = 1 - np.float32(0.95 * params.strength) * dark
    model = fit(luma(small), raw, patch * 2, 1e-3)
    out = np.empty_like(image)
    height = image.shape[0]
    for top in range(0, height, BAND):
        band = image[top : top + BAND]
        t = np.clip(model.rows(luma(band), top, height), 0.1, 1.0)[:, :, None]
        value = (band / np.float32(255) - air) / t + air
        out[top : top + BAND] = np.clip(np.rint(value * 255), 0, 255).astype(np.uint8)
    return out


def _dark_channel(scene: Float, patch: int) -> Float:
    lowest = np.ascontiguousarray(scene.min(axis=2))
    return np.asarray(cv2.erode(lowest, np.ones((patch, patch), np.uint8)), np.float32)


def _airlight(scene: Float, patch: int) -> Float:
    dark = _dark_channel(scene, patch).ravel()
    chosen = np.argsort(dark)[-max(1, dark.size // 1000) :]
    air = scene.reshape(-1, 3)[chosen].mean(axis=0)
    return np.asarray(np.maximum(air, 0.1), np.float32)
