"""Vector drawing at any size: smooth curves, filled shapes, strokes of varying width.

A ``Sheet`` is a picture-sized or smaller RGB canvas with an offset and scale, so the same drawing
code serves the working picture and the full-size one.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._faces.arrays import f32

__all__ = ["Sheet", "curve", "ribbon"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

_SHIFT = 5  # fractional bits of coordinates


@dataclass
class Sheet:
    """``pixels``: h x w x 3 float32 0..1, changed in place; drawing coordinates times ``zoom`` minus
    ``origin`` are its px."""

    pixels: Float
    zoom: float = 1.0
    origin: tuple[float, float] = (0.0, 0.0)

    def _box(self, points: Float, pad: float) -> tuple[slice, slice, Float] | None:
        spots = points * np.float32(self.zoom) - f32(self.origin)
        low = np.floor(spots.min(axis=0) - pad - 2).astype(int)
        high = np.ceil(spots.max(axis=0) + pad + 3).astype(int)
        h, w = self.pixels.shape[:2]
        left, top = max(0, low[0]), max(0, low[1])
        right, bottom = min(w, high[0]), min(h, high[1])
        if left >= right or top >= bottom:
            return None
        return slice(top, bottom), slice(left, right), spots - f32([left, top])

    def cover(
        self, rings: list[Float], soft: float = 0.0
    ) -> tuple[tuple[slice, slice], Float] | None:
        """Antialiased coverage (0..1) of filled ``rings`` and where on the sheet it lies."""
        pad = 3 * soft * self.zoom
        found = self._box(np.concatenate(rings), pad)
        if found is None:
            return None
        rows, columns, spots = found
        h, w = rows.stop - rows.start, columns.stop - columns.start
        # A very soft shape has no detail: it is made small and enlarged.
        fine = 1.0 if pad < 18 else 12 / pad
        size = (max(1, round(w * fine)), max(1, round(h * fine)))
        canvas = np.zeros((size[1], size[0]), np.uint8)
        spots = spots * f32([size[0] / w, size[1] / h])
        start = 0
        for ring in rings:
            part = spots[start : start + len(ring)]
            start += len(ring)
            fixed = np.rint((part - 0.5) * (1 << _SHIFT)).astype(np.int32)
            cv2.fillPoly(canvas, [fixed], 255, cv2.LINE_AA, _SHIFT)
        if pad > 0.6:
            canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), pad * fine / 3), np.uint8)
        cover = canvas.astype(np.float32) * np.float32(1 / 255)
        if fine < 1:
            cover = np.asarray(
                cv2.resize(cover, (w, h), interpolation=cv2.INTER_LINEAR), np.float32
            )
        return (rows, columns), cover

    def blend(self, where: tuple[slice, slice], share: Float, colour: Float) -> None:
        """Mix ``colour`` (3 or h x w x 3) into the sheet by ``share`` (h x w)."""
        area = self.pixels[where]
        touched = np.flatnonzero(share)
        if 3 * len(touched) > share.size:
            area += (colour - area) * share[:, :, None]
            return
        # Outlines cover little of their box.
        y, x = np.divmod(touched, share.shape[1])
        before = area[y, x]
        paint = colour if colour.ndim == 1 else colour[y, x]
        area[y, x] = before + (paint - before) * share[y, x][:, None]

    def fill(
        self,
        rings: list[Float],
        colour: Float,
        alpha: float = 1.0,
        soft: float = 0.0,
        clip: list[Float] | None = None,
    ) -> None:
        """Fill closed ``rings`` (n x 2 each), inside ``clip`` if given."""
        got = self.cover(rings, soft)
        if got is None:
            return
        where, share = got
        if clip is not None:
            share = share * self.mask(where, clip)
        self.blend(where, share * np.float32(alpha), colour)

    def mask(self, where: tuple[slice, slice], rings: list[Float]) -> Float:
        """Coverage of ``rings`` over the window ``where``."""
        rows, columns = where
        canvas = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        shift = f32(self.origin) + f32([columns.start, rows.start]) + np.float32(0.5)
        for ring in rings:
            spots = ring * np.float32(self.zoom) - shift
            fixed = np.rint(spots * (1 << _SHIFT)).astype(np.int32)
            cv2.fillPoly(canvas, [fixed], 255, cv2.LINE_AA, _SHIFT)
        return canvas.astype(np.float32) * np.float32(1 / 255)

    def stroke(
        self,
        points: Float,
        width: float,
        colour: Float,
        alpha: float = 1.0,
        taper: tuple[float, float] = (0.0, 0.0),
        soft: float = 0.0,
        clip: list[Float] | None = None,
        least: float = 0.9,
    ) -> None:
        """A line through ``points``, ``width`` wide in the middle, ``taper`` x width at its ends.

        Never thinner than ``least`` px: what would be thinner becomes paler instead.
        """
        seen = width * self.zoom
        if seen < least:
            alpha *= seen / least
            width = least / self.zoom
        self.fill([ribbon(points, width, taper)], colour, alpha, soft, clip)


def curve(points: NDArray[np.floating[Any]], count: int = 40) -> Float:
    """``count`` points of a Catmull-Rom spline through ``points`` (n x 2), evenly in parameter."""
    points = np.asarray(points, np.float32)
    ends = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, len(points) - 1 - 1e-4, count)
    k = t.astype(int)
    f = (t - k)[:, None].astype(np.float32)
    p0, p1, p2, p3 = (ends[k + i] for i in range(4))
    out = 0.5 * (
        2 * p1 + (p2 - p0) * f + (2 * p0 - 5 * p1 + 4 * p2 - p3) * f**2
        + (3 * p1 - p0 - 3 * p2 + p3) * f**3
    )  # fmt: skip
    return np.asarray(out, np.float32)


def ribbon(points: Float, width: float, taper: tuple[float, float]) -> Float:
    """Outline of a stroke along ``points`` that swells from its tapered ends to its middle."""
    d = np.gradient(points, axis=0)
    d /= np.linalg.norm(d, axis=1, keepdims=True) + np.float32(1e-6)
    normal = np.stack([-d[:, 1], d[:, 0]], axis=1)
    t = np.linspace(0, 1, len(points))
    first = taper[0] + (1 - taper[0]) * np.sin(np.minimum(t / 0.5, 1) * np.pi / 2)
    last = taper[1] + (1 - taper[1]) * np.sin(np.minimum((1 - t) / 0.5, 1) * np.pi / 2)
    half = (np.minimum(first, last) * width / 2)[:, None].astype(np.float32)
    return np.concatenate([points + normal * half, (points - normal * half)[::-1]])
