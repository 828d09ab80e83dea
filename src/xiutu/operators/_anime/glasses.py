"""Glasses: frames are dark thin shapes round the eyes, found as what a closing removes.

Black top-hat: J. Serra, Image Analysis and Mathematical Morphology, 1982. Somebody wears glasses if a
dark bar crosses the bridge of the nose and another runs below the eyes; brows, lids and wrinkles make
no such bar.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._anime.frame import polygon
from xiutu.operators._anime.regions import Head
from xiutu.operators._anime.strokes import Sheet
from xiutu.operators._faces import topology as lines
from xiutu.operators._faces.arrays import f32

__all__ = ["Frames", "frames", "wear"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_UNIT = 180.0  # px of a face while its glasses are looked for


@dataclass(frozen=True)
class Frames:
    """``shape``: signed strength of the frames (above 0 = frame) over the box of the head, reduced
    by ``zoom``; ``colour`` RGB 0..1."""

    shape: Float
    zoom: float
    colour: Float


def frames(crop: Bytes, head: Head) -> Frames | None:
    """The glasses of ``head``, None without; ``crop`` is the photograph over its box."""
    zoom = min(1.0, _UNIT / head.frame.unit)
    unit = head.frame.unit * zoom
    if unit < 60:
        return None
    size = (max(2, round(crop.shape[1] * zoom)), max(2, round(crop.shape[0] * zoom)))
    small = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255)
    side = round(unit * 0.075) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.morphologyEx(luma, cv2.MORPH_CLOSE, kernel)
    dark = (closed - luma) / (closed + np.float32(0.08))
    x, y = (cv2.resize(g, size, interpolation=cv2.INTER_AREA) for g in head.frame.grid(head.box))
    if not _worn(dark, x, y):
        return None
    ratio = f32([size[0] / crop.shape[1], size[1] / crop.shape[0]])
    points = (head.face.points[:, :2] - f32(head.box[:2])) * ratio
    zone = ((y > -0.16) & (y < 0.26) & (np.abs(x) < 0.46)).astype(np.float32)
    zone *= (np.abs(x) > 0.11) | (y < 0.08)  # nostrils are dark, too
    zone *= polygon((size[1], size[0]), _wide(points[list(lines.OVAL)], 1.05))
    for upper, lower in zip(lines.UPPER_LIDS, lines.LOWER_LIDS, strict=True):
        ring = np.concatenate([points[list(upper)], points[list(lower)][::-1]])
        zone *= 1 - polygon((size[1], size[0]), _wide(ring, 1.35))
    shape = cv2.GaussianBlur(dark * zone, (0, 0), max(0.7, unit * 0.006)) - np.float32(0.17)
    shape = np.where(_long(shape > 0, unit), shape, np.minimum(shape, -0.05)).astype(np.float32)
    picks = small[shape > 0.08]
    colour = np.median(picks, axis=0) / 255 if len(picks) > 10 else f32([0.1, 0.1, 0.1])
    return Frames(shape, zoom, np.asarray(colour * 0.75, np.float32))


def wear(sheet: Sheet, head: Head, worn: Frames) -> None:
    """Draw the frames over the face, with a light along their upper edge."""
    h, w = worn.shape.shape
    left, top = (np.float32(v) for v in head.box[:2])
    scale = np.float32(worn.zoom / sheet.zoom)
    rows, columns = sheet.pixels.shape[:2]
    x = (np.arange(columns, dtype=np.float32) + np.float32(sheet.origin[0] + 0.5)) * scale
    y = (np.arange(rows, dtype=np.float32) + np.float32(sheet.origin[1] + 0.5)) * scale
    x, y = x - left * np.float32(worn.zoom) - 0.5, y - top * np.float32(worn.zoom) - 0.5
    inside = (x > 0) & (x < w - 1), (y > 0) & (y < h - 1)
    if not inside[0].any() or not inside[1].any():
        return
    grid = np.broadcast_to(x[None], (rows, columns)), np.broadcast_to(y[:, None], (rows, columns))
    value = cv2.remap(worn.shape, np.ascontiguousarray(grid[0]), np.ascontiguousarray(grid[1]),
                      cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=-0.2)  # fmt: skip
    soft = np.float32(0.05 * max(1.0, float(scale) * 1.2))
    share = np.clip(value / soft + np.float32(0.5), 0, 1)
    sheet.blend((slice(None), slice(None)), share * np.float32(0.95), worn.colour)


def _worn(dark: Float, x: Float, y: Float) -> bool:
    """A dark piece reaches from one eye over the bridge to the other, and a bar runs below each."""
    zone = (y > -0.12) & (y < 0.22) & (np.abs(x) < 0.42)
    _, labels = cv2.connectedComponents(((dark > 0.13) & zone).astype(np.uint8))
    left, right = (np.unique(labels[zone & (x * side > 0.14)]) for side in (-1, 1))
    bridge = np.unique(labels[(np.abs(x) < 0.03) & (y > -0.08) & (y < 0.1)])
    across = set(left.tolist()) & set(right.tolist()) & set(bridge.tolist())
    if not across - {0}:
        return False
    return all(_bar(dark, x * side, y) > 0.1 for side in (-1, 1))


def _bar(dark: Float, x: Float, y: Float) -> float:
    """Darkest row below one eye, averaged across."""
    where = (x > 0.13) & (x < 0.29) & (y > 0.07) & (y < 0.24)
    if not where.any():
        return 0.0
    rows = np.round(y[where] * 80).astype(int)
    rows -= rows.min()
    return float((np.bincount(rows, dark[where]) / np.maximum(np.bincount(rows), 1)).max())


def _long(mask: NDArray[np.bool_], unit: float) -> NDArray[np.bool_]:
    """Only pieces that reach over a good part of an eye."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    keep = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) > 0.1 * unit
    keep[0] = False
    del count
    return np.asarray(keep[labels], np.bool_)


def _wide(ring: Float, by: float) -> Float:
    middle = ring.mean(axis=0)
    return np.asarray(middle + (ring - middle) * np.float32(by), np.float32)
