"""The whole drawing, from a photograph and its faces to a picture of the same size."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.beside import beside
from xiutu.models import threads
from xiutu.operators._anime import backdrop, features, glasses, hair, looks, masks, matte, skin
from xiutu.operators._anime.frame import moved
from xiutu.operators._anime.regions import Head, shape_of, split
from xiutu.operators._anime.strokes import Sheet
from xiutu.operators._anime.tones import clothes_paint
from xiutu.operators._faces import Face
from xiutu.operators._faces.arrays import f32
from xiutu.operators._styles import canvas, flow
from xiutu.operators._styles import lines as inking

__all__ = ["drawn"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_MEGAPIXELS = 1.1
_ZOOM = 4.0
_SHEET_MEGAPIXELS = 10.0  # lines and features are drawn at full size up to here: memory


@dataclass(frozen=True)
class Scene:
    """What is drawn without knowing where people are, at working size: ``backdrop`` and ``clothes``
    h x w x 3, 0..1; ``response`` of the line filter, h x w, uint8."""

    backdrop: Float
    clothes: Float
    response: Bytes


@dataclass(frozen=True)
class Painting:
    """Everything at working size, uint8: ``paint`` h x w x 3; ``response`` of the line filter and
    ``contour``, 100 x the distance to the next outline in line widths, h x w."""

    paint: Bytes
    response: Bytes
    contour: Bytes


def drawn(image: Bytes, faces: list[Face], mask: int = 0) -> Bytes:
    """``image`` (H x W x 3) redrawn; ``faces`` in its px, at least one; ``mask`` 1..8, 0 = none."""
    h, w = image.shape[:2]
    size = canvas.fit_size(w, h, _MEGAPIXELS, _ZOOM)
    seen = canvas.resized(image, size)
    move = f32([[size[0] / w, 0, 0], [0, size[1] / h, 0]])
    faces = [moved(face, move) for face in faces]
    (cover, heads), scene = beside(lambda: _people(seen, faces), lambda: _scene(seen), threads())
    found = [_looks(seen, head) for head in heads]
    painting = _paint(seen, scene, cover, heads, [look.light for look in found])
    sheet = canvas.fit_size(w, h, _SHEET_MEGAPIXELS, 1.0)
    out = _finish(painting, (max(sheet[0], size[0]), max(sheet[1], size[1])))
    zoom = out.shape[1] / size[0]
    for head, look in zip(reversed(heads), reversed(found), strict=True):
        _features(out, head, look, zoom, mask)
    return canvas.resized(out, (w, h))


def _people(seen: Bytes, faces: list[Face]) -> tuple[Float, list[Head]]:
    cover = matte.people(seen, faces)
    return cover, [split(seen, cover, face) for face in faces]


def _scene(seen: Bytes) -> Scene:
    flat = _flat(seen)
    radius = max(4, round(math.sqrt(seen[:, :, 0].size) / 130))
    response = inking.response(canvas.unit(canvas.grey(flat)), 1.3)
    return Scene(backdrop.painted(seen, radius), clothes_paint(flat), response)


def _looks(seen: Bytes, head: Head) -> features.Looks:
    crop = seen[head.slices]
    return looks.read(crop, head, skin.lit_from(crop, head))


def _paint(
    seen: Bytes, scene: Scene, people: Float, heads: list[Head], lights: list[float]
) -> Painting:
    unit = max(head.frame.unit for head in heads)
    cover, edge = shape_of(people, max(1.0, 0.008 * unit))
    paint = scene.backdrop + (scene.clothes - scene.backdrop) * cover[:, :, None]
    # Distance to the next outline in line widths.
    contour = edge / np.float32(_width(unit))
    calm = np.zeros(people.shape, np.float32)
    for head, light in sorted(zip(heads, lights, strict=True), key=lambda pair: pair[0].frame.unit):
        where = head.slices
        crop, area, width = seen[where], paint[where], _width(head.frame.unit)
        area += (skin.shaded(crop, head) - area) * head.skin[:, :, None]
        calm[where] = np.maximum(calm[where], head.skin)
        contour[where] = np.minimum(contour[where], head.skin_edge / np.float32(0.8 * width))
        if head.has_hair:
            area += (hair.strands(crop, head, light) - area) * head.hair[:, :, None]
            contour[where] = np.minimum(contour[where], head.hair_edge / np.float32(0.9 * width))
            calm[where] = np.maximum(calm[where], head.hair * np.float32(0.8))
    response = scene.response.astype(np.float32)
    # Skin and hair are drawn anew: the photograph's own lines there would only dirty them.
    quiet = np.maximum(calm, (1 - cover) * np.float32(0.6))
    response = 160 + (response - 160) * (1 - quiet)
    contour *= np.float32(0.72) + np.float32(0.3) * flow.smooth_noise(
        people.shape[0], people.shape[1], unit * 0.25, 31
    ).clip(-1, 1)
    near = np.clip(contour * 100, 0, 255)
    return Painting(_bytes(paint), np.rint(response).astype(np.uint8), near.astype(np.uint8))


def _width(unit: float) -> float:
    """Width of outlines, px, for a face of ``unit`` px."""
    return float(np.clip(unit * 0.0075, 1.5, 7))


def _flat(seen: Bytes) -> Bytes:
    flat = cv2.ximgproc.dtFilter(seen, seen, 30, 30, mode=cv2.ximgproc.DTF_RF, numIters=3)
    return np.asarray(cv2.bilateralFilter(flat, 7, 24, 4), np.uint8)


def _finish(painting: Painting, size: tuple[int, int]) -> Bytes:
    """Paint at ``size`` with its lines; thresholds come here, so lines are crisp at any size."""
    paint = canvas.resized(painting.paint, size)
    response = canvas.resized(painting.response, size)
    contour = canvas.resized(painting.contour, size)
    ink = inking.ink_curve(0.020, 0.022)
    edge = np.clip((np.arange(256, dtype=np.float32) / 100 - 0.5) / 0.25 + 0.5, 0, 1)
    edge = np.float32(0.1) + np.float32(0.9) * edge
    tint = f32([0.20, 0.12, 0.15])
    out = np.empty_like(paint)

    def band(rows: slice) -> None:
        keep = np.minimum(ink[response[rows]], edge[contour[rows]])[:, :, None]
        out[rows] = np.rint(paint[rows] * (keep + (1 - keep) * tint)).astype(np.uint8)

    canvas.in_bands(size[1], size[0], band)
    return out


def _features(out: Bytes, head: Head, look: features.Looks, zoom: float, mask: int) -> None:
    left, top, right, bottom = (
        round(v * zoom) for v in head.frame.box((10**6, 10**6), (0.75, 0.65, 1.0))
    )
    area = out[top:bottom, left:right]
    if area.size == 0:
        return
    sheet = Sheet(canvas.unit(area), zoom, (left, top))
    features.draw(sheet, head.face, look, mouth=mask == 0)
    if mask:
        _put_on(sheet, head, look.light, mask)
    if look.frames is not None:
        glasses.wear(sheet, head, look.frames)
    area[:] = _bytes(sheet.pixels)


def _put_on(sheet: Sheet, head: Head, light: float, mask: int) -> None:
    """Draw a mask under the hair that falls over it."""
    before = sheet.pixels.copy()
    masks.MASKS[mask][1](masks.Pen.on(sheet, head.face, light))
    if not head.has_hair:
        return
    h, w = sheet.pixels.shape[:2]
    scale = 1 / sheet.zoom
    view = f32([[scale, 0, sheet.origin[0] * scale - head.box[0]],
                       [0, scale, sheet.origin[1] * scale - head.box[1]]])  # fmt: skip
    hair_over = cv2.warpAffine(
        head.hair, view, (w, h), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    sheet.blend((slice(None), slice(None)), hair_over, before)


def _bytes(colours: Float) -> Bytes:
    return np.rint(np.clip(colours, 0, 1) * 255).astype(np.uint8)
