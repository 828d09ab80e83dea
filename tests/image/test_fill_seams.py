"""Seams between copies: small differences in light go, edges of objects stay, other pixels are kept."""

import numpy as np
from numpy.typing import NDArray

from xiutu.image.fill import fill_hole
from xiutu.image.fill_seams import seamless

Field = NDArray[np.float32]
SHAPE = (40, 60)
ROWS, COLUMNS = slice(10, 30), slice(20, 40)
FROM = 20  # px to the left: the source of the copies


def copied_from_the_left(picture: Field) -> tuple[Field, NDArray[np.bool_], NDArray[np.int64]]:
    """The picture with a hole filled from ``FROM`` px to its left, the hole, and the origins."""
    hole = np.zeros(SHAPE, bool)
    hole[ROWS, COLUMNS] = True
    origin = np.arange(hole.size).reshape(SHAPE)
    origin[hole] -= FROM
    copied = picture.copy()
    copied[hole] = picture.reshape(-1, 3)[origin[hole]]
    return copied, hole, origin


def grained(light: Field) -> Field:
    grain = np.random.default_rng(1).normal(0, 2, (*SHAPE, 3))
    return (light[..., None] + grain).astype(np.float32)


def test_a_difference_in_light_goes_and_grain_stays() -> None:
    slope = np.broadcast_to(100 + np.arange(SHAPE[1]) * 0.5, SHAPE)
    picture = grained(slope)
    copied, hole, origin = copied_from_the_left(picture)
    found = seamless(copied, hole, origin, ~hole)
    np.testing.assert_array_equal(found[~hole], copied[~hole])
    light = (found - slope[..., None])[ROWS, COLUMNS]
    before = (copied - slope[..., None])[ROWS, COLUMNS]
    assert abs(before.mean()) > 9.5
    assert abs(light.mean()) < 0.5
    assert abs(light.std() / before.std() - 1) < 0.2


def test_an_edge_stays_where_it_is() -> None:
    """A dark object was copied beside bright ground: neither bleeds into the other."""
    light = np.full(SHAPE, 200.0, np.float32)
    light[:, : COLUMNS.start] = 40
    picture = grained(light)
    copied, hole, origin = copied_from_the_left(picture)
    found = seamless(copied, hole, origin, ~hole)
    assert abs(found[ROWS, COLUMNS].mean(axis=(0, 2)) - 40).max() < 6


def test_nothing_to_fill() -> None:
    picture = grained(np.full(SHAPE, 90.0, np.float32))
    nothing = np.zeros(SHAPE, bool)
    origin = np.arange(nothing.size).reshape(SHAPE)
    np.testing.assert_array_equal(seamless(picture, nothing, origin, ~nothing), picture)


def test_a_sky_is_filled_without_blotches() -> None:
    """Whatever is copied boldly, light changes as little from pixel to pixel as round the hole."""
    down, across = np.mgrid[:120, :160]
    sky = 120 + 0.5 * down + 8 * np.sin(across / 40)
    picture = np.rint(sky[..., None] + np.array([-20, 0, 40])).astype(np.uint8)
    hole = np.zeros(picture.shape[:2], bool)
    hole[20:95, 40:110] = True
    spoiled = picture.copy()
    spoiled[hole] = 0
    result = fill_hole(spoiled, hole, 1.0).astype(int)
    steps = np.abs(np.diff(result, axis=1))[hole[:, 1:] | hole[:, :-1]]
    assert np.percentile(steps, 99.5) <= 3
    assert np.abs(result - picture)[hole].mean() < 5
