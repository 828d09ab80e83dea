"""Muzzles: cat, fox and tiger."""

import numpy as np
from numpy.typing import NDArray

from xiutu.operators._anime.masks.pen import Colour, Pen, mirrored, round_off
from xiutu.operators._faces.arrays import f32

__all__ = ["cat", "fox", "tiger"]

Float = NDArray[np.float32]


_STRIPES = (
    (0.41, 0.16, 0.25, 0.185, 0.036),
    (0.41, 0.255, 0.27, 0.265, 0.04),
    (0.405, 0.35, 0.285, 0.345, 0.038),
    (0.38, 0.445, 0.28, 0.42, 0.034),
    (0.30, 0.565, 0.235, 0.50, 0.032),
    (0.13, 0.085, 0.085, 0.165, 0.026),
)
"""The tiger's, on the right half: root, tip and width."""


def cat(pen: Pen) -> None:
    """Grey tabby cloth, white muzzle, rose nose, whiskers."""
    ink: Colour = (52, 46, 62)
    ring = round_off(mirrored([(0, 0.06), (0.09, 0.095), (0.24, 0.12), (0.41, 0.10), (0.40, 0.26),
                               (0.372, 0.42), (0.26, 0.60), (0.12, 0.70), (0, 0.726)]))  # fmt: skip
    pen.loops((0.40, 0.125), (0.375, 0.41), (96, 92, 108))
    pen.body(ring, (158, 156, 172), (118, 114, 136), (204, 204, 216))
    muzzle = round_off(mirrored([(0, 0.17), (0.07, 0.20), (0.17, 0.28), (0.225, 0.40),
                                 (0.16, 0.53), (0.07, 0.60), (0, 0.62)]))  # fmt: skip
    pen.fill(muzzle, (252, 248, 246), 1, 0, ring)
    low = round_off(
        [(-0.16, 0.47), (0, 0.53), (0.18, 0.42), (0.2, 0.5), (0.08, 0.62), (-0.08, 0.63)]
    )
    pen.fill(low, (214, 206, 216), 0.9, 0.006, muzzle)
    for sign in (-1, 1):
        for y0, y1 in ((0.20, 0.225), (0.29, 0.31), (0.385, 0.395)):
            stripe = [(0.40 * sign, y0), (0.33 * sign, y1), (0.265 * sign, y1 + 0.01)]
            pen.line(stripe, 0.030, (92, 88, 108), 0.95, (1.0, 0.0), 0, ring)
        pen.line([(0.03 * sign, 0.075), (0.06 * sign, 0.12), (0.065 * sign, 0.165)], 0.022,
                 (92, 88, 108), 0.95, (0.9, 0.0), 0, ring)  # fmt: skip
    _cat_mouth(pen, 0.275, (244, 150, 164), ink, 0.052, 0.105)
    _whiskers(pen, ink, (0.36, 0.40, 0.445))
    pen.rim(ring, 0.011, ink)


def fox(pen: Pen) -> None:
    """Kitsune: orange with white cheeks that end in tufts, a pointed dark nose, red marks."""
    ink: Colour = (74, 34, 26)
    ring = _fur([(0, 0.045), (0.075, 0.085), (0.20, 0.115), (0.40, 0.075), (0.445, 0.14),
                 (0.425, 0.20), (0.462, 0.27), (0.412, 0.325), (0.44, 0.40), (0.375, 0.445),
                 (0.375, 0.53), (0.28, 0.575), (0.17, 0.675), (0, 0.735)])  # fmt: skip
    pen.loops((0.41, 0.10), (0.40, 0.33), (70, 48, 48))
    pen.body(ring, (238, 134, 62), (200, 92, 44), (255, 190, 122))
    cheeks = _fur([(0, 0.335), (0.06, 0.33), (0.15, 0.27), (0.28, 0.235), (0.40, 0.25),
                   (0.40, 0.32), (0.37, 0.33), (0.385, 0.41), (0.325, 0.44), (0.31, 0.52),
                   (0.22, 0.56), (0.13, 0.665), (0, 0.735)])  # fmt: skip
    pen.fill(cheeks, (255, 250, 244), 1, 0, ring)
    shade = round_off([(-0.30, 0.50), (-0.1, 0.60), (0.1, 0.57), (0.27, 0.42), (0.34, 0.33),
                       (0.36, 0.45), (0.2, 0.62), (0, 0.75), (-0.2, 0.68)])  # fmt: skip
    pen.fill(shade, (226, 212, 214), 0.9, 0.006, cheeks)
    for sign in (-1, 1):
        pen.line([(0.12 * sign, 0.155), (0.235 * sign, 0.165), (0.34 * sign, 0.13)], 0.028,
                 (188, 40, 44), 0.95, (0.1, 0.0), 0, ring)  # fmt: skip
        pen.line([(0.15 * sign, 0.205), (0.235 * sign, 0.21), (0.31 * sign, 0.185)], 0.018,
                 (188, 40, 44), 0.95, (0.1, 0.0), 0, ring)  # fmt: skip
    _cat_mouth(pen, 0.262, (52, 34, 40), ink, 0.058, 0.135)
    _whiskers(pen, ink, (0.37, 0.415))
    pen.rim(ring, 0.011, ink)


