"""From a coarse, soft mask to an opacity for every pixel, along the edges of the picture.

A trimap is drawn from the coarse mask; in its unknown band the opacity solves the closed-form matting
problem (A. Levin, D. Lischinski, Y. Weiss, TPAMI 2008, doi:10.1109/TPAMI.2007.1177) in the box-filter
form of K. He, J. Sun, X. Tang, CVPR 2010, doi:10.1109/CVPR.2010.5539896, by conjugate gradients; the
coarse mask keeps a small say there, so that ambiguous colours do not run away. It is solved on a
reduced picture and moved to full size by the local colour models it consists of.

Masks and opacities are float32, 0..1.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import Float, enlarge_rows, fit, shrink
from xiutu.image.matting_laplacian import Laplacian

__all__ = ["Trimap", "draw_trimap", "matte", "solve"]

Rgb = NDArray[np.uint8]
Flags = NDArray[np.bool_]

SURE, ABSENT = 0.95, 0.05  # coarse values taken at their word away from the contour
WORK_SIDE = 720  # longer side at which the opacity is solved, px
RADIUS = 2  # of the matting windows, px
EPS = 1e-5  # squared guide units,
MOVING_EPS = 1e-4  # and for the models that move the result to full size, in single precision
KNOWN_WEIGHT = 100.0
LEAST_WEIGHT, MOST_WEIGHT = (
    0.004,
    0.1,
)  # of the coarse mask in the band: at its contour, where it is sure
ITERATIONS = 40
ROWS = 256  # rows moved to full size at once


@dataclass(frozen=True)
class Trimap:
    """What is known: ``subject`` and ``background`` (H x W bool); the rest is the unknown band."""

    subject: Flags
    background: Flags

    @property
    def unknown(self) -> Flags:
        return ~(self.subject | self.background)


def matte(image: Rgb, coarse: Float) -> Float:
    """Opacity at full size.

    Args:
        image: H x W x 3 uint8.
        coarse: H x W, how likely a pixel belongs to the subject.

    Returns:
        H x W; exactly 0 or 1 away from the edges of the subject.
    """
    height, width = image.shape[:2]
    small = shrink(image, WORK_SIDE).astype(np.float32) / np.float32(255)
    rows, columns = small.shape[:2]
    guess = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_AREA)
    guess = np.asarray(guess, np.float32).reshape(rows, columns)
    trimap = draw_trimap(guess)
    solved = trimap.subject.astype(np.float32)
    if trimap.unknown.any():
        solved = _unveiled(solve(small, guess, trimap))
    if (rows, columns) == (height, width):
        return _settled(solved)
    model = fit(small, solved, RADIUS, MOVING_EPS)
    settled = _settled(solved)
    # Only the band needs the colour model; elsewhere it would pick up texture of the subject.
    band = cv2.dilate(((settled > 0) & (settled < 1)).astype(np.float32), np.ones((5, 5), np.uint8))
    out = np.empty((height, width), np.float32)
    for top in range(0, height, ROWS):
        bottom = min(top + ROWS, height)
        plain = enlarge_rows(solved, top, bottom, height, width)
        share = enlarge_rows(band, top, bottom, height, width)
        if share.any():
            guide = image[top:bottom].astype(np.float32) / np.float32(255)
            plain += share * (model.rows(guide, top, height) - plain)
        out[top:bottom] = _settled(plain)
    return out


def draw_trimap(coarse: Float) -> Trimap:
    """Known subject and background of a coarse mask, with a band along the 0.5 contour.

    The band is as wide as the network's blur, about 1/100 of the subject, and wider where the
    network itself hesitates (hair, fur), up to 1/20 of the subject inwards and 1/12 outwards.
    """
    inside = coarse > 0.5
    size = max(float(np.sqrt(inside.sum())), 1.0)
    depth = _distance(inside)
    height = _distance(~inside)
    near, deep, far = max(1.5, size / 100), max(3.0, size / 20), max(3.0, size / 12)
    subject = inside & (depth > near) & ((coarse > SURE) | (depth > deep))
    background = ~inside & (height > near) & ((coarse < ABSENT) | (height > far))
    return Trimap(subject, background)


def solve(guide: Float, coarse: Float, trimap: Trimap) -> Float:
    """Opacity (H x W) of the unknown band given the known pixels; ``guide`` is H x W x 3, 0..1."""
    unknown = trimap.unknown
    rows, columns = (_reach(unknown, axis, 2 * RADIUS + 4) for axis in (1, 0))
    part = np.s_[rows, columns]
    sharper = np.clip(2 * coarse[part] - np.float32(0.5), 0, 1)
    target = np.where(unknown[part], sharper, trimap.subject[part].astype(np.float32))
    sure = np.clip((np.abs(2 * coarse[part] - 1) - 0.4) / 0.5, 0, 1)
    weight = LEAST_WEIGHT + (MOST_WEIGHT - LEAST_WEIGHT) * np.square(sure)
    weight = np.where(unknown[part], weight, KNOWN_WEIGHT)
    laplacian = Laplacian(np.ascontiguousarray(guide[part]), RADIUS, EPS)
    out = trimap.subject.astype(np.float32)
    out[part] = laplacian.minimise(target.astype(np.float32), weight.astype(np.float32), ITERATIONS)
    out[trimap.subject], out[trimap.background] = 1, 0
    return np.clip(out, 0, 1)


def _unveiled(opacity: Float) -> Float:
    """With a decision where a whole area is half there.

    Edges, blurred ones too, and hair have opaque or clear pixels near; an area that has none is one
    that the network was unsure of, and looks like a ghost.
    """
    radius = max(3, round(float(np.sqrt((opacity > 0.5).sum())) / 60))
    window = np.ones((2 * radius + 1,) * 2, np.uint8)
    veil = (cv2.erode(opacity, window) > 0.12) & (cv2.dilate(opacity, window) < 0.88)
    if not veil.any():
        return opacity
    share = cv2.blur(cv2.dilate(veil.astype(np.float32), window), (radius, radius))
    decided = np.clip(8 * (opacity - np.float32(0.5)) + np.float32(0.5), 0, 1)
    return np.asarray(opacity + share * (decided - opacity), np.float32)


def _settled(opacity: Float) -> Float:
    """Nearly opaque becomes opaque, nearly clear becomes clear: no veil, no ghost."""
    return np.clip((opacity - np.float32(0.03)) / np.float32(0.94), 0, 1)


def _distance(flags: Flags) -> Float:
    """Distance in px of each true pixel from the nearest false one; the picture's rim is no edge."""
    found = cv2.distanceTransform(flags.astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(found, np.float32)


def _reach(flags: Flags, axis: int, margin: int) -> slice:
    """Smallest slice holding every true pixel and ``margin`` more on both sides."""
    places = np.flatnonzero(flags.any(axis=axis))
    return slice(max(0, int(places[0]) - margin), int(places[-1]) + 1 + margin)
