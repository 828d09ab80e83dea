"""Means over turned copies: they come back where they belong."""

import numpy as np
import pytest

from tests.pictures import Array, noise
from xiutu.operators._nets.turns import averaged, turns


@pytest.mark.parametrize("count", range(1, 9))
def test_each_copy_is_turned_back(count: int) -> None:
    picture = noise(7, 5)
    np.testing.assert_array_equal(averaged(picture, lambda copy: copy, count), picture)
    wide = averaged(picture, lambda copy: np.repeat(np.repeat(copy, 2, 0), 2, 1), count)
    np.testing.assert_array_equal(wide, np.repeat(np.repeat(picture, 2, 0), 2, 1))


def test_copies_differ_and_errors_cancel() -> None:
    """What is wrong on one side only is spread evenly over four sides."""
    picture = np.full((6, 6, 3), 100, np.uint8)
    seen = []

    def wrong(copy: Array) -> Array:
        seen.append(copy.shape)
        result = copy.copy()
        result[0] += 80
        return result

    result = averaged(picture, wrong, 8)
    assert len(seen) == 8
    assert result[0, 2, 0] == result[5, 2, 0] == result[2, 0, 0] == result[2, 5, 0] == 120


def test_small_pictures_get_more_copies() -> None:
    counts = [turns(1000, noise(side, side)) for side in (5, 12, 20, 31, 80)]
    assert counts == [8, 6, 2, 1, 1]
