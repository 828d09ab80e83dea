"""Drawn eyes: larger than life, thick upper lash line, iris with depth and two lights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiutu.operators._anime.frame import Frame
from xiutu.operators._anime.strokes import Sheet, curve
from xiutu.operators._anime.tones import Ramp
from xiutu.operators._faces import Face
from xiutu.operators._faces.arrays import f32

__all__ = ["Look", "Shape", "draw", "shape_of"]

Float = NDArray[np.float32]

_WIDER = 1.3
_CLOSED = 0.115  # opening over width below which an eye is drawn shut


@dataclass(frozen=True)
class Look:
    """``iris``: colour RGB 0..1; ``covered``: dark glasses hide the eye, nothing is drawn."""

    iris: Float
    lash: Float
    covered: bool = False


@dataclass(frozen=True)
class Shape:
    """An enlarged eye in px: lids from the outer to the inner corner (n x 2), the iris."""

    upper: Float
    lower: Float
    iris: Float
    radii: tuple[float, float]
    across: Float
    down: Float
    width: float
    shut: bool


def shape_of(face: Face, side: int) -> Shape:
    """The eye on the picture's left (``side`` 0) or right, enlarged along the face's own axes."""
    frame, eye = Frame.of(face), face.eyes[side]
    local = frame.from_picture(eye.contour)
    lower = local[:9]
    upper = np.concatenate([local[:1], local[9:16], local[8:9]])
    pupil = frame.from_picture(eye.iris[:1])[0]
    corner = np.abs(local[8] - local[0])
    width = float(np.hypot(*corner)) + 1e-4
    middle = (local[0] + local[8]) / 2
    opening = float(np.mean(lower[3:6, 1]) - np.mean(upper[3:6, 1]))
    ratio = max(0.0, opening / width)
    aim = float(np.clip(0.25 + 1.15 * ratio, 0.0, 0.68)) * _WIDER * width
    taller = aim / max(opening, 0.05 * width)
    # The slant stays; openings grow more downwards than up, away from the brow.
    slope = (local[8, 1] - local[0, 1]) / (local[8, 0] - local[0, 0] + 1e-6)
    shift = 0.12 * (aim - opening)

    def enlarge(points: Float) -> Float:
        x = points[:, 0] - middle[0]
        base = slope * x
        y = (points[:, 1] - middle[1] - base) * taller + base * _WIDER + shift
        return np.stack([x * _WIDER + middle[0], y + middle[1]], axis=1).astype(np.float32)

    high, low = enlarge(upper), enlarge(lower)
    top, bottom = float(high[3:6, 1].mean()), float(low[3:6, 1].mean())
    ry = 0.60 * (bottom - top)
    rx = float(min(0.88 * ry, 0.30 * _WIDER * width))
    x = (pupil[0] - middle[0]) * 0.9 * _WIDER + middle[0]
    iris = f32([x, (top + bottom) / 2 - 0.02 * (bottom - top)])
    axes = frame.to_picture(f32([[0, 0], [1, 0], [0, 1]]))
    return Shape(
        frame.to_picture(high), frame.to_picture(low), frame.to_picture(iris[None])[0],
        (rx * frame.unit, ry * frame.unit), (axes[1] - axes[0]) / np.float32(frame.unit),
        (axes[2] - axes[0]) / np.float32(frame.unit), width * _WIDER * frame.unit,
        ratio < _CLOSED,
    )  # fmt: skip


def draw(sheet: Sheet, face: Face, side: int, look: Look, skin: Ramp) -> None:
    """Draw one eye of ``face`` on ``sheet``."""
    if look.covered:
        return
    shape = shape_of(face, side)
    upper, lower = curve(shape.upper, 48), curve(shape.lower, 48)
    if shape.shut:
        line = (upper + lower) / 2
        sheet.fill([_lash(f32(line), shape, 0.085)], look.lash)
        return
    _crease(sheet, upper, shape, skin)
    opening = [np.concatenate([upper, lower[::-1]])]
    white = f32([0.985, 0.985, 0.99]) * (0.82 + 0.18 * float(skin.tones[3].mean()))
    sheet.fill(opening, white)
    _iris(sheet, shape, look, opening)
    shade = upper + (lower - upper) * np.float32(0.26)
    dusk = f32([0.42, 0.40, 0.52])
    sheet.fill([np.concatenate([upper, shade[::-1]])], dusk, 0.42, shape.width * 0.02, clip=opening)
    sheet.stroke(lower[4:34], shape.width * 0.035, look.lash, 0.75, (0.4, 0.0))
    sheet.stroke(lower[36:], shape.width * 0.02, look.lash, 0.4, (0.0, 0.3))
    sheet.fill([_lash(upper, shape, 0.12)], look.lash)


def _iris(sheet: Sheet, shape: Shape, look: Look, opening: list[Float]) -> None:
    rx, ry = shape.radii

    def ring(scale: float, dx: float = 0.0, dy: float = 0.0, squeeze: float = 1.0) -> list[Float]:
        turn = np.linspace(0, 2 * np.pi, 56, endpoint=False)
        x = np.cos(turn) * rx * scale * squeeze + dx * rx
        y = np.sin(turn) * ry * scale + dy * ry
        points = shape.iris + x[:, None] * shape.across + y[:, None] * shape.down
        return [points.astype(np.float32)]

    dark = look.iris * np.float32(0.26)
    light = np.clip(look.iris * 1.35 + 0.16, 0, 1)
    sheet.fill(ring(1.0), dark, clip=opening)
    sheet.fill(ring(0.9, 0, 0.04), look.iris, clip=opening, soft=rx * 0.03)
    sheet.fill(ring(0.66, 0, 0.30, 1.1), light, 0.9, clip=opening, soft=rx * 0.12)
    sheet.fill(ring(0.85, 0, -0.66, 1.1), dark, 0.8, clip=opening, soft=rx * 0.16)
    sheet.fill(ring(0.34, 0, -0.02), dark * np.float32(0.45), 0.95, clip=opening, soft=rx * 0.03)
    white = f32([1, 1, 1])
    sheet.fill(ring(0.27, -0.36, -0.40, 1.1), white, clip=opening)
    sheet.fill(ring(0.13, 0.38, 0.42), white, 0.9, clip=opening)


def _lash(line: Float, shape: Shape, thick: float) -> Float:
    """Outline of the lash line above ``line`` (outer to inner), with a wing past the outer corner."""
    t = np.linspace(0, 1, len(line))
    swell = np.interp(t, [0, 0.12, 0.35, 0.7, 1], [0.95, 1.0, 0.95, 0.62, 0.18])
    up = -shape.down * np.float32(shape.width * thick)
    outwards = line[0] - line[-1]
    outwards = outwards / (np.hypot(*outwards) + 1e-6)
    top = line + swell[:, None] * up
    wing = line[0] + outwards * np.float32(shape.width * 0.10) + up * np.float32(0.75)
    tail = line[0] + outwards * np.float32(shape.width * 0.015) - up * np.float32(0.12)
    return np.concatenate([[wing], top[2:], line[::-1], [tail]]).astype(np.float32)


def _crease(sheet: Sheet, upper: Float, shape: Shape, skin: Ramp) -> None:
    rise = -shape.down * np.float32(shape.width * 0.20)
    run = (upper + rise)[5:42]
    sheet.stroke(run, shape.width * 0.026, skin.line, 0.6, (0.1, 0.1))
