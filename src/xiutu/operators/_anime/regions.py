"""Which pixels are skin and which are hair.

No network for this exists in a published package, so the mesh says where skin and hair are likely,
and two rounds of expectation maximisation over small colour mixtures (Dempster, Laird, Rubin 1977,
doi:10.1111/j.2517-6161.1977.tb01600.x) decide per pixel; a guided filter ties the answer to edges.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import guided_filter
from xiutu.operators._anime.frame import Frame, polygon
from xiutu.operators._faces import Face
from xiutu.operators._faces import topology as lines
from xiutu.operators._faces.arrays import f32

__all__ = ["Head", "feature_zones", "shape_of", "split", "without_specks"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]
Box = tuple[int, int, int, int]

_UNIT = 60.0  # px of a face (forehead to chin) while regions are looked for
_ALIKE = 8.0  # CIELAB distance, lightness at half weight
_REACH = (1.75, 1.25, 2.3)
_FADE = 0.35  # of the face, over which skin and hair give way to the rest of the drawing at a box's edge


@dataclass(frozen=True)
class Head:
    """Regions round one face. ``box`` (left, top, right, bottom) in the working picture; ``hair``,
    ``skin``: antialiased shapes (0..1) over the box; ``hair_edge``, ``skin_edge``: px to their
    outlines; colours are CIELAB (L 0..100)."""

    face: Face
    frame: Frame
    box: Box
    hair: Float
    skin: Float
    hair_edge: Float
    skin_edge: Float
    skin_colour: Float
    hair_colour: Float
    has_hair: bool

    @property
    def slices(self) -> tuple[slice, slice]:
        left, top, right, bottom = self.box
        return slice(top, bottom), slice(left, right)


def split(seen: Bytes, matte: Float, face: Face) -> Head:
    """Skin and hair round ``face`` in ``seen`` (h x w x 3), given the people's ``matte`` (0..1)."""
    frame = Frame.of(face)
    box = frame.box((seen.shape[1], seen.shape[0]), _REACH)
    rows, columns = slice(box[1], box[3]), slice(box[0], box[2])
    crop, part = seen[rows, columns], matte[rows, columns]
    zoom = min(1.0, _UNIT / frame.unit)
    size = (max(2, round(crop.shape[1] * zoom)), max(2, round(crop.shape[0] * zoom)))
    small = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    cover = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)
    lab = cv2.cvtColor(small.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2LAB)
    x, y = (cv2.resize(g, size, interpolation=cv2.INTER_AREA) for g in _grids(frame, box))
    ratio = f32([size[0] / crop.shape[1], size[1] / crop.shape[0]])
    local = (face.points[:, :2] - f32([box[0], box[1]])) * ratio
    oval = polygon((size[1], size[0]), local[list(lines.OVAL)])
    marks = feature_zones((size[1], size[0]), local, 1.25)
    priors = _priors(x, y, oval, marks, cover)
    belief = _decide(np.asarray(lab, np.float32), priors, *_cores(x, y, oval))
    unit = frame.unit * zoom
    hair, skin, colour = _cleaned(belief, oval, np.asarray(lab, np.float32), y, unit)
    guide = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32) * np.float32(1 / 255)
    full = (crop.shape[1], crop.shape[0])
    soft = [guided_filter(guide, m, max(2, round(unit / 30)), 1e-3) for m in (hair, skin)]
    large = [
        cv2.resize(cv2.GaussianBlur(m, (0, 0), max(0.6, unit * 0.012)), full,
                   interpolation=cv2.INTER_CUBIC)
        for m in (*soft, 1 - soft[0] - soft[1])
    ]  # fmt: skip
    inside = np.maximum(part, polygon(part.shape, _local(face, box)[list(lines.OVAL)])) > 0.5
    is_hair = (large[0] > large[1]) & (large[0] > large[2]) & inside
    is_skin = (large[1] >= large[0]) & (large[1] > large[2]) & inside
    # Slivers between hair and the outline, or skin and its own shadow, would be drawn twice.
    is_hair = _grown_into(is_hair, inside & ~is_skin, frame.unit * 0.035)
    is_skin = _grown_into(is_skin, inside & ~is_hair, frame.unit * 0.02)
    hair_shape, hair_edge = shape_of(is_hair.astype(np.float32), frame.unit * 0.006)
    skin_shape, skin_edge = shape_of(is_skin.astype(np.float32), frame.unit * 0.006)
    has_hair = float(hair.sum()) / max(1.0, unit**2) > 0.06
    if not has_hair:
        hair_shape[:] = 0
    faded = _faded(box, seen.shape[:2], _FADE * frame.unit)
    away = (1 - faded) * np.float32(1e3)  # no outline where there is little left to outline
    told = (skin > 0.6) & (oval > 0.5) & (marks < 0.2)
    skin_colour = _median(np.asarray(lab, np.float32), told, (70.0, 12.0, 16.0))
    return Head(
        face,
        frame,
        box,
        hair_shape * faded,
        skin_shape * faded,
        hair_edge + away,
        skin_edge + away,
        skin_colour,
        colour,
        has_hair,
    )


