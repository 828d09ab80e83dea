"""Reads from the photograph what the drawn features need: colours of iris, lips, brows, teeth."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._anime import eyes, glasses
from xiutu.operators._anime.features import Looks
from xiutu.operators._anime.frame import polygon
from xiutu.operators._anime.regions import Head
from xiutu.operators._anime.strokes import curve
from xiutu.operators._anime.tones import hair_ramp, rgb, skin_ramp
from xiutu.operators._faces import topology as lines
from xiutu.operators._faces.arrays import f32

__all__ = ["read"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_UNIT = 200.0  # px of a face at most while its colours are read


def read(crop: Bytes, head: Head, light: float) -> Looks:
    """Looks of ``head``; ``crop`` is the photograph over its box, ``light`` as in ``Looks``."""
    zoom = min(1.0, _UNIT / head.frame.unit)
    size = (max(2, round(crop.shape[1] * zoom)), max(2, round(crop.shape[0] * zoom)))
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    lab = np.asarray(cv2.cvtColor(small * np.float32(1 / 255), cv2.COLOR_RGB2LAB), np.float32)
    ratio = f32([size[0] / crop.shape[1], size[1] / crop.shape[0]])
    points = (head.face.points[:, :2] - f32(head.box[:2])) * ratio
    skin = skin_ramp(head.skin_colour)
    lips = points[list(lines.LIPS_OUT_UPPER + lines.LIPS_OUT_LOWER[::-1])]
    inner = points[list(lines.LIPS_IN_UPPER + lines.LIPS_IN_LOWER[::-1])]
    mouth = polygon(lab.shape[:2], inner)
    lip = _median(lab, polygon(lab.shape[:2], lips) - mouth, head.skin_colour)
    rouge = float(np.clip((lip[1] - head.skin_colour[1] - 4) / 16, 0, 1))
    inside = _median(lab, mouth, f32([0, 0, 0]))
    teeth = bool(inside[0] > 0.74 * head.skin_colour[0])
    iris = [_iris(lab, head, side, ratio, skin.line) for side in (0, 1)]
    return Looks(
        skin,
        _brow(head, lab, points),
        _lips(lip, head.skin_colour),
        rouge,
        teeth,
        _jaw(head),
        light,
        (iris[0], iris[1]),
        glasses.frames(crop, head),
    )


def _median(lab: Float, where: Float, default: Float) -> Float:
    picks = lab[where > 0.6]
    return np.asarray(np.median(picks, axis=0) if len(picks) > 5 else default, np.float32)


def _lips(lip: Float, skin: Float) -> Float:
    """The lips' paint: redder and lighter than in the photograph; grey stays grey."""
    chroma = math.hypot(float(lip[1]), float(lip[2]))
    if math.hypot(float(skin[1]), float(skin[2])) < 2:
        return rgb(float(lip[0]) * 0.5 + 32, 0, 0)
    rich = 16 + 0.9 * min(chroma, 50)
    hue = math.radians(min(45.0, max(8.0, math.degrees(math.atan2(lip[2], lip[1])) - 8)))
    return rgb(26 + 0.62 * float(lip[0]), rich * math.cos(hue), rich * math.sin(hue))


def _brow(head: Head, lab: Float, points: Float) -> Float:
    found = []
    for upper, lower in lines.BROWS:
        ring = np.concatenate([points[list(upper)], points[list(lower)][::-1]])
        found.append(_median(lab, polygon(lab.shape[:2], ring), head.skin_colour))
    seen = np.mean(found, axis=0)
    base = head.hair_colour if head.has_hair else seen
    light = min(float(seen[0]) * 0.7, float(head.skin_colour[0]) * 0.55, float(base[0]) + 14)
    ramp = hair_ramp(f32([max(4.0, light - 6), base[1] * 0.9, base[2] * 0.9]))
    return np.asarray(ramp.tones[0] * 0.55 + ramp.tones[1] * 0.45, np.float32)


def _iris(lab: Float, head: Head, side: int, ratio: Float, line: Float) -> eyes.Look:
    eye = head.face.eyes[side]
    spots = (eye.iris - f32(head.box[:2])) * ratio
    radius = float(np.hypot(*(spots[1] - spots[3]))) / 2
    ring = np.concatenate([eye.contour[:9], eye.contour[:8:-1]])
    opening = polygon(lab.shape[:2], (ring - f32(head.box[:2])) * ratio)
    y, x = np.mgrid[: lab.shape[0], : lab.shape[1]].astype(np.float32)
    away = np.hypot(x - spots[0, 0], y - spots[0, 1]) / max(radius, 0.5)
    seen = _median(lab, opening * ((away > 0.45) & (away < 0.95)), f32([25, 5, 9]))
    chroma = math.hypot(float(seen[1]), float(seen[2]))
    coloured = math.hypot(float(head.skin_colour[1]), float(head.skin_colour[2])) >= 2
    rich = min(46.0, chroma * 1.7 + 14) if coloured else 0.0
    hue = math.atan2(float(seen[2]), float(seen[1]) + 1e-6)
    light = float(np.clip(seen[0] * 0.85 + 14, 28, 56))
    # Shadowed eyes look blue or grey without being so: only clear hues leave brown.
    if coloured and chroma < 5:
        hue = math.radians(58)
    if coloured and not 46 < math.degrees(hue) % 360 < 300:
        hue = math.radians(58)
    iris = rgb(light, rich * math.cos(hue), rich * math.sin(hue))
    lash = np.asarray(line * 0.45 + 0.02, np.float32)
    return eyes.Look(iris, lash, _covered(lab, opening, head))


def _covered(lab: Float, opening: Float, head: Head) -> bool:
    """Dark glasses: eye and lids are far darker than the skin, with no white in the eye."""
    unit = math.sqrt(float((opening > 0.5).sum()) + 1)
    reach = max(3, int(unit * 0.9)) | 1
    round_eye = cv2.dilate(opening, np.ones((reach, reach), np.uint8)) > 0.5
    if int(round_eye.sum()) < 30:
        return False
    light = lab[:, :, 0][round_eye]
    return bool(np.percentile(light, 75) < 0.42 * float(head.skin_colour[0]))


def _jaw(head: Head) -> list[Float]:
    """The jaw from ear to ear, without what hair hides."""
    path = curve(head.face.points[list(lines.OVAL[9:28]), :2], 90)
    spots = np.rint(path - f32(head.box[:2])).astype(int)
    h, w = head.hair.shape
    x, y = np.clip(spots[:, 0], 0, w - 1), np.clip(spots[:, 1], 0, h - 1)
    free = (head.hair[y, x] < 0.4) & (head.skin[y, x] > 0.25)
    runs, start = [], None
    for i, here in enumerate([*free.tolist(), False]):
        if here and start is None:
            start = i
        elif not here and start is not None:
            if i - start >= 8:
                runs.append(path[start:i])
            start = None
    return runs
