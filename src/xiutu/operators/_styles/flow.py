"""Direction fields and strokes that follow them.

Directions come from the smoothed structure tensor (edge tangents: Kang, Lee, Chui, TVCG 2009,
doi:10.1109/TVCG.2008.81), held as double angles so that opposite directions agree; where the
picture is flat a given guide field takes over. Strokes are line integral convolutions (Cabral and
Leedom, SIGGRAPH 1993, doi:10.1145/166117.166151) of the picture or of noise along the field.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["directions", "smooth_noise", "stripes", "sweep", "swirl"]

Float = NDArray[np.float32]


def smooth_noise(height: int, width: int, cell: float, seed: int) -> Float:
    """Smooth random field of about unit deviation; ``cell`` is the size of its features in px."""
    rows, columns = (int(n / cell) + 4 for n in (height, width))
    grid = np.random.default_rng(seed).standard_normal((rows, columns)).astype(np.float32)
    x = (np.arange(width, dtype=np.float32) / np.float32(cell) + 1)[None].repeat(height, 0)
    y = (np.arange(height, dtype=np.float32) / np.float32(cell) + 1)[:, None].repeat(width, 1)
    noise = cv2.remap(grid, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(noise, np.float32) * np.float32(1.6)


def swirl(height: int, width: int, unit: float, seed: int, bend: float = 1.0) -> Float:
    """Double-angle guide (h x w x 2) of wavy, mostly level streams that curl.

    ``unit`` is the wavelength in px; ``bend`` 0 gives straight level lines, 1 loops now and then.
    """
    stream = smooth_noise(height, width, unit, seed) * np.float32(0.45 * bend)
    stream += smooth_noise(height, width, unit * 0.45, seed + 1) * np.float32(0.12 * bend)
    stream += (np.arange(height, dtype=np.float32) / np.float32(unit))[:, None]
    gx = cv2.Sobel(stream, cv2.CV_32F, 1, 0)
    gy = cv2.Sobel(stream, cv2.CV_32F, 0, 1)
    energy = gx * gx + gy * gy + np.float32(1e-12)
    return np.dstack([(gy * gy - gx * gx) / energy, -2 * gx * gy / energy]).astype(np.float32)


def directions(luma: Float, sigma: float, guide: Float, share: float = 4e-3) -> Float:
    """Unit tangents (h x w x 2: x, y) along the edges of ``luma`` (0..1).

    ``sigma`` is the smoothing of the tensor in px, ``guide`` a double-angle field, ``share`` the
    squared gradient at which edges and guide weigh the same.
    """
    fine = cv2.GaussianBlur(luma, (0, 0), 1.0)
    gx = cv2.Sobel(fine, cv2.CV_32F, 1, 0, scale=0.125)
    gy = cv2.Sobel(fine, cv2.CV_32F, 0, 1, scale=0.125)
    double = np.dstack([gy * gy - gx * gx, -2 * gx * gy])
    double = cv2.GaussianBlur(double, (0, 0), sigma) + guide * np.float32(share)
    angle = np.arctan2(double[:, :, 1], double[:, :, 0]) * np.float32(0.5)
    return np.dstack([np.cos(angle), np.sin(angle)]).astype(np.float32)


def sweep(picture: Float, tangents: Float, steps: int, stride: float = 1.5) -> Float:
    """``picture`` (h x w or h x w x C) averaged along ``tangents``, ``steps`` strides both ways."""
    h, w = picture.shape[:2]
    y, x = (n.astype(np.float32) for n in np.mgrid[:h, :w])
    total = picture.copy()
    for sign in (1.0, -1.0):
        px, py = x.copy(), y.copy()
        dx, dy = tangents[:, :, 0] * np.float32(sign), tangents[:, :, 1] * np.float32(sign)
        for _ in range(steps):
            px += dx * np.float32(stride)
            py += dy * np.float32(stride)
            total += cv2.remap(picture, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            here = cv2.remap(tangents, px, py, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
            turn = np.sign(here[:, :, 0] * dx + here[:, :, 1] * dy + np.float32(1e-6))
            dx, dy = here[:, :, 0] * turn, here[:, :, 1] * turn
    return total / np.float32(2 * steps + 1)


def stripes(tangents: Float, width: float, steps: int, seed: int, stride: float = 1.5) -> Float:
    """Streaks along the field: zero mean, unit deviation, about ``width`` px wide."""
    h, w = tangents.shape[:2]
    noise = np.random.default_rng(seed).standard_normal((h, w)).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), width / 2), np.float32)
    streaks = sweep(noise, tangents, steps, stride)
    streaks -= streaks.mean()
    return streaks / np.float32(streaks.std() + 1e-9)
