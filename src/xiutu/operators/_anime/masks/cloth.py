"""Cloth masks: the pleated surgical one and cotton with cherry blossoms."""

import math

import numpy as np

from xiutu.operators._anime.masks.pen import Colour, Pen, mirrored, round_off
from xiutu.operators._faces.arrays import Float

__all__ = ["blossom", "surgical"]

_INK: Colour = (58, 60, 84)


def surgical(pen: Pen) -> None:
    """Pale blue, white borders, three pleats, a wire over the nose."""
    ring = round_off(mirrored([(0, 0.062), (0.10, 0.088), (0.24, 0.122), (0.392, 0.125),
                               (0.398, 0.24), (0.372, 0.40), (0.27, 0.605), (0.13, 0.70),
                               (0, 0.726)]))  # fmt: skip
    pen.loops((0.385, 0.135), (0.372, 0.40), (246, 248, 250))
    pen.body(ring, (176, 216, 236), (128, 176, 208), (226, 244, 252))
    for shift, tone in ((0.0, 0), (0.115, 1), (0.235, 2)):
        depth = 0.255 + shift
        width = (0.392, 0.38, 0.345)[tone]
        path = [(-width, depth - 0.04), (-0.2, depth + 0.015), (0, depth + 0.032),
                (0.2, depth + 0.015), (width, depth - 0.04)]  # fmt: skip
        lower = [(x, y + 0.022) for x, y in path]
        pen.line(lower, 0.03, (112, 160, 196), 0.55, (0.2, 0.2), 0.006, ring)
        pen.line(path, 0.009, _INK, 0.8, (0.25, 0.25), 0, ring)
        lit = [(x, y - 0.014) for x, y in path]
        pen.line(lit, 0.008, (240, 250, 255), 0.8, (0.1, 0.1), 0, ring)
    top = [(-0.40, 0.138), (-0.24, 0.138), (-0.10, 0.106), (0, 0.082), (0.10, 0.106),
           (0.24, 0.138), (0.40, 0.138)]  # fmt: skip
    pen.line(top, 0.03, (244, 249, 252), 1, (1, 1), 0, ring)
    low = [(-0.372, 0.40), (-0.262, 0.588), (-0.125, 0.682), (0, 0.706), (0.125, 0.682),
           (0.262, 0.588), (0.372, 0.40)]  # fmt: skip
    pen.line(low, 0.03, (236, 244, 250), 1, (1, 1), 0, ring)
    wire = [(-0.15, 0.135), (-0.07, 0.112), (0, 0.098), (0.07, 0.112), (0.15, 0.135)]
    pen.line(wire, 0.007, (140, 160, 180), 0.9, (0.3, 0.3), 0, ring)
    pen.rim(ring, 0.011, _INK)


def blossom(pen: Pen) -> None:
    """Rose cotton with a seam in the middle, blossoms and loose petals."""
    ring = round_off(mirrored([(0, 0.058), (0.08, 0.10), (0.22, 0.132), (0.40, 0.17),
                               (0.405, 0.27), (0.375, 0.41), (0.26, 0.60), (0.12, 0.70),
                               (0, 0.728)]))  # fmt: skip
    pen.loops((0.392, 0.185), (0.38, 0.395), (244, 196, 208))
    pen.body(ring, (250, 212, 222), (226, 160, 184), (255, 242, 246))
    for x, y, size, turn in ((-0.225, 0.275, 0.078, 0.2), (0.24, 0.43, 0.092, 0.7),
                             (-0.135, 0.545, 0.066, 1.1), (0.30, 0.235, 0.05, 0.4),
                             (0.085, 0.62, 0.05, 0.9), (-0.33, 0.43, 0.046, 0.1)):  # fmt: skip
        _flower(pen, x, y, size, turn, ring)
    for x, y, turn in ((-0.08, 0.36, 0.5), (0.10, 0.30, 2.0), (0.14, 0.50, 3.6),
                       (-0.27, 0.50, 1.2), (0.02, 0.47, 5.0)):  # fmt: skip
        pen.fill(_petal(x, y, 0.03, turn), (246, 150, 178), 0.9, 0, ring)
    seam = [(0, 0.06), (0.004, 0.22), (0.006, 0.40), (0.002, 0.60), (0, 0.73)]
    pen.line(seam, 0.008, (168, 84, 120), 0.7, (0.3, 0.3), 0, ring)
    hem = [(p[0] * 0.95, 0.40 + (p[1] - 0.40) * 0.945) for p in ring.tolist()]
    for start in range(0, len(hem) - 3, 4):
        pen.line(hem[start : start + 3], 0.005, (255, 250, 252), 0.9, (1, 1), 0, ring, 6)
    pen.rim(ring, 0.011, (112, 48, 80))


def _flower(pen: Pen, x: float, y: float, size: float, turn: float, ring: Float) -> None:
    for k in range(5):
        angle = turn + k * 2 * math.pi / 5
        leaf = _petal(x + math.cos(angle) * size * 0.5, y + math.sin(angle) * size * 0.5,
                      size * 0.52, angle)  # fmt: skip
        pen.fill(leaf, (255, 246, 250), 1.0, 0, ring)
        closed = np.concatenate([leaf, leaf[:1]])[::2]
        pen.line(closed, 0.005, (214, 96, 140), 0.8, (1, 1), 0, ring, 30)
    dot = _petal(x, y, size * 0.2, 0)
    pen.fill(dot, (240, 132, 160), 1.0, 0, ring)
    for k in range(5):
        angle = turn + (k + 0.5) * 2 * math.pi / 5
        end = (x + math.cos(angle) * size * 0.36, y + math.sin(angle) * size * 0.36)
        pen.line([(x, y), ((x + end[0]) / 2, (y + end[1]) / 2), end], 0.005, (220, 90, 130), 0.9,
                 (1, 1), 0, ring, 8)  # fmt: skip


def _petal(x: float, y: float, size: float, turn: float) -> Float:
    """A leaf with a notch at its outer end."""
    t = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    along = np.cos(t) * (1 - 0.22 * np.exp(-((t - np.pi) ** 2) * 0)) * size
    along -= size * 0.26 * np.exp(-((np.sin(t / 2)) ** 2) / 0.02)
    across = np.sin(t) * size * 0.72
    c, s = math.cos(turn), math.sin(turn)
    return np.stack([x + along * c - across * s, y + along * s + across * c], 1).astype(np.float32)
