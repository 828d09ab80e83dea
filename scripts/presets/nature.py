"""Style pictures after materials and nature: glass, tiles, cloth, stone, leaves, fire, ice."""

import cv2
import numpy as np

from scripts.presets.brush import (
    SIDE,
    Array,
    cells,
    clouds,
    contour,
    grid,
    painted,
    ramp,
    scene,
    streams,
)
from xiutu.operators._styles import flow

__all__ = [
    "bamboo",
    "batik",
    "blossom",
    "ember",
    "embroidery",
    "frost",
    "gold_spirals",
    "marbling",
    "mosaic",
    "nebula",
    "porcelain",
    "stained_glass",
]


def stained_glass() -> Array:
    """Jewel panes with black leads."""
    count = 64
    index, joint = cells(count, 25)
    rng = np.random.default_rng(26)
    panes = np.array(
        [
            (200, 30, 40),
            (40, 90, 200),
            (40, 160, 110),
            (244, 190, 60),
            (150, 60, 160),
            (120, 200, 226),
        ]
    )
    colours = panes[rng.integers(0, len(panes), count)][index].astype(np.float32)
    colours *= (0.8 + 0.5 * clouds(50, 161, 2))[:, :, None]
    colours[joint < 5] = (10, 10, 12)
    return np.clip(colours, 0, 255).astype(np.uint8)


def mosaic() -> Array:
    """Roman stones in a landscape, pale grout between them."""
    base = scene(
        ((60, 120, 160), (206, 200, 170)), (236, 190, 80),
        ((40, 110, 110), (176, 90, 60), (206, 170, 110), (90, 60, 50)), 33,
    )  # fmt: skip
    index, joint = cells(900, 27)
    rng = np.random.default_rng(28)
    sizes = np.bincount(index.ravel(), minlength=900)[:, None]
    sums = [np.bincount(index.ravel(), base[:, :, i].ravel(), 900) for i in range(3)]
    stones = np.stack(sums, axis=1) / np.maximum(sizes, 1) + rng.normal(0, 14, (900, 1))
    picture = np.clip(stones[index], 0, 255)
    picture[joint < 2.5] = (222, 212, 190)
    return picture.astype(np.uint8)


def porcelain() -> Array:
    """Cobalt brush scrolls on bluish white glaze."""
    field = clouds(110, 181, 2)
    thick = contour(field, 4, 9) * (0.5 + 0.5 * clouds(40, 183))
    thin = contour(clouds(60, 185, 2), 6, 2.5) * 0.7
    wash = np.clip(clouds(90, 187) - 0.68, 0, 1) * 2.2
    share = np.clip(thick + thin + wash, 0, 1)
    return ramp(share, (240, 244, 248), (110, 140, 206), (16, 40, 132))


def gold_spirals() -> Array:
    """Gold leaf with spirals, eyes and dark brown lozenges."""
    rng = np.random.default_rng(31)
    picture = ramp(clouds(50, 191), (176, 124, 30), (226, 178, 60), (250, 218, 120))
    for _ in range(34):
        px, py = (int(v) for v in rng.integers(0, SIDE, 2))
        turns = np.linspace(0, 6.5 * np.pi, 140)
        radius = turns * rng.uniform(1.0, 2.2)
        points = np.stack([px + radius * np.cos(turns), py + radius * np.sin(turns)], axis=1)
        cv2.polylines(
            picture, [np.rint(points).astype(np.int32)], False, (74, 44, 16), 3, cv2.LINE_AA
        )
    for _ in range(60):
        px, py = (int(v) for v in rng.integers(0, SIDE, 2))
        colour = [(20, 16, 14), (150, 40, 30), (240, 236, 220), (40, 90, 80)][rng.integers(0, 4)]
        cv2.ellipse(picture, (px, py), (5, 12), 0, 0, 360, colour, -1, cv2.LINE_AA)
    return picture


def marbling() -> Array:
    """Combed paint on water: red, cream, teal and navy veins."""
    y, x = grid()
    bend = 40 * np.sin(x / 36) + 60 * (clouds(120, 201, 2) - 0.5) * 2
    phase = np.sin((y + bend) / 9 + 3 * clouds(60, 203, 2))
    return ramp(
        (phase * 0.5 + 0.5).astype(np.float32),
        (20, 34, 70), (40, 130, 136), (244, 232, 206), (196, 40, 44), (244, 232, 206),
    )  # fmt: skip


