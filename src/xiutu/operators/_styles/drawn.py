"""The drawn looks: cartoon, graphite pencil, coloured pencil.

Smooth fields (tone, line response, stroke ranks) are made at working size; the sharp steps, inked
lines, flat tones and strokes on the tooth of the paper, are taken at full size.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._styles import canvas, flow, lines, paper

__all__ = ["cartoon", "color_pencil", "pencil"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_SHEET = 252.0  # brightness of bare paper


def cartoon(image: Bytes) -> Bytes:
    """Flat, lively colours in a few tones, and ink lines."""
    h, w = image.shape[:2]
    seen = canvas.resized(image, canvas.fit_size(w, h, 1.0))
    flat = _flat(seen, 30)
    response = lines.response(canvas.unit(canvas.grey(flat)), _line_width(seen, image, 1.3))
    response = canvas.resized(response, (w, h))
    ink = lines.ink_curve(0.018, 0.018)
    tones = _steps()
    flat = canvas.transfer(image, seen, _lively(flat, 1.5, 0.16), 0.9, eps=1.5e-2)
    out = np.empty_like(image)

    def band(rows: slice) -> None:
        colours = flat[rows]
        factor = tones[canvas.grey(colours)] * ink[response[rows]]
        out[rows] = np.clip(colours * factor[:, :, None] + 0.5, 0, 255).astype(np.uint8)

    canvas.in_bands(h, w, band)
    return out


def pencil(image: Bytes) -> Bytes:
    """Graphite: hatching in two directions, contour lines, the tooth of the paper."""
    h, w = image.shape[:2]
    seen = canvas.resized(image, canvas.fit_size(w, h, 1.2))
    calm = _flat(seen)
    luma = canvas.unit(canvas.grey(calm))
    response = lines.response(luma, _line_width(seen, image, 1.0))
    response = canvas.resized(response, (w, h))
    drawn = np.rint(_graphite_tone(luma) * 255).astype(np.uint8)
    tone = canvas.transfer(image, seen, np.ascontiguousarray(drawn[:, :, None].repeat(3, 2)), 0.9)
    scale = paper.scale_of(h, w)
    first, second = paper.hatch(52, 1.9 * scale, 2), paper.hatch(118, 1.9 * scale, 3)
    tooth = paper.grain(1.6 * np.sqrt(scale))
    light, dark, rough = _hatch_table(0.95, 0.0), _hatch_table(0.8, 0.42), _tooth_table()
    ink = (255 * (0.15 + 0.85 * lines.ink_curve(0.008, 0.02))).astype(np.uint8)
    out = np.empty_like(image)

    def band(rows: slice) -> None:
        level = np.ascontiguousarray(tone[rows, :, 0])
        sheet = light[level, paper.rows_of(first, rows, w)]
        sheet = np.minimum(sheet, 255)
        sheet = cv2.multiply(sheet, dark[level, paper.rows_of(second, rows, w)], scale=1 / 255)
        sheet = cv2.multiply(sheet, ink[response[rows]], scale=1 / 255)
        sheet = rough[sheet, paper.rows_of(tooth, rows, w)]
        out[rows] = sheet[:, :, None]

    canvas.in_bands(h, w, band)
    return out


def color_pencil(image: Bytes) -> Bytes:
    """Coloured strokes along the forms on white paper, outlines in darker colour."""
    h, w = image.shape[:2]
    seen = canvas.resized(image, canvas.fit_size(w, h, 0.9))
    calm = _flat(seen)
    luma = canvas.unit(canvas.grey(calm))
    response = canvas.resized(lines.response(luma, _line_width(seen, image, 1.1)), (w, h))
    ranks = canvas.resized(_stroke_ranks(luma), (w, h))
    target = canvas.transfer(image, seen, _faded(_lively(calm, 1.5, 0.1)), 0.9)
    scale = paper.scale_of(h, w)
    hatch, tooth = paper.hatch(60, 1.45 * scale, 4), paper.grain(1.6 * np.sqrt(scale))
    cover, mean = _cover_table()
    ink = 0.4 + 0.6 * lines.ink_curve(0.008, 0.02)
    out = np.empty_like(image)

    def band(rows: slice) -> None:
        colours = target[rows].astype(np.float32)
        dark = 255 - target[rows].min(axis=2)
        mixed = cv2.addWeighted(paper.rows_of(hatch, rows, w), 0.5, ranks[rows], 0.5, 0)
        mixed = cv2.addWeighted(mixed, 0.8, paper.rows_of(tooth, rows, w), 0.2, 0)
        # The pigment is chosen so that strokes and bare paper average to the wanted colour.
        pigment = np.maximum(_SHEET - (_SHEET - colours) / mean[dark][:, :, None], 0)
        share = cover[dark, mixed][:, :, None]
        sheet = (_SHEET - share * (_SHEET - pigment)) * ink[response[rows]][:, :, None]
        out[rows] = np.clip(sheet + 0.5, 0, 255).astype(np.uint8)

    canvas.in_bands(h, w, band)
    return out


def _flat(seen: Bytes, reach: float = 10) -> Bytes:
    """Texture gone, edges kept: domain transform (Gastal 2011), then bilateral filtering."""
    flat = cv2.ximgproc.dtFilter(seen, seen, reach, 30, mode=cv2.ximgproc.DTF_RF, numIters=3)
    return np.asarray(cv2.bilateralFilter(flat, 7, 24, 4), np.uint8)


def _line_width(seen: Bytes, image: Bytes, width: float) -> float:
    """Deviation of the line filter at working size, at least two thirds of an output pixel."""
    zoom = float(np.sqrt(seen.shape[0] * seen.shape[1] / (image.shape[0] * image.shape[1])))
    return max(width, 0.67 * zoom)


def _lively(image: Bytes, saturation: float = 1.45, lift: float = 0.06) -> Bytes:
    """More saturated (grey stays grey) and a little lighter."""
    colours = canvas.unit(image)
    luma = canvas.unit(canvas.grey(image))[:, :, None]
    lively = luma + (colours - luma) * np.float32(saturation)
    lively += np.float32(4 * lift) * luma * (1 - luma)
    return np.rint(np.clip(lively, 0, 1) * 255).astype(np.uint8)


def _faded(image: Bytes) -> Bytes:
    """Pencil never gets as dark as the photograph: blacks become a deep grey of the same hue."""
    return (
        np.rint(_SHEET - (_SHEET - image.astype(np.float32)) * 0.68).clip(0, 255).astype(np.uint8)
    )


def _steps(count: int = 7, sharp: float = 9.0) -> Float:
    """256 factors that draw every luma towards the nearest of ``count`` tones."""
    luma = np.arange(256, dtype=np.float32) / 255
    near = (np.floor(luma * count) + 0.5) / count
    stepped = near + np.tanh(sharp * (luma - near)) / (2 * count)
    return (np.clip(stepped, 0, 1) / np.maximum(luma, 1 / 255)).clip(0, 3).astype(np.float32)


def _graphite_tone(luma: Float) -> Float:
    """Tone of the drawing: bright paper with few darks (after Lu, Xu, Jia, NPAR 2012)."""
    low, high = (float(v) for v in np.percentile(luma[::4, ::4], (2, 98)))
    low, high = min(low, 0.2), max(high, 0.7)
    t = np.clip((luma - low) / np.float32(high - low), 0, 1)
    return np.asarray(0.1 + 0.9 * t ** np.float32(0.75), np.float32)


def _hatch_table(most: float, start: float) -> Bytes:
    """256 tones x 256 ranks to paper brightness for one layer that begins at darkness ``start``."""
    dark = np.clip((1 - np.arange(256, dtype=np.float32) / 255 - start) / (1 - start), 0, 1)
    rank = np.arange(256, dtype=np.float32) / 255
    t = (
        np.clip((dark[:, None] * 1.15 - rank[None]) / 0.5 + 0.35, 0, 1)
        * np.minimum(dark * 6, 1)[:, None]
    )
    weight = most * (0.35 + 0.5 * dark)[:, None]
    return np.rint(255 * (1 - t * weight)).astype(np.uint8)


def _tooth_table() -> Bytes:
    """256 brightnesses x 256 grain ranks: graphite misses the hollows of the paper."""
    value = np.arange(256, dtype=np.float32)[:, None]
    bump = np.arange(256, dtype=np.float32)[None] / 255 - 0.5
    dark = 1 - value / 255
    rough = value + bump * (10 + 150 * dark * (1 - 0.75 * dark)) - 4
    return np.rint(np.clip(rough, 0, 252)).astype(np.uint8)


def _stroke_ranks(luma: Float) -> Bytes:
    """Strokes that follow the forms, level to a slant where there are none, as ranks 0..255."""
    h, w = luma.shape
    guide = np.zeros((h, w, 2), np.float32)
    guide[:, :, 0], guide[:, :, 1] = np.cos(np.radians(-110)), np.sin(np.radians(-110))
    bend = flow.swirl(h, w, max(h, w) / 4, 5, 0.3)
    tangents = flow.directions(luma, 5.0, guide + 0.25 * bend, 2e-4)
    strokes = flow.stripes(tangents, 2.0, 8, 13)
    return np.rint(255 / (1 + np.exp(np.float32(-1.702) * strokes))).astype(np.uint8)


def _cover_table() -> tuple[Float, Float]:
    """Cover (0..1) by darkness x rank, and its mean by darkness, at least 0.45."""
    dark = np.arange(256, dtype=np.float32)[:, None] / 255
    rank = np.arange(256, dtype=np.float32)[None] / 255
    cover = np.clip((0.3 + 0.85 * dark - rank) / 0.75 + 0.5, 0, 0.95) * np.minimum(dark * 8, 1)
    mean = np.maximum(cover.mean(axis=1), 0.45)
    return cover.astype(np.float32), mean.astype(np.float32)
