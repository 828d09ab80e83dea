"""What is done to the pictures of the strips before an operator mends them; all seeded."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.light import to_linear, to_srgb

__all__ = [
    "dark",
    "dull",
    "grey",
    "hazy",
    "jpeg",
    "labelled",
    "noisy",
    "photographed",
    "screen",
    "small",
]
__all__ += ["same", "stretched"]

Array = NDArray[np.uint8]
Damage = Callable[[Array], Array]
LABEL = {"left": 40, "top": 268, "width": 150, "height": 44}


def same(image: Array) -> Array:
    return image


def grey(image: Array) -> Array:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))


def hazy(image: Array) -> Array:
    """Haze that thickens upwards and where the picture is out of focus, that is far away."""
    detail = cv2.absdiff(image, cv2.GaussianBlur(image, (0, 0), 2)).max(axis=2).astype(np.float32)
    near = cv2.GaussianBlur(np.minimum(detail / 14, 1), (0, 0), 22)
    near = np.clip(near / np.percentile(near, 97), 0, 1)
    rows = np.linspace(0.25, 0.6, image.shape[0], dtype=np.float32)[:, None]
    clear = np.clip(rows + 0.45 * near, 0.2, 0.9)[:, :, None]
    return _bytes(image * clear + np.array([216, 220, 224]) * (1 - clear))


def dark(image: Array) -> Array:
    """Two stops too short."""
    return to_srgb(to_linear(image) / 4)


def dull(image: Array) -> Array:
    """Half the saturation, less contrast, a cold cast."""
    x = image.astype(np.float64)
    level = x.mean(axis=2, keepdims=True)
    return _bytes((((x + level) / 2 - 128) * 0.7 + 128) * np.array([0.9, 0.97, 1.06]))


def noisy(image: Array) -> Array:
    """White noise of sigma 25."""
    return _bytes(image + np.random.default_rng(0).normal(0, 25, image.shape))


def jpeg(image: Array) -> Array:
    """Slightly soft, then JPEG of quality 12."""
    soft = cv2.GaussianBlur(image, (0, 0), 0.6)
    _, code = cv2.imencode(".jpg", soft[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 12])
    return np.ascontiguousarray(cv2.imdecode(code, cv2.IMREAD_COLOR)[:, :, ::-1])


def small(image: Array) -> Array:
    """A piece of 240 x 160 px."""
    top, left = (image.shape[0] - 160) // 2, (image.shape[1] - 240) // 2
    return np.ascontiguousarray(image[top : top + 160, left : left + 240])


def stretched(image: Array) -> Array:
    """1.5 times as wide."""
    height, width = image.shape[:2]
    return np.asarray(cv2.resize(image, (width * 3 // 2, height), interpolation=cv2.INTER_AREA))


def labelled(image: Array) -> Array:
    """A label stuck on at ``LABEL``."""
    out = image.copy()
    left, top = LABEL["left"], LABEL["top"]
    right, bottom = left + LABEL["width"], top + LABEL["height"]
    cv2.rectangle(out, (left + 3, top + 3), (right - 4, bottom - 4), (250, 214, 40), -1)
    cv2.putText(out, "SAMPLE", (left + 15, bottom - 13), 0, 0.95, (30, 30, 30), 2, cv2.LINE_AA)
    return out


def photographed(page: Array) -> Array:
    """Uneven warm light, the shadow of a hand, print showing through, a coffee ring, noise."""
    height, width = page.shape[:2]
    back = cv2.GaussianBlur(np.ascontiguousarray(page[:, ::-1]), (0, 0), 2).astype(np.float64)
    lit = page * (1 - 0.16 * (1 - back / 255))
    ring = np.zeros((height, width), np.uint8)
    cv2.circle(ring, (520, 470), 88, 255, 30)
    ring = cv2.GaussianBlur(ring, (0, 0), 3)
    lit *= 1 - (ring / 255)[:, :, None] * np.array([0.12, 0.2, 0.3])
    light = np.linspace(0.98, 0.62, width)[None, :] * np.ones((height, 1))
    hand = np.zeros((height, width), np.uint8)
    outline = np.array([[250, height], [330, 400], [600, 330], [800, 420], [860, height]], np.int32)
    cv2.fillPoly(hand, [outline], 255)
    light *= 1 - 0.45 * cv2.GaussianBlur(hand, (0, 0), 9) / 255
    noise = np.random.default_rng(0).normal(0, 3, page.shape)
    return _bytes(lit * light[:, :, None] * np.array([1.0, 0.95, 0.84]) + noise)


def screen(image: Array) -> Array:
    """A screen of red, green and blue stripes, photographed from a little aside."""
    height, width = image.shape[:2]
    shown = cv2.resize(image, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST).astype(np.float32)
    stripes = np.full((height * 3, width * 3, 3), 0.55, np.float32)
    for channel in range(3):
        stripes[:, channel::3, channel] = 1.75
    stripes[::3] *= 0.75
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    at_x = 3 * (x * 0.985 + 0.022 * y + 2)
    at_y = 3 * (y * 0.98 + 0.012 * x + 1)
    seen = cv2.remap(cv2.GaussianBlur(shown * stripes, (0, 0), 0.9), at_x, at_y, cv2.INTER_LINEAR)
    return _bytes(seen * np.array([0.98, 1.0, 1.04]))


def _bytes(values: NDArray[np.float64] | NDArray[np.float32]) -> Array:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