def batik() -> Array:
    """Indigo cloth, wax crackle and white dotted rosettes."""
    y, x = grid()
    index, joint = cells(260, 33)
    del index
    picture = ramp(clouds(140, 211), (20, 28, 84), (44, 62, 140))
    picture[joint < 1.6] = (150, 166, 210)
    for py in range(32, SIDE, 96):
        for px in range(32 + (py // 96 % 2) * 48, SIDE, 96):
            far = np.hypot(x - px, y - py)
            petals = np.cos(8 * np.arctan2(y - py, x - px))
            picture[(far < 30 + 8 * petals) & (far > 12) & (np.sin(far) > -0.2)] = (236, 232, 220)
            picture[far < 7] = (186, 110, 50)
    return picture


def embroidery() -> Array:
    """Satin stitches in red, green and gold thread on dark cloth."""
    base = ramp(clouds(110, 221, 2), (120, 12, 24), (206, 40, 50), (226, 180, 80), (30, 104, 70))
    tangents = streams(130, 35, 1.4)
    picture = painted(base, tangents, 14000, 22, 2, 36, 34)
    return np.asarray(cv2.addWeighted(picture, 1.15, picture, 0, -18), np.uint8)


def nebula() -> Array:
    """Violet and rose gas with stars on black."""
    rng = np.random.default_rng(37)
    gas = clouds(130, 231, 5) * clouds(200, 237, 2)
    picture = ramp(gas, (6, 4, 16), (60, 20, 90), (190, 60, 140), (250, 180, 170), (190, 230, 255))
    for x, y in rng.integers(0, SIDE, (420, 2)):
        size = 1 if rng.uniform() < 0.85 else 2
        cv2.circle(picture, (int(x), int(y)), size, (255, 250, 240), -1, cv2.LINE_AA)
    return picture


def blossom() -> Array:
    """Pink petals and dark twigs before a pale sky."""
    rng = np.random.default_rng(41)
    picture = ramp(clouds(160, 241, 2), (206, 226, 240), (244, 240, 244))
    for _ in range(16):
        x, y = rng.uniform(0, SIDE, 2)
        turn = rng.uniform(0, 2 * np.pi)
        for width in range(7, 1, -1):
            nx, ny = x + 40 * np.cos(turn), y + 40 * np.sin(turn)
            cv2.line(
                picture, (int(x), int(y)), (int(nx), int(ny)), (70, 48, 50), width, cv2.LINE_AA
            )
            x, y, turn = nx, ny, turn + rng.normal(0, 0.5)
    for _ in range(320):
        px, py = (int(v) for v in rng.integers(0, SIDE, 2))
        colour = [(250, 190, 206), (240, 140, 170), (255, 226, 232)][rng.integers(0, 3)]
        for k in range(5):
            turn = 2 * np.pi * k / 5
            at = (int(px + 7 * np.cos(turn)), int(py + 7 * np.sin(turn)))
            cv2.circle(picture, at, 5, colour, -1, cv2.LINE_AA)
        cv2.circle(picture, (px, py), 3, (200, 70, 100), -1, cv2.LINE_AA)
    return picture


def bamboo() -> Array:
    """Upright jade stems with joints, slanted leaves, misty green."""
    rng = np.random.default_rng(43)
    picture = ramp(clouds(150, 251), (150, 190, 140), (206, 226, 186))
    for x in sorted(rng.integers(0, SIDE, 22)):
        width = int(rng.integers(8, 22))
        colour = tuple(int(c) for c in np.array([50, 120, 60]) * rng.uniform(0.5, 1.5))
        cv2.rectangle(picture, (int(x), 0), (int(x) + width, SIDE), colour, -1)
        cv2.line(picture, (int(x) + 2, 0), (int(x) + 2, SIDE), (190, 220, 150), 2)
        for y in range(int(rng.integers(0, 60)), SIDE, 74):
            cv2.line(picture, (int(x) - 2, y), (int(x) + width + 2, y), (24, 60, 34), 4)
    for _ in range(240):
        px, py = (int(v) for v in rng.integers(0, SIDE, 2))
        colour = tuple(int(c) for c in np.array([40, 110, 50]) * rng.uniform(0.5, 1.4))
        turn = float(rng.uniform(20, 70))
        cv2.ellipse(picture, (px, py), (26, 4), turn, 0, 360, colour, -1, cv2.LINE_AA)
    return picture


def frost() -> Array:
    """Ice needles in white and pale blue over deep blue."""
    rng = np.random.default_rng(45)
    picture = ramp(clouds(150, 261), (30, 70, 120), (110, 160, 200), (190, 220, 240))
    for _ in range(90):
        x, y = rng.uniform(0, SIDE, 2)
        turn, reach = rng.uniform(0, 2 * np.pi), rng.uniform(40, 130)
        for t in np.linspace(0, 1, 14):
            px, py = x + reach * t * np.cos(turn), y + reach * t * np.sin(turn)
            side = 26 * (1 - t)
            for way in (-1.05, 1.05):
                end = (int(px + side * np.cos(turn + way)), int(py + side * np.sin(turn + way)))
                cv2.line(picture, (int(px), int(py)), end, (236, 246, 252), 1, cv2.LINE_AA)
        tip = (int(x + reach * np.cos(turn)), int(y + reach * np.sin(turn)))
        cv2.line(picture, (int(x), int(y)), tip, (250, 252, 255), 2, cv2.LINE_AA)
    return picture


def ember() -> Array:
    """Tongues of fire over coal black."""
    y, x = grid()
    heat = clouds(90, 271, 4) * 0.8 + 0.35 * (y / SIDE)
    wave = flow.stripes(streams(90, 47, 1.6), 6, 14, 49)
    heat = np.clip(heat + 0.12 * wave - 0.15 + 0 * x, 0, 1)
    return ramp(
        heat.astype(np.float32),
        (8, 4, 6),
        (90, 10, 8),
        (226, 70, 10),
        (255, 170, 30),
        (255, 244, 190),
    )
