"""The bare paper of a page: what it would look like without ink, shade and stains left in.

Grey-level closings of growing size remove strokes of growing width. A mark that only a small closing
sees through is ink; one that a small closing already takes for paper (wider than the strokes of the
text) is shade, a stain or a watermark, unless it is vividly coloured or nearly black: then it is a
stamp, a bar of a chart, a heading or a logo, and the paper under it is filled in from around it.
After B. Gatos, I. Pratikakis, S. J. Perantonis, "Adaptive degraded document image binarization",
Pattern Recognition 2006, doi:10.1016/j.patcog.2005.09.010 (background surface from the non-ink
pixels), here in colour and on several scales.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import box_mean
from xiutu.image.tone import extremes

__all__ = ["Page", "study"]

Float = NDArray[np.float32]
Mask = NDArray[np.bool_]

_STROKE = 7.0
"""Side of the finest closing, in half stroke widths of the running text."""

_VIVID, _VIVID_DEPTH = 0.28, 0.56
"""Spread and depth from which a colour is a stamp or a chart, not a watermark or a coffee ring."""

_BLACK = 0.66
"""Depth in the lightest channel from which a wide dark mark is content, not shadow or stain."""


@dataclass(frozen=True)
class Page:
    """Maps of a page at reduced size, h x w (x 3) float32.

    ``paper``: colour of the bare paper, 1..255. ``depth``: how deep the ink around a pixel is, as a
    share of the paper (0 = no darker than paper, 1 = black). ``picture``: 0..1, where the page carries
    a photo rather than writing. ``grain``: depth that paper texture, noise and show-through reach.
    """

    paper: Float
    depth: Float
    picture: Float
    grain: float


def study(small: NDArray[np.uint8], sample: NDArray[np.uint8]) -> Page:
    """Find the paper of ``small`` (h x w x 3 uint8, longer side about 1000 px, any size works).

    ``sample`` is the picture brought to the same size by taking single pixels: its noise is that of the
    picture, which averaging would hide.
    """
    long_side = max(small.shape[:2])
    wide = _closed(small, max(3, long_side // 6))
    medium = _closed(small, max(3, long_side // 36))
    medium, blocks = _refine(wide, medium, small, long_side)
    strokes = _stroke_width(small, medium, long_side)
    fine, thick = _refine(medium, _closed(small, strokes), small, long_side)
    ink = extremes(_depth(small, fine))[0]
    grain = _grain(extremes(_depth(sample, fine))[0], ink)
    picture = _pictures(ink, blocks | thick, long_side)
    return Page(fine, _ink_depth(ink, long_side), picture, grain)


def _closed(small: NDArray[np.uint8], side: int) -> Float:
    """Closing over marks narrower than ``side`` px, smoothed; 1..255."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side | 1, side | 1))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    smooth = _smooth(closed.astype(np.float32), side / 4)
    return np.maximum(smooth, 1)


def _smooth(x: Float, sigma: float) -> Float:
    """Three box means, near enough a Gaussian of ``sigma`` px, in a time that does not grow with it."""
    radius = max(0, round(sigma - 0.5))
    for _ in range(3):
        x = box_mean(x, radius)
    return x


def _depth(image: NDArray[np.uint8] | Float, paper: Float) -> Float:
    """1 - image / paper, 0..1."""
    return np.clip(1 - image.astype(np.float32) / paper, 0, 1)


def _refine(
    coarse: Float, fine: Float, small: NDArray[np.uint8], long_side: int
) -> tuple[Float, Mask]:
    """Take ``fine`` as the paper except on marks that are content, h x w x 3 and the mask of those."""
    mark = _depth(fine, coarse)
    deep, light = extremes(mark)
    pixel = _depth(small, coarse)
    most, least = extremes(pixel)
    seed = ((most - least > _VIVID) & (most > _VIVID_DEPTH) & (deep > 0.1)) | (light > _BLACK)
    if not seed.any():
        return fine, seed
    body = (most > 0.3) & ((most - least > 0.15) | (least > 0.45))
    content = _grown(seed, body)
    reach = max(3, long_side // 120) | 1
    content = cv2.morphologyEx(
        content.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((2 * reach, 2 * reach), np.uint8)
    )
    content = cv2.dilate(content, np.ones((reach, reach), np.uint8)) > 0
    return _filled(fine, coarse, content, long_side), content


def _grown(seed: Mask, body: Mask) -> Mask:
    """Connected parts of ``body`` or ``seed`` that hold a seed."""
    _, labels = cv2.connectedComponents((body | seed).astype(np.uint8))
    hit = np.zeros(int(labels.max()) + 1, bool)
    hit[labels[seed]] = True
    hit[0] = False
    return np.asarray(hit[labels])


def _filled(paper: Float, fallback: Float, holes: Mask, long_side: int) -> Float:
    """``paper`` with ``holes`` filled from around them (normalised blur, wider where it must be)."""
    known = (~holes).astype(np.float32)
    filled: Float = fallback
    for sigma in (long_side / 8, long_side / 30, long_side / 100):
        weight = _smooth(known, sigma)[:, :, None]
        mean = _smooth(paper * known[:, :, None], sigma)
        trust = np.clip(weight * 10, 0, 1).astype(np.float32)
        local = mean / np.maximum(weight, np.float32(1e-4))
        filled = np.asarray(filled + trust * (local - filled), np.float32)
    filled = filled + known[:, :, None] * (paper - filled)
    return np.maximum(filled, np.float32(1))


def _stroke_width(small: NDArray[np.uint8], paper: Float, long_side: int) -> int:
    """Side of a closing that covers the strokes of the running text, px."""
    ink = (extremes(_depth(small, paper))[1] > 0.4).astype(np.uint8)
    distance = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    ridge = distance[(distance > 0.5) & (distance >= cv2.dilate(distance, np.ones((3, 3))))]
    half = float(np.percentile(ridge, 80)) if ridge.size > 50 else long_side / 250
    return int(np.clip(round(_STROKE * half), 7, max(7, long_side // 36)))


def _ink_depth(ink: Float, long_side: int) -> Float:
    """Depth of the ink near each pixel, between 0.6 and 1 times that of the page's usual ink."""
    window = max(3, long_side // 25) | 1
    peak = cv2.dilate(ink, np.ones((window, window), np.uint8))
    marked = peak[ink > 0.3]
    usual = float(np.clip(np.percentile(marked, 50) if marked.size else 0.85, 0.45, 0.95))
    peak = np.where(peak > 0.3, peak, usual).astype(np.float32)
    smooth = _smooth(peak, window / 2)
    return np.clip(smooth, 0.6 * usual, 0.95).astype(np.float32)


def _grain(depth: Float, ink: Float) -> float:
    """Depth that hardly any pixel away from ink passes."""
    near = cv2.dilate((ink > 0.3).astype(np.uint8), np.ones((7, 7), np.uint8))
    bare = depth[near == 0]
    return float(np.percentile(bare, 99)) if bare.size > 100 else 0.1


def _pictures(ink: Float, content: Mask, long_side: int) -> Float:
    """Where dark or coloured matter covers most of a wide window, 0..1."""
    window = max(3, long_side // 20) | 1
    cover = cv2.blur(((ink > 0.3) | content).astype(np.float32), (window, window))
    solid = (cover > 0.75).astype(np.uint8)
    solid = cv2.dilate(solid, np.ones((window, window), np.uint8)).astype(np.float32)
    return _smooth(solid, window / 8)
