"""The face's own coordinates, and the working copy of the picture with its faces."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._faces import Eye, Face
from xiutu.operators._faces.arrays import f32

__all__ = ["Frame", "moved"]

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Frame:
    """Upright coordinates of one face: origin between the eyes, x to the picture's right along the
    eyes, y down the face, unit = height of the face (forehead to chin)."""

    x: float
    y: float
    unit: float
    tilt: float

    @staticmethod
    def of(face: Face) -> "Frame":
        middle = face.points[[33, 133, 362, 263], :2].mean(axis=0)
        return Frame(float(middle[0]), float(middle[1]), max(face.size, 1e-3), face.tilt)

    def to_picture(self, points: Float) -> Float:
        """n x 2 points of the face's coordinates in px of the picture."""
        c, s = math.cos(self.tilt) * self.unit, math.sin(self.tilt) * self.unit
        turn = np.array([[c, s], [-s, c]], np.float32)
        return np.asarray(points @ turn + f32([self.x, self.y]), np.float32)

    def from_picture(self, points: Float) -> Float:
        """n x 2 px to the face's coordinates."""
        c, s = math.cos(self.tilt) / self.unit, math.sin(self.tilt) / self.unit
        turn = np.array([[c, -s], [s, c]], np.float32)
        return np.asarray((points - f32([self.x, self.y])) @ turn, np.float32)

    def grid(self, box: tuple[int, int, int, int]) -> tuple[Float, Float]:
        """Face coordinates (x, y) of the pixels of ``box`` (left, top, right, bottom)."""
        left, top, right, bottom = box
        px = (np.arange(left, right, dtype=np.float32) + np.float32(0.5 - self.x))[None]
        py = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - self.y))[:, None]
        c = np.float32(math.cos(self.tilt) / self.unit)
        s = np.float32(math.sin(self.tilt) / self.unit)
        return px * c + py * s, py * c - px * s

    def box(
        self, size: tuple[int, int], reach: tuple[float, float, float]
    ) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) round the head inside a picture of ``size`` (width, height);
        ``reach``: sideways, up, down in face units."""
        side, up, down = reach
        corners = f32([[-side, -up], [side, -up], [side, down], [-side, down]])
        spots = self.to_picture(corners)
        low, high = np.floor(spots.min(axis=0)), np.ceil(spots.max(axis=0))
        return (
            int(np.clip(low[0], 0, size[0] - 1)),
            int(np.clip(low[1], 0, size[1] - 1)),
            int(np.clip(high[0], 1, size[0])),
            int(np.clip(high[1], 1, size[1])),
        )


def moved(face: Face, move: Float) -> Face:
    """``face`` through a 2 x 3 matrix of scale and shift."""
    linear, shift = move[:, :2], move[:, 2]
    depth = float(math.sqrt(abs(float(np.linalg.det(linear)))))
    points = np.empty_like(face.points)
    points[:, :2] = face.points[:, :2] @ linear.T + shift
    points[:, 2] = face.points[:, 2] * depth
    eyes = [Eye(eye.contour @ linear.T + shift, eye.iris @ linear.T + shift) for eye in face.eyes]
    return Face(points, (eyes[0], eyes[1]), face.score)


def polygon(shape: tuple[int, int], points: Float, soft: float = 0.0) -> Float:
    """Filled polygon (px) as h x w float32 0..1, antialiased, ``soft`` px of blur."""
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.rint(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    if soft > 0:
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), soft), np.uint8)
    return canvas.astype(np.float32) * np.float32(1 / 255)
