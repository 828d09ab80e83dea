"""All faces of a picture as 468-point meshes with refined eyes.

Kartynnik et al., Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs, 2019,
arXiv:1907.06724; eyes: Ablavatski et al., Real-time Pupil Tracking, 2020, arXiv:2006.11341.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._faces import detect, nets
from xiutu.operators._faces.arrays import f32
from xiutu.operators._faces.topology import EYE_CORNERS

__all__ = ["WEIGHTS", "Eye", "Face", "find"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

WEIGHTS = (nets.DETECTOR, nets.MESH, nets.IRIS)

_MESH_SIDE, _EYE_SIDE = 192, 64
_MESH_OUTPUTS = ("conv2d_30", "conv2d_20")
_EYE_OUTPUTS = ("output_eyes_contours_and_brows", "output_iris")
_WORK_SIDE = 1400  # px: the picture is looked at no larger than this
_LEAST_SIDE = 200


@dataclass(frozen=True)
class Eye:
    """``contour``: 16 x 2 px, the lower lid from outer to inner corner (9), then the upper (7, outer
    to inner, without corners); ``iris``: 5 x 2 px, centre and four points of its rim."""

    contour: Float
    iris: Float


@dataclass(frozen=True)
class Face:
    """``points``: 468 x 3, x and y in px of the picture, z in px (negative = nearer).

    ``eyes``: the one on the picture's left first. ``score`` 0..1.
    """

    points: Float
    eyes: tuple[Eye, Eye]
    score: float

    @property
    def centre(self) -> tuple[float, float]:
        x, y = self.points[:, :2].mean(axis=0)
        return float(x), float(y)

    @property
    def size(self) -> float:
        """Height of the face, forehead to chin, in px."""
        return float(np.hypot(*(self.points[10, :2] - self.points[152, :2])))

    @property
    def tilt(self) -> float:
        """Angle of the line of the eyes against the level, radians, clockwise positive."""
        d = self.points[263, :2] - self.points[33, :2]
        return math.atan2(float(d[1]), float(d[0]))


def find(image: Bytes, limit: int = 40) -> list[Face]:
    """All faces of ``image`` (H x W x 3 uint8, RGB, any size), the largest first.

    Raises:
        WeightsMissing, WeightsCorrupt: See ``xiutu.models``.
    """
    h, w = image.shape[:2]
    scale = min(1.0, _WORK_SIDE / max(h, w))
    scale = max(scale, min(4.0, _LEAST_SIDE / max(h, w)))
    seen = image
    if scale != 1.0:
        size = (max(1, round(w * scale)), max(1, round(h * scale)))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        seen = np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
    back = (w / seen.shape[1], h / seen.shape[0])
    faces: list[Face] = []
    for box in detect.boxes(seen)[: 2 * limit]:
        face = _mesh(seen, box)
        if face is not None and not any(_same(face, other) for other in faces):
            faces.append(face)
    faces.sort(key=lambda face: -face.size)
    return [_scaled(face, back) for face in faces[:limit]]


def _mesh(image: Bytes, box: detect.Box) -> Face | None:
    points, score = _points(image, (box.x, box.y), box.side * 1.5, box.tilt)
    if score < 0.1:
        return None
    # A second look, centred by the first: detections on small or tilted faces are rough.
    for _ in range(2):
        low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        d = points[263, :2] - points[33, :2]
        tilt = math.atan2(float(d[1]), float(d[0]))
        c, s = math.cos(-tilt), math.sin(-tilt)
        upright = points[:, :2] @ np.array([[c, s], [-s, c]], np.float32)
        low, high = upright.min(axis=0), upright.max(axis=0)
        middle = np.array([[c, -s], [s, c]], np.float32).T @ ((low + high) / 2)
        side = float((high - low).max()) * 1.5
        points, score = _points(image, (float(middle[0]), float(middle[1])), side, tilt)
    if score < 0.5:
        return None
    return Face(points, (_eye(image, points, 0), _eye(image, points, 1)), score)


def _points(
    image: Bytes, centre: tuple[float, float], side: float, tilt: float
) -> tuple[Float, float]:
    patch, view = _cut(image, centre, side, tilt, _MESH_SIDE)
    flag, raw = nets.run(nets.MESH, patch, _MESH_OUTPUTS)
    local = raw.reshape(468, 3)
    points = np.empty((468, 3), np.float32)
    points[:, :2] = local[:, :2] @ view[:, :2].T + view[:, 2]
    points[:, 2] = local[:, 2] * (side / _MESH_SIDE)
    return points, float(1 / (1 + np.exp(-np.clip(flag.ravel()[0], -80, 80))))


def _eye(image: Bytes, points: Float, which: int) -> Eye:
    """``which`` 0: on the picture's left. The network knows left eyes only: the other is mirrored."""
    a, b = (points[i, :2] for i in EYE_CORNERS[which])
    middle = (a + b) / 2
    d = (b - a) if which == 0 else (a - b)
    tilt = math.atan2(float(d[1]), float(d[0]))
    side = float(np.hypot(*d)) * 2.3 + 1e-3
    patch, view = _cut(
        image, (float(middle[0]), float(middle[1])), side, tilt, _EYE_SIDE, mirrored=which == 1
    )
    contour, iris = nets.run(nets.IRIS, patch, _EYE_OUTPUTS)
    place = [out.reshape(-1, 3)[:, :2] @ view[:, :2].T + view[:, 2] for out in (contour, iris)]
    return Eye(place[0][:16].astype(np.float32), place[1].astype(np.float32))


def _cut(
    image: Bytes,
    centre: tuple[float, float],
    side: float,
    tilt: float,
    out: int,
    *,
    mirrored: bool = False,
) -> tuple[Float, Float]:
    """A square patch 0..1 (out x out x 3) and the 2 x 3 matrix from it into ``image``."""
    zoom = side / out
    c, s = math.cos(tilt) * zoom, math.sin(tilt) * zoom
    view = np.array([[c, -s, 0], [s, c, 0]], np.float32)
    if mirrored:
        view[:, 0] = -view[:, 0]
    view[:, 2] = f32(centre) - view[:, :2] @ f32([out / 2, out / 2])
    near, base = view, image
    if zoom > 1.5:
        # Only the surroundings are reduced, so many faces cost no more than one.
        reach = side * 0.75
        left, top = (max(0, int(v - reach)) for v in centre)
        right, bottom = (int(v + reach) + 1 for v in centre)
        crop = image[top:bottom, left:right]
        if crop.size:
            size = (max(1, round(crop.shape[1] / zoom)), max(1, round(crop.shape[0] / zoom)))
            base = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
            ratio = f32([[size[0] / crop.shape[1]], [size[1] / crop.shape[0]]])
            near = view.copy()
            near[:, 2] -= f32([left, top])
            near *= ratio
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(base, near, (out, out), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return patch.astype(np.float32) * np.float32(1 / 255), view


def _same(a: Face, b: Face) -> bool:
    distance = math.hypot(a.centre[0] - b.centre[0], a.centre[1] - b.centre[1])
    return distance < 0.5 * max(a.size, b.size)


def _scaled(face: Face, by: tuple[float, float]) -> Face:
    factor = f32(by)
    points = face.points * f32([by[0], by[1], (by[0] + by[1]) / 2])
    eyes = [Eye(eye.contour * factor, eye.iris * factor) for eye in face.eyes]
    return Face(points.astype(np.float32), (eyes[0], eyes[1]), face.score)