def tiger(pen: Pen) -> None:
    """Golden with black stripes, a wide grin with four fangs."""
    ink: Colour = (44, 26, 24)
    ring = round_off(mirrored([(0, 0.055), (0.09, 0.09), (0.24, 0.12), (0.41, 0.11), (0.405, 0.27),
                               (0.375, 0.43), (0.27, 0.60), (0.13, 0.70), (0, 0.728)]))  # fmt: skip
    pen.loops((0.40, 0.13), (0.378, 0.41), (60, 48, 44))
    pen.body(ring, (250, 188, 72), (218, 134, 42), (255, 226, 150))
    muzzle = round_off(mirrored([(0, 0.215), (0.08, 0.22), (0.185, 0.27), (0.24, 0.37),
                                 (0.20, 0.455), (0.1, 0.47), (0, 0.455)]))  # fmt: skip
    pen.fill(muzzle, (255, 250, 238), 1, 0, ring)
    for sign in (-1, 1):
        for x0, y0, x1, y1, wide in _STRIPES:
            middle = ((x0 + x1) / 2 * sign, (y0 + y1) / 2 + 0.014)
            pen.line(
                [(x0 * sign, y0), middle, (x1 * sign, y1)], wide, ink, 0.95, (1.0, 0.0), 0, ring
            )
    grin = round_off(mirrored([(0, 0.445), (0.08, 0.455), (0.17, 0.43), (0.21, 0.405), (0.19, 0.50),
                               (0.11, 0.575), (0, 0.595)]))  # fmt: skip
    pen.fill(grin, (128, 30, 40), 1, 0, ring)
    tongue = round_off(mirrored([(0, 0.53), (0.06, 0.525), (0.105, 0.565), (0, 0.61)]))
    pen.fill(tongue, (232, 112, 120), 1, 0, grin)
    for sign in (-1, 1):
        for x, y, wide, long in ((0.115, 0.44, 0.028, 0.075), (0.07, 0.585, 0.024, -0.055)):
            fang = [(x * sign - wide, y), (x * sign + wide, y), (x * sign, y + long)]
            pen.fill(fang, (255, 252, 240), 1, 0, grin)
        for x in (0.018, 0.05):
            tooth = [(x * sign - 0.016, 0.44), (x * sign + 0.016, 0.44), (x * sign, 0.472)]
            pen.fill(tooth, (255, 252, 240), 1, 0, grin)
    pen.rim(grin, 0.008, ink)
    _nose(pen, 0.265, (206, 104, 100), ink, 0.07)
    pen.line([(0, 0.31), (0.002, 0.38), (0, 0.45)], 0.008, ink, 0.9, (1, 1))
    _whiskers(pen, ink, (0.33, 0.365), 0.8)
    pen.rim(ring, 0.011, ink)


def _nose(pen: Pen, y: float, colour: Colour, ink: Colour, wide: float) -> None:
    shape = round_off(mirrored([(0, y - 0.032), (wide * 0.7, y - 0.036), (wide, y - 0.012),
                                (wide * 0.45, y + 0.028), (0, y + 0.042)]))  # fmt: skip
    pen.fill(shape, colour)
    glint = round_off(
        [(-wide * 0.5, y - 0.022), (-wide * 0.1, y - 0.024), (-wide * 0.3, y - 0.006)]
    )
    pen.fill(glint, (255, 255, 255), 0.75, 0.003)
    pen.rim(shape, 0.007, ink)


def _cat_mouth(pen: Pen, y: float, colour: Colour, ink: Colour, wide: float, reach: float) -> None:
    base = y + 0.155
    for sign in (-1, 1):
        path = [(0, base - 0.03), (reach * 0.35 * sign, base + 0.012),
                (reach * 0.75 * sign, base + 0.006), (reach * 1.05 * sign, base - 0.035)]  # fmt: skip
        pen.line(path, 0.012, ink, 0.95, (0.7, 0.1))
    pen.line([(0, y + 0.03), (0, base - 0.08), (0, base - 0.028)], 0.010, ink, 0.95, (0.8, 0.8))
    _nose(pen, y, colour, ink, wide)


def _whiskers(pen: Pen, ink: Colour, rows: tuple[float, ...], long: float = 1.0) -> None:
    for sign in (-1, 1):
        for k, y in enumerate(rows):
            start = 0.12 + 0.012 * k
            end = start + 0.26 * long
            tilt = (k - (len(rows) - 1) / 2) * 0.05
            path = [(start * sign, y), ((start + end) / 2 * sign, y + tilt * 0.5 - 0.012),
                    (end * sign, y + tilt)]  # fmt: skip
            pen.line(path, 0.007, ink, 0.9, (0.9, 0.0))
            dot = round_off([((start - 0.03) * sign + dx, y + dy) for dx, dy in
                             ((-0.006, 0), (0, -0.006), (0.006, 0), (0, 0.006))], 16)  # fmt: skip
            pen.fill(dot, ink, 0.8)


def _fur(right: list[tuple[float, float]]) -> Float:
    """A symmetric ring with pointed tufts: straight between its points, only lightly rounded."""
    ring = mirrored(right)
    steps = np.linspace(0, 1, 8, endpoint=False, dtype=np.float32)[:, None]
    following = np.roll(ring, -1, axis=0)
    parts = []
    for a, b in zip(ring, following, strict=True):
        d = b - a
        bow = f32([d[1], -d[0]]) * np.sin(steps * np.pi) * np.float32(-0.12)
        parts.append(a + d * steps + bow)
    return np.concatenate(parts).astype(np.float32)
