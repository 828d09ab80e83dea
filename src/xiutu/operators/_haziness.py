"""How much of what looks like haze is haze: a small net over figures of a picture.

A dark channel cannot tell haze from a white plate or a pale wall. The net ``haze``
(``training/haze.py``) saw clear photos and the same with drawn haze, and answers which share of the
dark channel has to be taken for haze to come closest to the clear photo.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import shrink
from xiutu.image.light import luma
from xiutu.models import session

__all__ = ["FEATURES", "SIDE", "features", "haziness"]

FEATURES = 136
SIDE = 192
_LEVELS = 8
_QUANTILES = (0.01, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 0.99)

Float = NDArray[np.float32]


def haziness(image: NDArray[np.uint8]) -> float:
    """Share 0..1 of the dark channel of ``image`` (H x W x 3 uint8) that is haze; 0 for a clear photo."""
    net = session("haze", 1)
    (value,) = net.run(None, {"features": features(image)[None]})
    return float(np.clip(value[0, 0], 0, 1))


def features(image: NDArray[np.uint8]) -> Float:
    """136 figures of a picture at 192 px.

    Quantiles of luma, lowest channel, dark channel, saturation and texture; by eight levels of the
    dark channel: its share, and texture, saturation, luma and height in the picture there (haze is
    pale, smooth and far up); the dark channel on a 6 x 6 grid; the colour of the palest places.
    """
    small = shrink(image, SIDE)
    height, width = small.shape[:2]
    scene = small.astype(np.float32) / np.float32(255)
    level = luma(small)
    lowest, highest = np.ascontiguousarray(scene.min(axis=2)), scene.max(axis=2)
    patch = 2 * round(max(height, width) * 0.02) + 1
    dark = cv2.erode(lowest, np.ones((patch, patch), np.uint8)).reshape(height, width)
    vivid = (highest - lowest) / (highest + np.float32(0.05))
    mean = cv2.blur(level, (5, 5)).reshape(height, width)
    texture = np.abs(level - mean)
    up = np.broadcast_to(np.linspace(1, 0, height, dtype=np.float32)[:, None], dark.shape)
    found: list[NDArray[np.floating]] = [
        np.quantile(part, _QUANTILES) for part in (level, lowest, dark, vivid, texture * 8)
    ]
    index = np.minimum((dark * _LEVELS).astype(np.intp), _LEVELS - 1).ravel()
    count = np.bincount(index, minlength=_LEVELS).astype(np.float64)
    found.append(np.sqrt(count / dark.size))
    for part in (texture * 8, vivid, level, up):
        total = np.bincount(index, weights=part.ravel(), minlength=_LEVELS)
        found.append(total / np.maximum(count, 1))
    grid = cv2.resize(dark, (6, 6), interpolation=cv2.INTER_AREA)
    chosen = np.argsort(dark.ravel(), kind="stable")[-max(1, dark.size // 200) :]
    pale = scene.reshape(-1, 3)[chosen]
    colours = [pale.mean(axis=0), pale.std(axis=0), scene.reshape(-1, 3).mean(axis=0)]
    moments = [
        dark.mean(),
        dark.std(),
        level.std(),
        vivid.mean(),
        texture.mean() * 8,
        up.ravel()[chosen].mean(),
    ]
    found += [grid.ravel(), *colours, np.array(moments)]
    return np.concatenate([np.asarray(part, np.float32).ravel() for part in found])
