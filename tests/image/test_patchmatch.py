"""The nearest-neighbour field: descriptors mean what they say, matches and votes find what exists."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from xiutu.image.patchmatch import BELL, RADIUS, PatchField, describe, inner, patch_steps, sources

Field = NDArray[np.float32]


def tiles(height: int = 60, width: int = 72, period: int = 12, seed: int = 3) -> Field:
    """A picture that repeats every ``period`` pixels."""
    tile = np.random.default_rng(seed).uniform(0, 255, (period, period, 3)).astype(np.float32)
    tile = cv2.GaussianBlur(np.tile(tile, (3, 3, 1)), (0, 0), 1.5)[period:-period, period:-period]
    reps = (-(-height // period), -(-width // period), 1)
    return np.ascontiguousarray(np.tile(tile, reps)[:height, :width])


def hole_in(shape: tuple[int, ...], top: int, left: int, side: int) -> NDArray[np.bool_]:
    hole = np.zeros(shape[:2], bool)
    hole[top : top + side, left : left + side] = True
    return hole


def test_descriptor_distance_is_the_weighted_pixel_difference_of_smooth_patches() -> None:
    picture = cv2.GaussianBlur(
        np.random.default_rng(0).uniform(0, 255, (40, 50, 3)).astype(np.float32), (0, 0), 3
    )
    found = describe(picture).reshape(-1, 16)
    flat, steps = picture.reshape(-1, 3), patch_steps(50)
    pairs = np.random.default_rng(1).choice(
        np.flatnonzero(inner(np.ones((40, 50), bool))), (200, 2)
    )
    ratios = []
    for one, other in pairs:
        exact = 1e-6 + float(BELL @ ((flat[one + steps] - flat[other + steps]) ** 2).sum(axis=1))
        near = float(((found[one] - found[other]) ** 2).sum())
        assert near <= exact * 1.001 + 1e-3  # a projection never adds
        ratios.append(near / exact)
    assert np.median(ratios) > 0.93


def test_descriptors_of_grey_have_no_colour() -> None:
    grey = np.repeat(tiles()[:, :, :1], 3, axis=2)
    np.testing.assert_allclose(describe(grey)[:, :, 10:], 0, atol=2e-3)


def test_sources_are_whole_patches_inside_the_picture() -> None:
    usable = np.ones((20, 30), bool)
    usable[10, 15] = False
    found = sources(usable)
    assert not found[:RADIUS].any() and not found[:, -RADIUS:].any()
    assert found[RADIUS, RADIUS]
    around = found[10 - RADIUS : 11 + RADIUS, 15 - RADIUS : 16 + RADIUS]
    assert not around.any() and found[10, 15 + RADIUS + 1]
    assert not sources(np.ones((6, 40), bool)).any()


def test_search_finds_exact_copies_of_a_repeating_picture() -> None:
    picture = tiles()
    hole = hole_in(picture.shape, 24, 28, 10)
    field = PatchField(picture, hole, ~hole, 0.0, seed=5)
    for _ in range(8):
        field.search((2, 1), 8)
    data = field.mismatch(2.0)[hole]
    assert np.median(data) < 0.02  # the true content was given: a repeat of it fits exactly
    field.vote(4.0)
    error = np.abs(field.picture() - picture)[hole].mean()
    assert error < 2.0


def test_cost_never_rises_in_a_search_and_matches_stay_usable() -> None:
    picture = tiles(seed=8)
    hole = hole_in(picture.shape, 10, 40, 14)
    usable = ~hole
    usable[:, :20] = False
    field = PatchField(picture, hole, usable, 0.1, seed=2)
    for _ in range(3):
        before = field.cost.copy()
        field.search((1,), 6)
        assert (field.cost <= before).all()
    allowed = sources(usable).ravel()
    assert allowed[field.match].all()


def test_a_seed_decides_everything() -> None:
    picture = tiles()
    hole = hole_in(picture.shape, 24, 28, 10)
    results = []
    for seed in (1, 1, 2):
        field = PatchField(picture, hole, ~hole, 0.1, seed=seed)
        field.search((1,), 5)
        results.append(field.match.copy())
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()


def test_known_pixels_are_left_alone_and_the_input_too() -> None:
    picture = tiles()
    before = picture.copy()
    hole = hole_in(picture.shape, 0, 0, 9)
    field = PatchField(picture, hole, ~hole, 0.1, seed=1)
    field.search((1,), 5)
    field.vote(1.0)
    np.testing.assert_array_equal(picture, before)
    np.testing.assert_array_equal(field.picture()[~hole], picture[~hole])


def test_a_finer_level_starts_from_twice_the_offsets() -> None:
    picture = tiles(80, 96)
    small = np.ascontiguousarray(picture[::2, ::2])
    hole = hole_in(picture.shape, 30, 40, 16)
    coarse = PatchField(small, hole[::2, ::2], ~hole[::2, ::2], 0.0, seed=1)
    for _ in range(4):
        coarse.search((1,), 6)
    fine = PatchField(picture, hole, ~hole, 0.0, seed=1)
    fine.adopt(coarse)
    number = coarse.number[(fine.row // 2) * coarse.width + fine.column // 2]
    there, across = np.divmod(coarse.match[number], coarse.width)
    doubled = (fine.row + 2 * (there - fine.row // 2)) * fine.width
    doubled += fine.column + 2 * (across - fine.column // 2)
    usable = (number >= 0) & fine.is_source[np.clip(doubled, 0, fine.is_source.size - 1)]
    assert usable.mean() > 0.8
    np.testing.assert_array_equal(fine.match[usable], doubled[usable])


@pytest.mark.parametrize("corner", [(0, 0), (0, 62), (50, 0), (50, 62)])
def test_holes_in_corners_are_covered(corner: tuple[int, int]) -> None:
    picture = tiles()
    hole = hole_in(picture.shape, *corner, 10)
    field = PatchField(picture, hole, ~hole, 0.1, seed=1)
    field.vote(1.0)
    known = picture[~hole]
    filled = field.picture()[hole]
    assert filled.min() >= known.min() - 1e-2 and filled.max() <= known.max() + 1e-2
    place = field.sources_of_holes()
    assert (~hole).ravel()[place].all()
