"""The background as a painting: Kuwahara planes, brightened, with the tooth of a brush.

Generalised Kuwahara filter with smooth weights (Papari, Petkov, Campisi, TIP 2007,
doi:10.1109/TIP.2007.903912), on four shifted windows.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._faces.arrays import f32
from xiutu.operators._styles import flow

__all__ = ["painted"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]


def painted(seen: Bytes, radius: int) -> Float:
    """Colours (h x w x 3, 0..1). ``radius``: half the size of the planes, in px of ``seen``."""
    h, w = seen.shape[:2]
    half = (max(1, w // 2), max(1, h // 2))
    small = cv2.resize(seen, half, interpolation=cv2.INTER_AREA).astype(np.float32)
    small *= np.float32(1 / 255)
    for reach in (max(2, radius // 2), max(1, radius // 4)):
        small = _kuwahara(small, reach)
    luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)
    guide = flow.swirl(half[1], half[0], max(half) / 3, 17, 0.4)
    tangents = flow.directions(luma, 3.0, guide, 2e-4)
    small = flow.sweep(small, tangents, 4, 1.5)
    strokes = flow.stripes(tangents, 3.0, 5, 23)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    light = lab[:, :, 0]
    lab[:, :, 0] = 12 + light * np.float32(0.89) + strokes * np.float32(0.55)
    lab[:, :, 1:] *= np.float32(1.25)
    out = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return np.clip(cv2.resize(out, (w, h), interpolation=cv2.INTER_CUBIC), 0, 1)


def _kuwahara(image: Float, reach: int) -> Float:
    side = 2 * reach + 1
    mean = cv2.GaussianBlur(image, (side, side), reach / 2)
    spread = cv2.GaussianBlur(image * image, (side, side), reach / 2) - mean * mean
    rough = np.maximum(spread.sum(axis=2), 0) + np.float32(2e-5)
    weight = 1 / rough**3
    total = np.zeros_like(image)
    weights = np.zeros(image.shape[:2], np.float32)
    h, w = image.shape[:2]
    for dy in (-reach, reach):
        for dx in (-reach, reach):
            move = f32([[1, 0, dx], [0, 1, dy]])
            share = cv2.warpAffine(weight, move, (w, h), borderMode=cv2.BORDER_REPLICATE)
            part = cv2.warpAffine(mean, move, (w, h), borderMode=cv2.BORDER_REPLICATE)
            total += part * share[:, :, None]
            weights += share
    return total / weights[:, :, None]
