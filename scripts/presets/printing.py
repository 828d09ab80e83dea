"""Style pictures after prints and designs: woodcut, wave print, blueprint, halftone, grids."""

from itertools import pairwise

import cv2
import numpy as np
from skimage import data

from scripts.presets.brush import (
    SIDE,
    Array,
    Float,
    cells,
    clouds,
    contour,
    grid,
    plain,
    ramp,
    scene,
)
from xiutu.operators._styles import flow

__all__ = [
    "blueprint",
    "cubism",
    "de_stijl",
    "engraving",
    "ink_comic",
    "neon",
    "poster",
    "wave_print",
    "woodcut",
]


def woodcut() -> Array:
    """A face cut in black: white gouges along the forms that widen with the light."""
    tone, gouges = _portrait(5)
    cut = np.clip((2.1 * tone - 0.95 + 0.3 * gouges) * 5 + 0.5, 0, 1)
    return ramp(cut.astype(np.float32), (18, 15, 14), (245, 239, 224))


def wave_print() -> Array:
    """Prussian blue waves with white claws on a cream sky."""
    y, x = grid()
    picture = ramp(y / SIDE, (244, 226, 190), (232, 208, 168))
    for i, colour in enumerate(((150, 180, 196), (78, 122, 160), (32, 66, 120), (16, 36, 84))):
        phase = x / (64 - 6 * i) + 1.9 * i
        crest = 190 + 78 * i + 40 * np.sin(phase) + 16 * np.sin(2.3 * phase + 1)
        picture[y > crest] = colour
        foam = np.abs(y - crest - 6 * np.sin(x / 5 + i)) < 5
        picture[foam] = (246, 242, 230)
        lines = (y > crest) & (np.sin((y - crest) / 4 + 2 * np.sin(phase)) > 0.82)
        picture[lines] = (222, 226, 220) if i % 2 else (20, 44, 92)
    return picture


def engraving() -> Array:
    """A face in sepia lines that swell in the shade, as on an old banknote."""
    tone, lines = _portrait(3)
    ink = np.clip((0.78 - 1.2 * tone + 0.24 * lines) * 2.2, 0, 1)
    return ramp(ink.astype(np.float32), (240, 226, 194), (168, 122, 78), (62, 38, 22))


def _portrait(width: float) -> tuple[Float, Float]:
    """(tone 0..1, lines along the forms of about unit deviation) of scikit-image's astronaut."""
    grey = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)[:400, 30:430]
    tone = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    guide = flow.swirl(SIDE, SIDE, 200, 6, 0.4)
    tangents = flow.directions(tone, 6, guide, 2e-3)
    return tone, flow.stripes(tangents, width, 14, 9)


def blueprint() -> Array:
    """White drawing lines and a grid on cyanotype blue."""
    rng = np.random.default_rng(12)
    y, x = grid()
    picture = ramp(clouds(200, 121), (14, 50, 120), (26, 76, 156))
    picture[(x % 32 < 1) | (y % 32 < 1)] = (70, 120, 190)
    for _ in range(26):
        a, b = (tuple(int(v) for v in rng.integers(0, SIDE, 2) // 32 * 32) for _ in range(2))
        kind = rng.integers(0, 3)
        if kind == 0:
            cv2.rectangle(picture, a, b, (226, 238, 250), 2, cv2.LINE_AA)
        elif kind == 1:
            cv2.circle(picture, a, int(rng.integers(16, 90)), (226, 238, 250), 2, cv2.LINE_AA)
        else:
            cv2.line(picture, a, b, (236, 244, 252), 1, cv2.LINE_AA)
    return picture


def ink_comic() -> Array:
    """Black shapes, red accents, white paper."""
    tone = clouds(110, 141, 3)
    picture = ramp((tone > 0.42).astype(np.float32), (10, 10, 12), (250, 248, 244))
    picture[(tone > 0.72)] = (214, 20, 28)
    picture[contour(clouds(70, 143, 2), 5, 3) > 0.5] = (10, 10, 12)
    return picture


def cubism() -> Array:
    """Facets in brown, grey and ochre, each shaded to one edge."""
    index, joint = cells(70, 15)
    rng = np.random.default_rng(16)
    palette = np.array([(96, 74, 52), (150, 124, 84), (190, 170, 130), (84, 92, 92), (52, 46, 40)])
    colours = palette[rng.integers(0, len(palette), 70)][index].astype(np.float32)
    y, x = grid()
    turn = rng.uniform(0, 2 * np.pi, 70).astype(np.float32)[index]
    shade = np.sin((x * np.cos(turn) + y * np.sin(turn)) / 26)
    colours *= (1 + 0.32 * shade)[:, :, None]
    colours *= np.clip(joint / 5, 0.25, 1)[:, :, None]
    return np.clip(colours, 0, 255).astype(np.uint8)


def de_stijl() -> Array:
    """White, red, blue and yellow rectangles between black bars."""
    rng = np.random.default_rng(18)
    picture = plain((244, 242, 234))
    columns, rows = ([0, *sorted(rng.integers(30, 480, 6)), SIDE] for _ in range(2))
    paints = [(214, 30, 34), (24, 60, 160), (246, 208, 30), (244, 242, 234), (244, 242, 234)]
    for left, right in pairwise(columns):
        for top, bottom in pairwise(rows):
            picture[top:bottom, left:right] = paints[rng.integers(0, len(paints))]
    for at in columns[1:-1]:
        picture[:, at - 6 : at + 6] = (14, 14, 16)
    for at in rows[1:-1]:
        picture[at - 6 : at + 6] = (14, 14, 16)
    return picture


def poster() -> Array:
    """Travel poster: few flat tones in teal, cream and coral."""
    return scene(
        ((38, 104, 116), (244, 214, 170)), (250, 240, 214),
        ((226, 120, 92), (176, 74, 72), (56, 92, 98), (20, 48, 60)), 23,
    )  # fmt: skip


def neon() -> Array:
    """Magenta and cyan light on a black street scene, glowing edges."""
    base = scene(
        ((16, 6, 40), (60, 10, 90)), (255, 90, 200),
        ((30, 8, 60), (14, 20, 60), (8, 8, 30)), 29,
    )  # fmt: skip
    glow = base.astype(np.float32)
    for seed, colour in ((151, (255, 30, 170)), (153, (30, 220, 255))):
        line = contour(clouds(210, seed, 2), 2, 3)
        halo = cv2.GaussianBlur(line, (0, 0), 12) * 3
        glow += (halo + line)[:, :, None] * np.array(colour, np.float32) + (line * 60)[:, :, None]
    return np.clip(glow, 0, 255).astype(np.uint8)
