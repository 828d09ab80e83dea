"""Filling a hole coarse to fine: structure at low resolution first, then texture.

The pyramid scheme of Wexler, Shechtman, Irani 2007 (doi:10.1109/TPAMI.2007.60) with the onion-peel
start of Newson et al. 2014 (doi:10.1137/140954933): at each level patches are matched and their
votes become the new guess, a few times over.
"""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.patchmatch import BELL, CLOSENESS, RADIUS, PatchField, inner, patch_steps, sources
from xiutu.image.poisson import harmonic

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]

_Number = TypeVar("_Number", int, float)

FEWEST_SOURCES = 60
_MOST_COMPARED = 6000
_ROUNDS = (2, 3, 6)
_ROUNDS_COARSEST = 12
_THROWS = 8
_PLAINNESS = (0.05, 0.1, 0.15)
"""Per level, finest first: an invented object is worse than a plain place, plain texture is not."""
_SHARPNESS = (4.0, 3.0, 1.0)
"""Of the votes: soft ones find structure, sharp ones keep texture."""
_SHARPER, _FURTHER = 4.0, 0.85


@dataclass(frozen=True)
class Level:
    """One size of the picture: ``picture`` H x W x 3 float32, ``hole`` and ``usable`` H x W."""

    picture: Field
    hole: Mask
    usable: Mask


@dataclass(frozen=True)
class _Taste:
    """What is preferred among copies: careful ones (``boldness`` 0), or such as hide the hole (1).

    Bold ones may come from further away, may have contrast, and are voted for sharply: texture keeps
    its grain, and what is invented is invented plainly to see.
    """

    boldness: float

    @property
    def closeness(self) -> float:
        return CLOSENESS * (1 - _FURTHER * self.boldness)

    def plainness(self, depth: int) -> float:
        return (1 - self.boldness) * _at(_PLAINNESS, depth)

    def sharpness(self, depth: int) -> float:
        return _at(_SHARPNESS, depth) * (1 + (_SHARPER - 1) * self.boldness)


def fill_structure(
    picture: Field, hole: Mask, usable: Mask, seed: int = 0, boldness: float = 0.0
) -> PatchField | None:
    """Fill ``hole`` (H x W bool) of ``picture`` (H x W x 3 float32, 0..255) from ``usable`` pixels.

    Pixels that are neither hole nor usable are compared but not copied. ``boldness`` is 0..1. Returns
    the field of the finest level, its :meth:`~PatchField.picture` filled; None where too little is
    usable to copy.
    """
    if np.count_nonzero(sources(usable)) < FEWEST_SOURCES:
        return None
    taste = _Taste(boldness)
    levels = _pyramid(Level(picture, hole, usable))
    field: PatchField | None = None
    for depth in range(len(levels) - 1, -1, -1):
        level = levels[depth]
        guess = _peel(level) if field is None else level.picture
        plainness, closeness = taste.plainness(depth), taste.closeness
        finer = PatchField(guess, level.hole, level.usable, plainness, seed + depth, closeness)
        rounds = _ROUNDS_COARSEST
        if field is not None:
            rounds = _at(_ROUNDS, depth)
            finer.adopt(field)
            finer.vote(taste.sharpness(depth))
            finer.refresh()
        _improve(finer, rounds, taste.sharpness(depth))
        field = finer
    return field


def _at(values: tuple[_Number, ...], depth: int) -> _Number:
    """The value of a level; the last one goes for all coarser levels."""
    return values[min(depth, len(values) - 1)]


def _improve(field: PatchField, rounds: int, sharpness: float) -> None:
    for number in range(rounds):
        field.search((1,) if number % 2 else (2, 1), _THROWS)
        field.search((1,), 0)
        field.vote(sharpness)
        if number + 1 < rounds:
            field.refresh()


def _pyramid(finest: Level) -> list[Level]:
    """Halve until the hole is about as thick as a patch or too little is left to copy from."""
    levels = [finest]
    while _thickness(levels[-1].hole) > RADIUS + 0.5:
        if min(levels[-1].hole.shape) < 4 * RADIUS + 4:
            break
        coarser = _halve(levels[-1])
        if np.count_nonzero(sources(coarser.usable)) < 3 * FEWEST_SOURCES:
            break
        levels.append(coarser)
    return levels


def _thickness(hole: Mask) -> float:
    """Depth of the deepest pixel; the hole is taken to go on beyond the picture's border."""
    if hole.all():
        return float(min(hole.shape))
    padded = np.pad(hole.astype(np.uint8), 1, mode="edge")
    return float(cv2.distanceTransform(padded, cv2.DIST_L2, 3).max())


def _halve(level: Level) -> Level:
    """Cells of 2 x 2: known where at least half is known, usable where half is usable."""
    known = (~level.hole).astype(np.float32)
    count, full = _cells(known), _cells(np.ones_like(known))
    total = _cells(level.picture * known[:, :, None])
    mean = (total / np.maximum(count, 1e-6)[:, :, None]).astype(np.float32)
    hole = count < full / 2 - 1e-3
    usable = (_cells(level.usable.astype(np.float32)) >= full / 2 - 1e-3) & ~hole
    return Level(mean, hole, usable)


def _cells(values: Field) -> Field:
    """Sums over 2 x 2 cells, the last ones narrower where a side is odd."""
    height, width = values.shape[:2]
    padding = [(0, height % 2), (0, width % 2)] + [(0, 0)] * (values.ndim - 2)
    padded = np.pad(values, padding)
    rows = padded[0::2] + padded[1::2]
    out: Field = rows[:, 0::2] + rows[:, 1::2]
    return out


def _peel(level: Level) -> Field:
    """First guess at the coarsest level: ring by ring inwards, each pixel from the known patch that
    agrees best with what is already known around it (exact search). A large level is only reached
    when the hole is thin; then a smooth guess is good enough."""
    height, width = level.hole.shape
    picture = level.picture.copy()
    flat = picture.reshape(-1, 3)
    steps = patch_steps(width)
    source = np.flatnonzero(sources(level.usable).ravel())
    if source.size > _MOST_COMPARED:
        return harmonic(picture, level.hole)
    weights = np.repeat(BELL, 3)
    offered = flat[source[:, None] + steps].reshape(source.size, -1)
    squares = (offered * offered).T
    known = ~level.hole
    if not inner(np.ones_like(known)).any():
        return picture
    while not known.all():
        ring = (cv2.dilate(known.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~known
        at = np.flatnonzero(ring.ravel())
        row, column = np.divmod(at, width)
        centre = np.clip(row, RADIUS, height - 1 - RADIUS) * width
        centre += np.clip(column, RADIUS, width - 1 - RADIUS)
        around = centre[:, None] + steps
        trusted = np.repeat(known.ravel()[around], 3, axis=1) * weights
        wanted = flat[around].reshape(at.size, -1) * trusted
        best = source[np.argmin(trusted @ squares - 2 * wanted @ offered.T, axis=1)]
        flat[at] = flat[best + at - centre]
        known |= ring
    return picture
