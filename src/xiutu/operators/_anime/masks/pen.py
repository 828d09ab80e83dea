"""Draws in the coordinates of an average frontal face; a spline carries it onto the mesh in pose.

Coordinates: origin between the eyes, unit = height of the face, x to the picture's right, y down; so
the tip of the nose is (0, 0.2), the chin (0, 0.675), the edges of the cheeks (+-0.41, 0.29).
Thin-plate spline: Bookstein, TPAMI 1989, doi:10.1109/34.24792.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiutu.operators._anime.frame import Frame
from xiutu.operators._anime.strokes import Sheet, curve
from xiutu.operators._faces import Face
from xiutu.operators._faces.arrays import f32

__all__ = ["Colour", "Pen", "mirrored", "round_off"]

Float = NDArray[np.float32]
Colour = tuple[int, int, int]
Points = list[tuple[float, float]] | NDArray[np.floating[Any]]

# Mesh point -> place on the average frontal face. Lips are left out: cloth does not follow them.
_ANCHORS: dict[int, tuple[float, float]] = {
    234: (-0.432, 0.108), 454: (0.432, 0.108), 132: (-0.414, 0.290), 361: (0.414, 0.290),
    172: (-0.347, 0.467), 397: (0.347, 0.467), 150: (-0.241, 0.576), 379: (0.241, 0.576),
    176: (-0.139, 0.645), 400: (0.139, 0.645), 152: (0.0, 0.675), 6: (0.0, 0.016),
    197: (0.0, 0.061), 4: (0.0, 0.199), 50: (-0.314, 0.186), 280: (0.314, 0.186),
    101: (-0.220, 0.144), 330: (0.220, 0.144), 230: (-0.203, 0.068), 450: (0.203, 0.068),
    127: (-0.437, 0.022), 356: (0.437, 0.022), 168: (0.0, -0.032), 10: (0.0, -0.325),
}  # fmt: skip


@dataclass
class Pen:
    """Draws on ``sheet`` for one face. Colours 0..255, lengths in face units."""

    sheet: Sheet
    unit: float
    light: float
    _weights: NDArray[np.floating[Any]]
    _affine: NDArray[np.floating[Any]]

    @staticmethod
    def on(sheet: Sheet, face: Face, light: float) -> "Pen":
        """``light``: -1 from the left .. 1 from the right."""
        home = np.array(list(_ANCHORS.values()), np.float64)
        aim = _unfolded(face)
        count = len(home)
        system = np.zeros((count + 3, count + 3))
        # A little slack: a mask is stiffer than a face.
        system[:count, :count] = _kernel(home, home) + 2e-3 * np.eye(count)
        system[:count, count:] = np.column_stack([np.ones(count), home])
        system[count:, :count] = system[:count, count:].T
        solved = np.linalg.solve(system, np.vstack([aim, np.zeros((3, 2))]))
        return Pen(sheet, face.size, light, solved[:count], solved[count:])

    def place(self, points: Points) -> Float:
        """Face coordinates (n x 2) in px of the picture the face was found in."""
        spots = np.asarray(points, np.float64)
        home = np.array(list(_ANCHORS.values()), np.float64)
        flat = np.column_stack([np.ones(len(spots)), spots]) @ self._affine
        return np.asarray(flat + _kernel(spots, home) @ self._weights, np.float32)

    def fill(
        self,
        points: Points,
        colour: Colour,
        alpha: float = 1.0,
        soft: float = 0.0,
        clip: Points | None = None,
    ) -> None:
        """A closed shape; ``soft``: blur of its edge."""
        inside = None if clip is None else [self.place(clip)]
        self.sheet.fill([self.place(points)], _rgb(colour), alpha, soft * self.unit, inside)

    def line(
        self,
        points: Points,
        width: float,
        colour: Colour,
        alpha: float = 1.0,
        taper: tuple[float, float] = (0.15, 0.15),
        soft: float = 0.0,
        clip: Points | None = None,
        count: int = 40,
    ) -> None:
        """A smooth stroke through ``points``."""
        path = self.place(curve(np.asarray(points, np.float32), count))
        inside = None if clip is None else [self.place(clip)]
        self.sheet.stroke(
            path, width * self.unit, _rgb(colour), alpha, taper, soft * self.unit, inside
        )

    def rim(self, ring: Float, width: float, colour: Colour) -> None:
        """Outline of a closed shape, heavier below than above."""
        path = self.place(np.concatenate([ring, ring[:1]]))
        self.sheet.stroke(path, width * self.unit, _rgb(colour), 0.95, (1.0, 1.0))
        low = ring[:, 1] > float(np.median(ring[:, 1]))
        runs = np.flatnonzero(np.diff(np.concatenate([[0], low.astype(int), [0]])))
        for start, stop in zip(runs[::2], runs[1::2], strict=True):
            if stop - start > 4:
                part = self.place(ring[start:stop])
                self.sheet.stroke(part, width * 1.7 * self.unit, _rgb(colour), 0.95, (0.2, 0.2))

    def body(self, ring: Float, colour: Colour, shade: Colour, gleam: Colour) -> None:
        """Shadow on the skin, flat colour, one cel shade on the far side and below, a soft gleam."""
        drop = ring + f32([-0.012 * self.light, 0.02])
        self.fill(drop, (70, 30, 40), 0.28, 0.014)
        self.fill(ring, colour)
        side = -1.0 if self.light > 0 else 1.0
        dark = round_off([(0.60 * side, -0.1), (0.36 * side, 0.12), (0.27 * side, 0.34),
                          (0.15 * side, 0.55), (-0.12 * side, 0.66), (-0.34 * side, 0.60),
                          (-0.2 * side, 0.95), (0.7 * side, 0.9)])  # fmt: skip
        self.fill(dark, shade, 0.9, 0.004, ring)
        nose = round_off([(0.015 * side, 0.12), (0.085 * side, 0.235), (0.05 * side, 0.30),
                          (-0.05 * side, 0.29), (0.03 * side, 0.24)])  # fmt: skip
        self.fill(nose, shade, 0.8, 0.006, ring)
        bright = round_off([(-0.02 * side, 0.10), (-0.055 * side, 0.20), (-0.03 * side, 0.225),
                            (0.005 * side, 0.17)])  # fmt: skip
        self.fill(bright, gleam, 0.7, 0.010, ring)
        cheek = round_off([(-0.16 * side, 0.22), (-0.25 * side, 0.24), (-0.27 * side, 0.34),
                           (-0.2 * side, 0.33)])  # fmt: skip
        self.fill(cheek, gleam, 0.45, 0.022, ring)

    def loops(self, top: tuple[float, float], low: tuple[float, float], colour: Colour) -> None:
        """Bands to the ears from the corners of the right half; the left one mirrors them."""
        for sign in (-1.0, 1.0):
            for corner, ear in ((top, (0.462, 0.03)), (low, (0.455, 0.19))):
                path = [
                    (corner[0] * sign, corner[1]),
                    ((corner[0] + ear[0]) / 2 * sign, (corner[1] + ear[1]) / 2 - 0.006),
                    (ear[0] * sign, ear[1]),
                ]
                self.line(path, 0.022, (60, 45, 55), 0.9, (1, 1))
                self.line(path, 0.014, colour, 1.0, (1, 1))


def round_off(points: Points, count: int = 120) -> Float:
    """A closed smooth ring through ``points``."""
    ring = np.asarray(points, np.float32)
    wrapped = np.concatenate([ring[-2:], ring, ring[:3]])
    path = curve(wrapped, count * (len(wrapped) - 1) // len(ring))
    t = np.linspace(0, len(wrapped) - 1, len(path))
    return path[(t >= 2) & (t < len(ring) + 2)]


def mirrored(right: Points) -> Float:
    """A symmetric ring from its right half, listed from the top of the middle to its bottom."""
    half = np.asarray(right, np.float32)
    left = half[::-1] * f32([-1, 1])
    inner = slice(1 if abs(half[-1, 0]) < 1e-6 else 0, -1 if abs(half[0, 0]) < 1e-6 else None)
    return np.concatenate([half, left[inner]])


def _rgb(colour: Colour) -> Float:
    return np.asarray(colour, np.float32) * np.float32(1 / 255)


def _kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    d = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    return np.asarray(d * np.log(np.sqrt(d) + 1e-9), np.float64)


def _unfolded(face: Face) -> NDArray[np.float64]:
    """Where the anchors are; on a turned face the far cheek is kept outside of what lies before it."""
    frame = Frame.of(face)
    index = list(_ANCHORS)
    spots = frame.from_picture(face.points[index, :2]).astype(np.float64)
    at = dict(zip(index, range(len(index)), strict=True))
    for outer, inner in ((234, 101), (132, 50), (127, 230)):
        spots[at[outer], 0] = min(spots[at[outer], 0], spots[at[inner], 0] - 0.02)
    for outer, inner in ((454, 330), (361, 280), (356, 450)):
        spots[at[outer], 0] = max(spots[at[outer], 0], spots[at[inner], 0] + 0.02)
    return frame.to_picture(spots.astype(np.float32)).astype(np.float64)