def shape_of(mask: Float, sigma: float) -> tuple[Float, Float]:
    """``mask`` (0..1) as a shape with a smooth outline: antialiased cover and px to the outline."""
    calm = cv2.GaussianBlur(mask, (0, 0), max(0.8, sigma))
    solid = (calm > 0.5).astype(np.uint8)
    inner = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    outer = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 5)
    away = np.where(solid > 0, inner - np.float32(0.5), np.float32(0.5) - outer)
    cover = np.clip(away * np.float32(0.8) + np.float32(0.5), 0, 1)
    return np.asarray(cover, np.float32), np.asarray(np.abs(away), np.float32)


def _faded(box: Box, picture: tuple[int, ...], over: float) -> Float:
    """1 inside the box, 0 at those of its edges that are not the picture's, over so many px."""
    left, top, right, bottom = box
    across, down = (np.arange(length, dtype=np.float32) for length in (right - left, bottom - top))
    columns = _ramp(across, over if left > 0 else 0, over if right < picture[1] else 0)
    rows = _ramp(down, over if top > 0 else 0, over if bottom < picture[0] else 0)
    return np.outer(rows, columns)


def _ramp(place: Float, rise: float, fall: float) -> Float:
    """0 to 1 over the first ``rise`` px and back over the last ``fall`` px; 0 px: no ramp."""
    share = np.ones_like(place)
    if rise:
        share *= np.clip(place / rise, 0, 1)
    if fall:
        share *= np.clip((place[-1] - place) / fall, 0, 1)
    return share


def _grown_into(mask: NDArray[np.bool_], free: NDArray[np.bool_], by: float) -> NDArray[np.bool_]:
    """``mask`` and what lies within ``by`` px of it in ``free``."""
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(mask | (free & (away < by)), np.bool_)


def _local(face: Face, box: Box) -> Float:
    return np.asarray(face.points[:, :2] - f32(box[:2]), np.float32)


def feature_zones(shape: tuple[int, int], points: Float, spread: float) -> Float:
    """Eyes, brows, lips and nostrils (0..1): what is drawn anew and so is neither skin nor hair."""
    zone = np.zeros(shape, np.float32)
    for upper, lower in zip(lines.UPPER_LIDS, lines.LOWER_LIDS, strict=True):
        ring = np.concatenate([points[list(upper)], points[list(lower)][::-1]])
        zone = np.maximum(zone, polygon(shape, _grown(ring, spread + 0.25)))
    for above, below in lines.BROWS:
        ring = np.concatenate([points[list(above)], points[list(below)][::-1]])
        zone = np.maximum(zone, polygon(shape, _grown(ring, spread + 0.1)))
    ring = np.concatenate(
        [points[list(lines.LIPS_OUT_UPPER)], points[list(lines.LIPS_OUT_LOWER)][::-1]]
    )
    zone = np.maximum(zone, polygon(shape, _grown(ring, spread)))
    nose = points[[98, 97, 2, 326, 327, 4]]
    return np.maximum(zone, polygon(shape, cv2.convexHull(nose)[:, 0]))


def _grown(ring: Float, by: float) -> Float:
    middle = ring.mean(axis=0)
    return np.asarray(middle + (ring - middle) * np.float32(by), np.float32)


def _grids(frame: Frame, box: Box) -> tuple[Float, Float]:
    x, y = frame.grid(box)
    return x.astype(np.float32), y.astype(np.float32)


