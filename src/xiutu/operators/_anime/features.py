"""What makes a drawn face: jaw, nose, mouth, blush, brows; the eyes are in ``eyes``."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiutu.operators._anime import eyes
from xiutu.operators._anime.frame import Frame
from xiutu.operators._anime.glasses import Frames
from xiutu.operators._anime.strokes import Sheet, curve
from xiutu.operators._anime.tones import Ramp
from xiutu.operators._faces import Face
from xiutu.operators._faces import topology as lines
from xiutu.operators._faces.arrays import f32

__all__ = ["Looks", "draw"]

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Looks:
    """What the photograph says about one face. Colours RGB 0..1.

    ``brow``, ``lips``: paint; ``teeth``: the open mouth shows teeth; ``rouge`` 0..1: how red the lips
    are against the skin; ``jaw``: n x 2 runs of the jaw's line that no hair covers; ``light``: -1
    from the left .. 1 from the right; ``frames``: of glasses.
    """

    skin: Ramp
    brow: Float
    lips: Float
    rouge: float
    teeth: bool
    jaw: list[Float]
    light: float
    eyes: tuple[eyes.Look, eyes.Look]
    frames: Frames | None = None


def draw(sheet: Sheet, face: Face, looks: Looks, *, mouth: bool = True) -> None:
    """Draw the features of ``face``; ``mouth`` False leaves out what a mask will hide."""
    unit = face.size
    _blush(sheet, face, looks)
    if mouth:
        for run in looks.jaw:
            sheet.stroke(run, unit * 0.014, looks.skin.line, 0.85, (0.15, 0.15))
        _nose(sheet, face, looks)
        _mouth(sheet, face, looks)
    for side in (0, 1):
        eyes.draw(sheet, face, side, looks.eyes[side], looks.skin)
        _brow(sheet, face, side, looks)


def _blush(sheet: Sheet, face: Face, looks: Looks) -> None:
    points, unit = face.points[:, :2], face.size
    tint = looks.skin.tones[1] * f32([1.04, 0.86, 0.88])
    frame = Frame.of(face)
    turn = np.linspace(0, 2 * np.pi, 40)
    for spots in ((50, 205), (280, 425)):
        middle = points[list(spots)].mean(axis=0)
        width = abs(float(frame.from_picture(points[[spots[0], 4]])[:, 0] @ [1, -1])) * 0.42
        ring = f32(np.stack([np.cos(turn) * min(width, 0.13), np.sin(turn) * 0.055], axis=1))
        ring = frame.to_picture(ring + frame.from_picture(middle[None]))
        sheet.fill([ring], np.clip(tint, 0, 1), 0.42, soft=unit * 0.03)


def _nose(sheet: Sheet, face: Face, looks: Looks) -> None:
    points, unit = face.points[:, :2], face.size
    frame = Frame.of(face)
    tip = frame.from_picture(points[[4, 2, 98, 327, 168]])
    turned = float(tip[0, 0] - (tip[2, 0] + tip[3, 0]) / 2)  # nose tip against its wings: yaw
    shade = looks.skin.tones[1]
    base = [tip[2] * 0.7 + tip[1] * 0.3, tip[1] + [0, 0.012], tip[3] * 0.7 + tip[1] * 0.3]
    under = np.concatenate([base, [tip[0] + [0.0, 0.035]]])
    sheet.fill([frame.to_picture(f32(under))], shade, 0.9, soft=unit * 0.006)
    for wing, inner, bottom in ((98, 97, 2), (327, 326, 2)):
        run = np.stack([points[wing] * 0.45 + points[inner] * 0.55, points[inner],
                        points[inner] * 0.6 + points[bottom] * 0.4])  # fmt: skip
        sheet.stroke(curve(run, 16), unit * 0.010, looks.skin.line, 0.75, (0.2, 0.1))
    if abs(turned) > 0.035:
        run = frame.from_picture(points[[6, 197, 195, 5, 4]])
        run = run + f32([[0.012 * np.sign(turned), 0]])
        part = curve(frame.to_picture(run), 30)[8:]
        sheet.stroke(part, unit * 0.010, looks.skin.line, 0.7, (0.0, 0.5))
    else:
        side = -np.sign(looks.light) if abs(looks.light) > 0.05 else 1.0
        run = f32([[0.022 * side, -0.10], [0.030 * side, -0.05], [0.034 * side, -0.015]])
        part = curve(frame.to_picture(run + tip[0]), 20)
        sheet.stroke(part, unit * 0.008, looks.skin.line, 0.45, (0.0, 0.2))
    spot = frame.to_picture(tip[0] + _ellipse(0.013, 0.010) + f32([0.008 * looks.light, -0.012]))
    sheet.fill([spot], looks.skin.tones[3], 0.85, soft=unit * 0.003)


def _ellipse(width: float, height: float) -> Float:
    turn = np.linspace(0, 2 * np.pi, 28)
    return np.stack([np.cos(turn) * width, np.sin(turn) * height], axis=1).astype(np.float32)


def _mouth(sheet: Sheet, face: Face, looks: Looks) -> None:
    points, unit = face.points[:, :2], face.size
    out_upper, out_lower = (points[list(i)] for i in (lines.LIPS_OUT_UPPER, lines.LIPS_OUT_LOWER))
    in_upper, in_lower = (points[list(i)] for i in (lines.LIPS_IN_UPPER, lines.LIPS_IN_LOWER))
    gap = float(np.hypot(*(points[13] - points[14]))) / unit
    middle = (in_upper + in_lower) / 2
    ring = np.concatenate([curve(out_upper, 30), curve(out_lower, 30)[::-1]])
    lips = ring + (middle.mean(axis=0) - ring) * np.float32(0.1)
    sheet.fill([lips], looks.lips, 0.30 + 0.45 * looks.rouge, soft=unit * 0.005)
    if gap > 0.022:
        upper, lower = curve(in_upper, 40), curve(in_lower, 40)
        hole = np.concatenate([upper, lower[::-1]])
        deep = f32([0.36, 0.11, 0.12])
        sheet.fill([hole], deep * (0.4 + 0.6 * looks.skin.tones[2]))
        share = 0.85 if looks.teeth else 0.38
        edge = upper + (lower - upper) * np.float32(share)
        sheet.fill([np.concatenate([upper, edge[::-1]])], f32([0.985, 0.975, 0.965]))
        shadow = upper + (lower - upper) * np.float32(0.13)
        sheet.fill([np.concatenate([upper, shadow[::-1]])], f32([0.78, 0.74, 0.78]), 0.6)
        sheet.stroke(upper, unit * 0.013, looks.skin.line, 0.95, (0.35, 0.35))
        sheet.stroke(lower, unit * 0.008, looks.skin.line, 0.7, (0.2, 0.2))
    else:
        sheet.stroke(curve(middle, 40), unit * 0.014, looks.skin.line, 0.95, (0.15, 0.15))
    below = curve(out_lower, 40)[14:26]
    down = Frame.of(face).to_picture(f32([(0.0, 0.0), (0.0, 0.014)]))
    sheet.stroke(below + (down[1] - down[0]), unit * 0.009, looks.skin.tones[0], 0.75, (0.0, 0.0))
    glint = curve(in_lower + (out_lower - in_lower) * np.float32(0.42), 40)[16:23]
    sheet.stroke(
        glint, unit * 0.011, looks.skin.tones[3], 0.5 + 0.3 * looks.rouge, (0, 0), unit * 0.002
    )


def _brow(sheet: Sheet, face: Face, side: int, looks: Looks) -> None:
    upper, lower = (face.points[list(edge), :2] for edge in lines.BROWS[side])
    frame = Frame.of(face)
    run = frame.from_picture(upper * np.float32(0.45) + lower * np.float32(0.55))
    # Larger eyes need room, and brows that fall towards the nose would look cross.
    run[:, 1] -= f32([0.016, 0.02, 0.02, 0.02, 0.024])
    middle = curve(frame.to_picture(run), 30)
    thick = float(np.linalg.norm(upper - lower, axis=1).mean()) * 0.62
    t = np.linspace(0, 1, len(middle))[:, None]
    # From the outer point to a blunt inner end.
    half = np.sin(np.minimum(t * 1.45, 1) * np.pi / 2) * np.sqrt(np.clip((1.02 - t) / 0.16, 0, 1))
    d = np.gradient(middle, axis=0)
    d /= np.linalg.norm(d, axis=1, keepdims=True) + 1e-6
    normal = np.stack([-d[:, 1], d[:, 0]], axis=1) * half * thick / 2
    outline = np.concatenate([middle + normal, (middle - normal)[::-1]]).astype(np.float32)
    sheet.fill([outline], looks.brow, 0.95, soft=face.size * 0.002)
