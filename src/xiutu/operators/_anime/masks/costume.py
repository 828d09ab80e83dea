"""Costume: butterfly, samurai face guard, Venetian carnival."""

import math

import numpy as np
from numpy.typing import NDArray

from xiutu.operators._anime.masks.pen import Colour, Pen, mirrored, round_off
from xiutu.operators._faces.arrays import f32

__all__ = ["butterfly", "carnival", "samurai"]

Float = NDArray[np.float32]


def butterfly(pen: Pen) -> None:
    """A blue morpho that has settled over nose and mouth."""
    ink: Colour = (30, 26, 58)
    fore = round_off([(0.012, 0.17), (0.10, 0.115), (0.25, 0.085), (0.42, 0.055), (0.462, 0.10),
                      (0.43, 0.22), (0.38, 0.32), (0.25, 0.365), (0.10, 0.355), (0.012, 0.33)])  # fmt: skip
    hind = round_off([(0.012, 0.31), (0.12, 0.335), (0.27, 0.345), (0.372, 0.40), (0.36, 0.50),
                      (0.285, 0.60), (0.20, 0.665), (0.13, 0.715), (0.06, 0.70), (0.02, 0.60)])  # fmt: skip
    veil = round_off(mirrored([(0, 0.10), (0.2, 0.12), (0.36, 0.2), (0.34, 0.42), (0.22, 0.62),
                               (0.08, 0.70), (0, 0.71)]))  # fmt: skip
    pen.loops((0.43, 0.09), (0.37, 0.42), (70, 60, 120))
    pen.fill(veil + f32([0, 0.02]), (70, 30, 40), 0.28, 0.016)
    pen.fill(veil, (44, 40, 96))
    for sign in (-1.0, 1.0):
        flip = f32([sign, 1])
        shade = 0.72 if sign * pen.light < 0 else 1.0
        for wing, tint, core in (
            (hind, (46, 92, 190), (120, 176, 240)),
            (fore, (40, 120, 214), (130, 214, 250)),
        ):
            ring = wing * flip
            pen.fill(ring, ink)
            root = f32([0.02, 0.33]) * flip
            inner = root + (ring - root) * np.float32(0.86)
            pen.fill(inner, _dim(tint, shade))
            glow = root + (ring - root) * np.float32(0.56)
            pen.fill(glow, _dim(core, shade), 0.85, 0.022, inner)
            for tip in ring[:: max(1, len(ring) // 9)]:
                path = [
                    tuple(root),
                    tuple(root + (tip - root) * np.float32(0.5) + f32([0, 0.006])),
                    tuple(tip),
                ]
                pen.line(path, 0.009, ink, 0.85, (0.4, 1.0), 0, ring, 20)
            edge = root + (ring - root) * np.float32(0.93)
            for spot in edge[:: max(1, len(edge) // 22)]:
                if abs(float(spot[0])) > 0.1:
                    pen.fill(_disc(spot, 0.009), (246, 250, 255), 0.95)
            pen.rim(ring, 0.009, ink)
    torso = round_off(
        mirrored([(0, 0.155), (0.022, 0.18), (0.026, 0.27), (0.02, 0.40), (0.013, 0.56), (0, 0.64)])
    )
    pen.fill(torso, (62, 50, 92))
    pen.fill(
        round_off([(-0.012, 0.19), (-0.004, 0.2), (-0.004, 0.45), (-0.012, 0.40)]),
        (150, 140, 196),
        0.8,
        0.003,
    )
    for y in np.linspace(0.30, 0.58, 7):
        pen.line(
            [(-0.018, y), (0, y + 0.008), (0.018, y)], 0.006, ink, 0.9, (0.5, 0.5), 0, torso, 10
        )
    pen.rim(torso, 0.008, ink)
    for sign in (-1, 1):
        feeler = [(0.008 * sign, 0.165), (0.03 * sign, 0.11), (0.075 * sign, 0.072)]
        pen.line(feeler, 0.009, ink, 0.95, (0.8, 0.5))
        pen.fill(_disc(f32(feeler[-1]), 0.011), ink)


def samurai(pen: Pen) -> None:
    """Menpo: red lacquer, grim ridges, white moustache, gold fangs."""
    ink: Colour = (36, 14, 18)
    ring = round_off(mirrored([(0, 0.055), (0.055, 0.085), (0.10, 0.15), (0.22, 0.165), (0.40, 0.13),
                               (0.425, 0.25), (0.40, 0.42), (0.31, 0.59), (0.17, 0.715),
                               (0, 0.755)]))  # fmt: skip
    pen.loops((0.405, 0.16), (0.40, 0.40), (224, 176, 84))
    pen.body(ring, (178, 34, 38), (120, 16, 28), (236, 110, 92))
    for sign in (-1, 1):
        for path, wide in (
            ([(0.07, 0.20), (0.16, 0.255), (0.25, 0.35), (0.27, 0.46)], 0.022),
            ([(0.17, 0.20), (0.29, 0.25), (0.345, 0.36), (0.33, 0.48)], 0.018),
            ([(0.12, 0.60), (0.2, 0.59), (0.28, 0.53)], 0.016),
        ):
            run = [(x * sign, y) for x, y in path]
            pen.line(
                [(x, y + 0.012) for x, y in run], wide, (92, 8, 20), 0.9, (0.1, 0.1), 0.003, ring
            )
            pen.line(
                [(x, y - 0.012) for x, y in run],
                wide * 0.45,
                (246, 140, 118),
                0.8,
                (0.1, 0.1),
                0.002,
                ring,
            )
        pen.fill(_disc(f32([0.365 * sign, 0.205]), 0.022), (226, 178, 82), 1, 0, ring)
        pen.line(_circle((0.365 * sign, 0.205), 0.022), 0.006, ink, 0.9, (1, 1), 0, ring)
        pen.fill(
            round_off([(0.022 * sign, 0.262), (0.055 * sign, 0.258), (0.045 * sign, 0.282)]),
            ink,
            0.95,
            0,
            ring,
        )
    nose = [(-0.075, 0.275), (-0.05, 0.235), (0, 0.225), (0.05, 0.235), (0.075, 0.275)]
    pen.line(nose, 0.008, ink, 0.7, (0.1, 0.1), 0, ring)
    mouth = round_off(mirrored([(0, 0.40), (0.09, 0.395), (0.185, 0.43), (0.20, 0.50), (0.10, 0.525),
                                (0, 0.53)]))  # fmt: skip
    pen.fill(mouth, (34, 8, 14))
    for x in (-0.135, -0.09, -0.045, 0.0, 0.045, 0.09, 0.135):
        fang = abs(abs(x) - 0.135) < 0.01
        long = 0.085 if fang else 0.036
        gold: Colour = (244, 204, 104) if fang else (236, 224, 196)
        pen.fill(
            [(x - 0.021, 0.395), (x + 0.021, 0.395), (x, 0.395 + long + 0.02)], gold, 1, 0, mouth
        )
        if not fang:
            pen.fill([(x - 0.02, 0.54), (x + 0.02, 0.54), (x, 0.49)], (220, 206, 176), 1, 0, mouth)
    pen.rim(mouth, 0.012, (226, 178, 82))
    pen.rim(mouth, 0.004, ink)
    for sign in (-1, 1):
        for k in range(7):
            x = 0.015 + 0.028 * k
            path = [
                (x * sign, 0.345),
                ((x + 0.05) * sign, 0.365 + 0.004 * k),
                ((x + 0.105 + 0.006 * k) * sign, 0.42 + 0.006 * k),
            ]
            pen.line(path, 0.018, (120, 112, 116), 0.9, (0.7, 0.0))
            pen.line(path, 0.012, (248, 244, 236), 1.0, (0.7, 0.0))
    for k in range(-4, 5):
        path = [(0.018 * k, 0.575), (0.02 * k, 0.62), (0.012 * k, 0.70 - 0.008 * abs(k))]
        pen.line(path, 0.018, (120, 112, 116), 0.9, (0.7, 0.0))
        pen.line(path, 0.012, (248, 244, 236), 1.0, (0.7, 0.0))
    pen.rim(ring, 0.012, ink)


def carnival(pen: Pen) -> None:
    """Venice: ivory and plum lozenges, gold scrollwork, a row of beads, a jewel on the nose."""
    ink: Colour = (66, 34, 52)
    gold, deep = (232, 186, 84), (150, 98, 34)
    ring = round_off(mirrored([(0, 0.03), (0.05, 0.085), (0.13, 0.145), (0.25, 0.125), (0.42, 0.045),
                               (0.45, 0.16), (0.42, 0.34), (0.36, 0.48), (0.25, 0.60), (0.13, 0.675),
                               (0, 0.73)]))  # fmt: skip
    pen.loops((0.43, 0.08), (0.41, 0.36), (150, 60, 110))
    pen.body(ring, (250, 240, 222), (222, 202, 190), (255, 253, 246))
    step = 0.115
    for row in range(-1, 7):
        for column in range(-4, 5):
            if (row + column) % 2:
                continue
            x, y = column * step, 0.09 + row * step
            stone = [
                (x, y - step * 0.98),
                (x + step * 0.98, y),
                (x, y + step * 0.98),
                (x - step * 0.98, y),
            ]
            side = x * pen.light < -0.02
            colour = (92, 36, 92) if side else (124, 52, 122)
            pen.fill(
                stone,
                colour if column % 4 else ((160, 40, 70) if not side else (124, 26, 56)),
                0.96,
                0,
                ring,
            )
    for row in range(-2, 14):
        for sign in (-1, 1):
            a, b = (
                (-0.6 * sign, 0.09 + (row * 1.0 - 5.2) * step),
                (0.6 * sign, 0.09 + (row * 1.0 + 5.2) * step),
            )
            middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
            if row % 2 == 0:
                pen.line([a, middle, b], 0.008, gold, 0.95, (1, 1), 0, ring)
    panel = round_off(mirrored([(0, 0.03), (0.06, 0.12), (0.095, 0.24), (0.16, 0.36), (0.17, 0.46),
                                (0.10, 0.56), (0, 0.60)]))  # fmt: skip
    pen.fill(panel, (252, 244, 228), 1, 0, ring)
    pen.fill(
        round_off([(0.02, 0.20), (0.085, 0.255), (0.05, 0.285), (0.0, 0.29), (0.03, 0.25)]),
        (214, 192, 186),
        0.9,
        0.006,
        panel,
    )
    lips = round_off(
        mirrored([(0, 0.405), (0.035, 0.392), (0.105, 0.425), (0.05, 0.465), (0, 0.475)])
    )
    pen.fill(lips, (188, 44, 70))
    pen.line(
        [(-0.105, 0.425), (-0.04, 0.432), (0, 0.428), (0.04, 0.432), (0.105, 0.425)],
        0.008,
        (96, 14, 40),
        0.95,
    )
    pen.fill(_disc(f32([-0.03, 0.448]), 0.009), (255, 190, 196), 0.8, 0.003)
    pen.rim(panel, 0.014, deep)
    pen.rim(panel, 0.008, gold)
    for sign in (-1, 1):
        for centre, size, start in (
            ((0.075, 0.33), 0.045, 0.4),
            ((0.06, 0.525), 0.032, 2.6),
            ((0.045, 0.17), 0.026, 5.0),
        ):
            spiral = [
                (
                    centre[0] * sign + sign * math.cos(start + t * 0.55) * size * (1 - t / 13),
                    centre[1] + math.sin(start + t * 0.55) * size * (1 - t / 13),
                )
                for t in range(11)
            ]
            pen.line(spiral, 0.010, deep, 0.9, (0.2, 0.4), 0, panel, 50)
            pen.line(spiral, 0.006, gold, 1.0, (0.2, 0.4), 0, panel, 50)
    inset = [(0 + (p[0]) * 0.955, 0.36 + (p[1] - 0.36) * 0.95) for p in ring.tolist()]
    for p in inset[:: max(1, len(inset) // 46)]:
        pen.fill(_disc(f32(p), 0.0125), deep, 1, 0, ring)
        pen.fill(_disc(f32(p), 0.010), (248, 216, 132), 1, 0, ring)
        pen.fill(_disc(f32(p) - f32([0.003, 0.003]), 0.004), (255, 250, 226), 1, 0, ring)
    gem = [(0, 0.075), (0.026, 0.115), (0, 0.16), (-0.026, 0.115)]
    pen.fill(gem, (40, 130, 170))
    pen.fill([(0, 0.075), (0.0, 0.16), (-0.026, 0.115)], (120, 210, 236), 0.9)
    pen.rim(f32(gem), 0.008, deep)
    pen.rim(ring, 0.016, deep)
    pen.rim(ring, 0.009, gold)
    pen.rim(ring * f32([1.012, 1.006]), 0.005, ink)


def _disc(middle: Float, radius: float) -> Float:
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    return np.stack(
        [middle[0] + np.cos(turn) * radius, middle[1] + np.sin(turn) * radius], 1
    ).astype(np.float32)


def _circle(middle: tuple[float, float], radius: float) -> Float:
    ring = _disc(f32(middle), radius)
    return np.concatenate([ring, ring[:1]])


def _dim(colour: Colour, by: float) -> Colour:
    return (round(colour[0] * by), round(colour[1] * by), round(colour[2] * by))
