"""Style pictures after painters' means: oil, water colour, ink, pastel, chalk."""

import cv2
import numpy as np

from scripts.presets.brush import (
    SIDE,
    Array,
    clouds,
    contour,
    dots,
    grid,
    painted,
    ramp,
    scene,
    streams,
)
from xiutu.operators._styles import flow, paper

__all__ = [
    "charcoal",
    "fauve",
    "impasto",
    "ink_wash",
    "night_swirls",
    "pastel",
    "pointillism",
    "red_chalk",
    "watercolour",
]


def impasto() -> Array:
    """Thick short strokes in green, ochre and blue."""
    base = scene(
        ((120, 160, 196), (226, 204, 150)), (250, 226, 140),
        ((86, 116, 60), (150, 146, 56), (196, 150, 60), (110, 84, 40)), 3,
    )  # fmt: skip
    return painted(base, streams(160, 3, 0.6), 9000, 26, 6, 4, 24)


def watercolour() -> Array:
    """Wet pools of rose, blue and leaf green with dark rims on white."""
    field, tint = clouds(120, 11), clouds(170, 31, 2)
    colours = ramp(tint, (236, 130, 140), (250, 214, 130), (120, 190, 150), (96, 150, 214))
    wet = np.clip((field - 0.45) * 8, 0, 1)[:, :, None] * (0.45 + 0.4 * clouds(40, 17)[:, :, None])
    rim = contour(np.clip(field, 0, 1), 5, 3)[:, :, None] * 0.35
    share = np.clip(wet + rim * (wet > 0), 0, 1)
    return np.rint(252 * (1 - share) + colours * share).astype(np.uint8)


def ink_wash() -> Array:
    """Mountains in black ink fading into mist on warm paper, a red seal."""
    y, _ = grid()
    picture = np.full((SIDE, SIDE), 238, np.float32)
    for i in range(4):
        ridge = 120 + 95 * i + 62 * flow.smooth_noise(4, SIDE, 90 - 12 * i, 40 + i)[0]
        below = (y - ridge[None, :]) / 150
        wash = np.where(below > 0, np.exp(-2.4 * below) * (0.6 + 0.16 * i), 0)
        picture *= 1 - wash * (0.65 + 0.35 * clouds(30, 50 + i))
    tangents = streams(120, 8, 1.2)
    strokes = flow.stripes(tangents, 3, 12, 3)
    picture -= 70 * np.clip(strokes - 1.6, 0, 1)
    washed = ramp(np.clip(picture / 255, 0, 1), (8, 10, 16), (104, 104, 108), (248, 234, 202))
    cv2.rectangle(washed, (440, 30), (482, 82), (190, 40, 30), -1)
    return washed


def night_swirls() -> Array:
    """Blue night in spirals, yellow stars with halos."""
    y, x = grid()
    rng = np.random.default_rng(5)
    base = ramp(clouds(90, 21), (10, 24, 78), (24, 66, 140), (70, 130, 190), (22, 40, 100))
    glow = np.zeros((SIDE, SIDE), np.float32)
    angle = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(9):
        px, py, size = rng.uniform(20, 492), rng.uniform(20, 420), rng.uniform(22, 52)
        far = np.hypot(x - px, y - py)
        glow = np.maximum(
            glow, np.exp(-((far / size) ** 2)) + 0.35 * np.cos(far / 6) * np.exp(-far / 60)
        )
        angle += np.exp(-far / 90) * np.arctan2(y - py, x - px)
    share = np.clip(glow, 0, 1)[:, :, None]
    base = np.rint(base * (1 - share) + np.array([250, 214, 70]) * share).astype(np.uint8)
    base[y > 430 + 24 * np.sin(x / 50)] = (14, 22, 34)
    tangents = np.dstack([-np.sin(angle + x / 140), np.cos(angle + x / 140)]).astype(np.float32)
    return painted(base, tangents, 11000, 24, 4, 6, 20)


def pointillism() -> Array:
    """Pure dots of orange, violet, green and blue on cream."""
    base = scene(
        ((130, 180, 230), (250, 220, 190)), (255, 240, 150),
        ((90, 150, 120), (120, 170, 70), (230, 160, 80), (150, 90, 160)), 9,
    )  # fmt: skip
    return dots(base, (246, 236, 214), 17000, 3.4, 10)


def pastel() -> Array:
    """Soft chalk in pink, mint and lilac on grey paper."""
    base = ramp(clouds(110, 61), (246, 180, 196), (252, 226, 206), (186, 226, 206), (200, 186, 236))
    strokes = painted(base, streams(300, 2, 0.2), 6000, 40, 5, 7, 10)
    tooth = np.tile(paper.grain(3.0), (1, 1))[:SIDE, :SIDE, None] / 255
    return np.rint(strokes * (0.86 + 0.14 * tooth)).astype(np.uint8)


def fauve() -> Array:
    """Flat shouting colours with dark outlines."""
    base = scene(
        ((240, 90, 60), (250, 190, 50)), (252, 244, 120),
        ((30, 150, 110), (220, 40, 110), (40, 80, 190), (250, 140, 30)), 15,
    )  # fmt: skip
    rough = painted(base, streams(200, 4, 0.5), 2500, 40, 12, 8, 14)
    edges = cv2.Canny(cv2.GaussianBlur(base, (0, 0), 1), 30, 80)
    rough[cv2.dilate(edges, np.ones((5, 5), np.uint8)) > 0] = (28, 24, 60)
    return rough


def charcoal() -> Array:
    """Rough black on grey-white paper, rubbed tones."""
    tone = clouds(100, 71)
    hatch = paper.hatch(55, 4.0, 5)[:SIDE, :SIDE] / 255
    tooth = paper.grain(2.6)[:SIDE, :SIDE] / 255
    dark = np.clip(1.25 - 1.9 * tone + 0.6 * (hatch - 0.5), 0, 1) * (0.4 + 0.9 * tooth)
    lines = contour(clouds(130, 73, 2), 4, 5)
    return ramp(
        np.clip(1 - dark - 0.7 * lines, 0, 1), (18, 18, 18), (130, 128, 126), (238, 236, 232)
    )


def red_chalk() -> Array:
    """Sanguine hatching on buff paper."""
    tone = clouds(120, 81)
    first = paper.hatch(48, 3.2, 6)[:SIDE, :SIDE] / 255
    second = paper.hatch(120, 3.2, 7)[:SIDE, :SIDE] / 255
    dark = np.clip(1.1 - 1.5 * tone + 0.8 * (first - 0.6), 0, 1)
    dark += np.clip(0.6 - 1.5 * tone + 0.8 * (second - 0.5), 0, 1)
    lines = contour(clouds(140, 83, 2), 3, 4)
    share = np.clip(0.7 * dark + 0.8 * lines, 0, 1)
    return ramp(share, (234, 208, 168), (212, 120, 78), (140, 48, 26))