def _priors(x: Float, y: Float, oval: Float, marks: Float, cover: Float) -> list[Float]:
    """Likelihoods (hair, skin, other) before colours are looked at, from the place in the face."""
    inside = oval > 0.5
    away = np.hypot(x / 0.62, (y + 0.05) / 0.85)  # 1 on an ellipse a little larger than the skull
    hair = np.clip(1.7 - away, 0, 1) * 0.85
    hair = np.where(y > 0.1, hair * 0.5 + 0.2 * np.exp(-((np.abs(x) - 0.5) ** 2) / 0.08), hair)
    hair = np.where(y > 0.6, 0.22 * np.clip((np.abs(x) - 0.12) / 0.2, 0, 1), hair)
    hair = np.where(y > 0.9, hair * np.clip(2.1 - y, 0, 1), hair)
    forehead = np.clip((-0.14 - y) / 0.16, 0, 1) * 0.3
    rim = np.clip((np.hypot(x / 0.4, (y - 0.12) / 0.55) - 0.75) / 0.3, 0, 1) * 0.03
    hair = np.where(inside, np.maximum(forehead, 0.001 + rim), hair)
    skin = np.where(inside, 1.0 - hair, 0.0)
    near = np.clip(1.25 - np.hypot(x / 0.46, (y - 0.3) / 1.3), 0, 1)
    ears = (np.abs(np.abs(x) - 0.44) < 0.09) & (y > -0.04) & (y < 0.3)
    beside = 0.03 + 0.16 * near * np.where(ears, 1.2, np.clip((y - 0.4) / 0.2, 0.08, 1))
    skin = np.where(inside, skin, beside * (y > -0.5))
    neck = (np.abs(x) < 0.28) & (y > 0.6) & (y < 0.95)
    skin = np.where(neck & ~inside, 0.6, skin)
    other = np.where(inside, 0.04, 0.15 + 0.6 * np.clip((y - 0.8) / 0.4, 0, 1))
    skull = (np.hypot(x / 0.5, (y + 0.02) / 0.66) < 1) & (y < 0.55)
    other = np.where(skull & ~inside, 0.05, other)
    total = hair + skin + other + 1e-6
    gate = np.clip(cover * 1.6 - 0.3, 0, 1)
    gate = np.where(inside, 1.0, gate)
    told = [hair / total * gate, skin / total * gate, other / total * gate + (1 - gate)]
    told = [np.where(marks > 0.3, 0.0, p) for p in told]
    return [np.asarray(p, np.float32) for p in told]


def _cores(x: Float, y: Float, oval: Float) -> tuple[Float, Float, Float]:
    """Where the colours of hair and of skin are learned, and where a forehead may be bare."""
    cheeks = (oval > 0.5) & (y > 0.02) & (np.hypot(x / 0.36, (y - 0.2) / 0.5) < 0.92)
    bare = (oval > 0.3) | (np.hypot(x / 0.42, (y + 0.08) / 0.47) < 1)
    return (y < 0.05).astype(np.float32), cheeks.astype(np.float32), bare.astype(np.float32)


def _decide(
    lab: Float, priors: list[Float], top: Float, cheeks: Float, bare: Float, rounds: int = 3
) -> list[Float]:
    """Posteriors of hair, skin, other. Hair learns its colours where ``top`` only, because above the
    ears nobody wears clothes, and skin where ``cheeks`` only, where no hair falls. Where a forehead
    may be ``bare``, what has the colour of skin is no hair; elsewhere it may be fair hair."""
    belief = priors
    flat = np.ascontiguousarray(lab.reshape(-1, 3))
    seeds: list[Float] = [
        np.where((priors[0] > 0.5) & (top > 0), priors[0], 0),
        np.where(priors[1] > 0.5, cheeks, 0),
        np.where(priors[2] > 0.55, priors[2], 0),
    ]
    for turn in range(rounds):
        # Fair hair comes last: skin among its examples would teach it that foreheads are hair.
        here = bare if turn == rounds - 1 else np.ones_like(bare)
        complexion = _means(flat, seeds[1].ravel(), 3)
        parts = [
            _hair_density(flat, seeds[0].ravel(), complexion, here.ravel()),
            _mixture(flat, seeds[1].ravel(), 3, 5.0)[0] + _shadowed(flat, complexion),
            _mixture(flat, seeds[2].ravel(), 6, 6.0)[0],
        ]
        odds = [
            prior * part.reshape(prior.shape) for prior, part in zip(priors, parts, strict=True)
        ]
        total = odds[0] + odds[1] + odds[2] + np.float32(1e-9)
        belief = [np.asarray(o / total, np.float32) for o in odds]
        seeds = [np.where(b > 0.6, b, 0) for b in belief]
        seeds[0] = seeds[0] * top
        seeds[1] = seeds[1] * cheeks
    return belief


