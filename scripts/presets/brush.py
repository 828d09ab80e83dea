"""What the style pictures are drawn with: noise, colour ramps, strokes, cells, lines."""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._styles import flow

__all__ = [
    "SIDE",
    "Array",
    "Float",
    "cells",
    "clouds",
    "contour",
    "dots",
    "grid",
    "painted",
    "plain",
    "ramp",
    "scene",
    "streams",
]

Array = NDArray[np.uint8]
Float = NDArray[np.float32]
Colour = tuple[int, int, int]

SIDE = 512


def grid() -> tuple[Float, Float]:
    """(y, x) of every pixel."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    return y, x


def plain(colour: Colour) -> Array:
    return np.full((SIDE, SIDE, 3), colour, np.uint8)


def clouds(cell: float, seed: int, octaves: int = 4) -> Float:
    """Noise of several octaves, 0..1, features about ``cell`` px."""
    total = np.zeros((SIDE, SIDE), np.float32)
    for i in range(octaves):
        total += flow.smooth_noise(SIDE, SIDE, cell / 2**i, seed + i) / np.float32(1.8**i)
    low, high = np.percentile(total, (1, 99))
    return np.clip((total - low) / (high - low), 0, 1).astype(np.float32)


def ramp(values: Float, *colours: Colour) -> Array:
    """Colours along ``values`` 0..1."""
    stops = np.linspace(0, 1, len(colours))
    table = np.array(colours, np.float32)
    rgb = [np.interp(values, stops, table[:, i]) for i in range(3)]
    return np.rint(np.dstack(rgb)).astype(np.uint8)


def scene(sky: tuple[Colour, Colour], sun: Colour, hills: tuple[Colour, ...], seed: int) -> Array:
    """A landscape: sky, sun, rows of hills, trees and a path of light over water."""
    rng = np.random.default_rng(seed)
    y, _ = grid()
    picture = ramp(np.clip(y / 320, 0, 1), *sky)
    at = (int(rng.uniform(120, 400)), int(rng.uniform(70, 150)))
    cv2.circle(picture, at, 46, sun, -1, cv2.LINE_AA)
    for i, colour in enumerate(hills):
        wave = flow.smooth_noise(4, SIDE, 110 - 15 * i, seed + i)[0]
        edge = 190 + 300 * i / max(len(hills), 1) + 30 * wave
        picture[y > edge[None, :]] = colour
        for _ in range(7):
            column = int(rng.integers(0, SIDE))
            foot = int(edge[column])
            shade = tuple(int(c * rng.uniform(0.55, 0.95)) for c in colour)
            size = int(rng.uniform(10, 34))
            cv2.ellipse(
                picture, (column, foot - size), (size // 2, size), 0, 0, 360, shade, -1, cv2.LINE_AA
            )
    return picture


def streams(unit: float, seed: int, bend: float = 1.0) -> Float:
    """Unit tangents of wavy streams."""
    double = flow.swirl(SIDE, SIDE, unit, seed, bend)
    angle = np.arctan2(double[:, :, 1], double[:, :, 0]) / 2
    return np.dstack([np.cos(angle), np.sin(angle)]).astype(np.float32)


def painted(
    base: Array,
    tangents: Float,
    count: int,
    length: float,
    width: int,
    seed: int,
    jitter: float = 18,
) -> Array:
    """``base`` repainted with ``count`` strokes along ``tangents`` in its own colours."""
    rng = np.random.default_rng(seed)
    picture = cv2.GaussianBlur(base, (0, 0), width)
    for x, y in rng.integers(0, SIDE, (count, 2)):
        dx, dy = tangents[y, x] * length * rng.uniform(0.5, 1.2) / 2
        colour = np.clip(base[y, x] + rng.normal(0, jitter) + rng.normal(0, jitter / 2, 3), 0, 255)
        ends = (int(x - dx), int(y - dy)), (int(x + dx), int(y + dy))
        thick = max(1, round(width * rng.uniform(0.6, 1.3)))
        cv2.line(picture, *ends, tuple(int(c) for c in colour), thick, cv2.LINE_AA)
    return picture


def dots(base: Array, ground: Colour, count: int, radius: float, seed: int) -> Array:
    """``base`` in round dots on ``ground``, hues a little apart."""
    rng = np.random.default_rng(seed)
    picture = plain(ground)
    for x, y in rng.integers(0, SIDE, (count, 2)):
        colour = np.clip(base[y, x] + rng.normal(0, 26, 3), 0, 255)
        size = max(1, round(radius * rng.uniform(0.7, 1.3)))
        cv2.circle(picture, (int(x), int(y)), size, tuple(int(c) for c in colour), -1, cv2.LINE_AA)
    return picture


def cells(count: int, seed: int) -> tuple[NDArray[np.int32], Float]:
    """(index of the nearest of ``count`` random points, 0 at a joint .. far from one in px)."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, SIDE, (count, 2)).astype(np.float32)
    y, x = grid()
    first = np.full((SIDE, SIDE), np.inf, np.float32)
    second = first.copy()
    index = np.zeros((SIDE, SIDE), np.int32)
    for i, (px, py) in enumerate(points):
        distance = np.hypot(x - px, y - py)
        nearer = distance < first
        second = np.where(nearer, first, np.minimum(second, distance))
        first = np.where(nearer, distance, first)
        index[nearer] = i
    return index, second - first


def contour(field: Float, levels: int, width: float) -> Float:
    """1 on the level lines of ``field`` (0..1), 0 elsewhere; ``width`` in px."""
    phase = field * levels
    near = np.abs(phase - np.rint(phase))
    steep = np.hypot(cv2.Sobel(phase, cv2.CV_32F, 1, 0), cv2.Sobel(phase, cv2.CV_32F, 0, 1)) / 8
    return np.clip(width / 2 - near / np.maximum(steep, 1e-4) + 0.5, 0, 1).astype(np.float32)
