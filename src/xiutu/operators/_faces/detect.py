"""Face boxes at all sizes and tilts: BlazeFace on the whole picture, on tilted copies and on tiles.

Bazarevsky et al., BlazeFace, CVPR Workshops 2019, arXiv:1907.05047 (full-range variant, 192 px,
one anchor every 4 px, a box and six points each).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._faces import nets

__all__ = ["Box", "boxes"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_SIDE = 192
_ANCHORS = 48
_OUTPUTS = ("reshaped_classifier_face_4", "reshaped_regressor_face_4")
_SURE = 0.5
_SAME = 0.3  # overlap (intersection over union) at which two boxes are one face
_TILTS = (-40.0, 40.0)
_TILES = 16  # at most, so that a long strip takes no longer than a photo
_CLOSE = 0.4  # of the short side: with a face this large the picture is a portrait, not a crowd


@dataclass(frozen=True)
class Box:
    """One detection in px of the picture. ``tilt`` (radians) is the angle of the line of the eyes."""

    x: float
    y: float
    side: float
    tilt: float
    score: float


def boxes(image: Bytes) -> list[Box]:
    """Faces of ``image`` (H x W x 3 uint8, best some 300-1300 px), the surest first."""
    found: list[Box] = []
    h, w = image.shape[:2]
    for view in _whole(w, h):
        found += _look(image, view)
    if all(box.side < _CLOSE * min(w, h) for box in found):
        for view in _tiles(w, h):
            found += _look(image, view)
    found.sort(key=lambda box: -box.score)
    kept: list[Box] = []
    for box in found:
        if all(_overlap(box, other) < _SAME for other in kept):
            kept.append(box)
    return kept


def _whole(width: int, height: int) -> Iterator[Float]:
    """2 x 3 matrices from the network's 192 px square into the picture, for faces of some size."""
    long = max(width, height)
    centre = (width / 2, height / 2)
    yield _view(centre, long * 1.02, 0.0)
    for tilt in _TILTS:
        # Tilted copies may lose the corners; a face there is found upright or on a tile.
        yield _view(centre, long * 1.1, tilt)
    yield _view(centre, long * 1.8, 0.0)  # a face that fills the picture is too big for the network


def _tiles(width: int, height: int) -> Iterator[Float]:
    """Matrices as of ``_whole``, for small faces: overlapping squares."""
    side = min(width, height) / 1.6
    columns, rows = (max(1, math.ceil((n - side) / (side * 0.62)) + 1) for n in (width, height))
    count = 0
    for row in range(rows):
        for column in range(columns):
            if count >= _TILES:
                return
            count += 1
            x = side / 2 + (width - side) * (column / max(1, columns - 1))
            y = side / 2 + (height - side) * (row / max(1, rows - 1))
            yield _view((x, y), side, 0.0)


def _view(centre: tuple[float, float], side: float, degrees: float) -> Float:
    zoom = side / _SIDE
    c, s = math.cos(math.radians(degrees)) * zoom, math.sin(math.radians(degrees)) * zoom
    half = _SIDE / 2
    x = centre[0] - (c - s) * half
    y = centre[1] - (s + c) * half
    return np.array([[c, -s, x], [s, c, y]], np.float32)


def _look(image: Bytes, view: Float) -> list[Box]:
    # Averaging before sampling: the view may shrink the picture several times.
    zoom = float(np.hypot(view[0, 0], view[1, 0]))
    if zoom > 1.5:
        size = (max(1, round(image.shape[1] / zoom)), max(1, round(image.shape[0] / zoom)))
        ratio = np.diag([image.shape[1] / size[0], image.shape[0] / size[1]]).astype(np.float32)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        near = np.linalg.inv(ratio).astype(np.float32) @ view
    else:
        near = view
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(image, near, (_SIDE, _SIDE), flags=flags)
    feed = patch.astype(np.float32) * np.float32(1 / 127.5) - 1
    scores, raw = nets.run(nets.DETECTOR, feed, _OUTPUTS)
    sure = 1 / (1 + np.exp(-np.clip(scores.ravel(), -80, 80)))
    picks = np.flatnonzero(sure > _SURE)
    found = []
    for pick in sorted(picks, key=lambda i: -sure[i])[:40]:
        anchor = (np.array([pick % _ANCHORS, pick // _ANCHORS]) + 0.5) * (_SIDE / _ANCHORS)
        values = raw[0, pick].reshape(8, 2)
        middle, left, right = (view @ [*(values[i] + anchor), 1.0] for i in (0, 2, 3))
        tilt = math.atan2(right[1] - left[1], right[0] - left[0])
        side = float(values[1].max()) * zoom
        found.append(Box(float(middle[0]), float(middle[1]), side, tilt, float(sure[pick])))
    return found


def _overlap(a: Box, b: Box) -> float:
    across = min(a.x + a.side / 2, b.x + b.side / 2) - max(a.x - a.side / 2, b.x - b.side / 2)
    down = min(a.y + a.side / 2, b.y + b.side / 2) - max(a.y - a.side / 2, b.y - b.side / 2)
    shared = max(0.0, across) * max(0.0, down)
    return shared / (a.side**2 + b.side**2 - shared + 1e-9)