def _clusters(flat: Float, weight: Float, count: int) -> tuple[Float, NDArray[np.int32], Float]:
    """(colours looked at, their cluster, means of the clusters); deterministic k-means."""
    picks = np.flatnonzero(weight > 0.05)
    if len(picks) < 3 * count:
        return np.zeros((0, 3), np.float32), np.zeros(0, np.int32), np.zeros((0, 3), np.float32)
    some = flat[picks[:: max(1, len(picks) // 3000)]]
    rank = np.argsort(np.argsort(some[:, 0], kind="stable"), kind="stable")
    label = (rank * count // len(some)).astype(np.int32)[:, None]
    stop = (cv2.TERM_CRITERIA_MAX_ITER, 8, 0.0)
    _, label, means = cv2.kmeans(some, count, label, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    return some, np.asarray(label[:, 0], np.int32), np.asarray(means, np.float32)


def _means(flat: Float, weight: Float, count: int) -> Float:
    return _clusters(flat, weight, count)[2]


def _hair_density(flat: Float, weight: Float, complexion: Float, bare: Float) -> Float:
    strict, left = _mixture(flat, weight, 4, 4.5, complexion)
    if left < 0.45:  # mostly skin: a bald head
        return strict
    return np.where(bare > 0.5, strict, _mixture(flat, weight, 4, 4.5, complexion[:0])[0])


def _mixture(
    flat: Float, weight: Float, count: int, wide: float, shunned: Float | None = None
) -> tuple[Float, float]:
    """Density of every colour under a mixture of ``count`` Gaussians fitted to weighted colours,
    and the share of the colours that counted.

    With ``shunned`` (n x 3) clusters in unnatural colours or next to one of these are left out.
    """
    some, label, means = _clusters(flat, weight, count)
    density, counted = np.full(len(flat), 1e-8, np.float32), 0
    for k, mean in enumerate(means):
        own = some[label == k]
        if len(own) == 0:
            continue
        if shunned is not None:
            gap = (mean - shunned) * f32([0.5, 1, 1])
            if (np.sqrt((gap * gap).sum(axis=1)) < _ALIKE).any() or not _natural(mean):
                continue
        counted += len(own)
        spread = own.var(axis=0) + np.float32(wide**2)
        norm = len(own) / len(some) / float(np.sqrt(np.prod(spread)))
        # -d/2 of the Mahalanobis distance as one product with the colours and their squares.
        power = (flat * flat) @ (np.float32(-0.5) / spread) + flat @ (mean / spread)
        power += np.float32(math.log(norm) - 0.5 * float((mean * mean / spread).sum()))
        density += np.exp(power)
    return density, counted / max(1, len(some))


def _shadowed(flat: Float, complexion: Float) -> Float:
    """Density of skin in shadow: the neck below the chin has colours that no cheek shows."""
    density = np.zeros(len(flat), np.float32)
    for mean in complexion:
        gap = (flat - mean * f32([0.66, 1.05, 1.08])) / f32([8.0, 6.0, 7.0])
        density += np.float32(0.08 / 336) * np.exp(np.float32(-0.5) * (gap * gap).sum(axis=1))
    return density


def _cleaned(
    belief: list[Float], oval: Float, lab: Float, y: Float, unit: float
) -> tuple[Float, Float, Float]:
    """Hair and skin without specks; no hair at all where the head is bare or wears a hat."""
    # The drawn marks (eyes, brows, lips) have no colours of their own: skin flows into them.
    unknown = (belief[0] + belief[1] + belief[2] < 0.5) & (oval > 0.3)
    calm = [cv2.GaussianBlur(b, (0, 0), max(0.6, unit * 0.015)) for b in belief]
    best = np.argmax(np.stack(calm), axis=0)
    best[unknown] = 1
    hair = without_specks(_hanging(best == 0, y, unit), 0.012 * unit**2)
    skin = without_specks((best == 1) & ~hair, 0.008 * unit**2)
    colour = _median(lab, (belief[0] > 0.6) & hair, (25.0, 4.0, 6.0))
    if not _natural(colour):
        hair = np.zeros_like(hair)
    return hair.astype(np.float32), skin.astype(np.float32), colour


def _natural(colour: Float) -> bool:
    """Whether hair grows in this colour (CIELAB); otherwise it is a hat or a scarf."""
    chroma = math.hypot(float(colour[1]), float(colour[2]))
    hue = math.degrees(math.atan2(float(colour[2]), float(colour[1])))
    return chroma < 9 or (chroma < 46 and (8 if chroma > 16 else -12) < hue < 100)


def _hanging(hair: NDArray[np.bool_], y: Float, unit: float) -> NDArray[np.bool_]:
    """Below the ears only what hangs together with the hair of the head: no dark collars."""
    side = max(1, round(unit * 0.035)) * 2 + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    solid = cv2.morphologyEx(hair.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    solid[(y < 0.3) & hair] = 1
    _, labels = cv2.connectedComponents(solid, connectivity=4)
    rooted = np.unique(labels[(y < 0.2) & (solid > 0)])
    return hair & (np.isin(labels, rooted[rooted > 0]) | (y < 0.3))


def without_specks(mask: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """``mask`` without islands and holes smaller than ``least`` px."""
    for turn in (True, False):
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            (mask == turn).astype(np.uint8), connectivity=4
        )
        small = stats[:, cv2.CC_STAT_AREA] < least
        small[0] = False
        if count > 1:
            mask = np.where(small[labels], not turn, mask)
    return np.asarray(mask, np.bool_)


def _median(lab: Float, where: NDArray[np.bool_], default: tuple[float, float, float]) -> Float:
    if int(where.sum()) < 12:
        return f32(default)
    return np.asarray(np.median(lab[where], axis=0), np.float32)
