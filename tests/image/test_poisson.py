"""Harmonic completion: exact known values, the maximum principle, and agreement with true solutions."""

import numpy as np
import pytest

from xiutu.image.poisson import harmonic


@pytest.mark.parametrize(
    "function",
    [lambda y, x: x, lambda y, x: 3 * y - x, lambda y, x: x * y / 20, lambda y, x: x * x - y * y],
)
def test_harmonic_functions_are_continued(function: object) -> None:
    y, x = np.mgrid[0:60, 0:80].astype(np.float32)
    truth = function(y, x)[:, :, None].astype(np.float32)  # type: ignore[operator]
    hole = np.zeros((60, 80), bool)
    hole[15:45, 20:60] = True
    found = harmonic(np.where(hole[:, :, None], 0, truth), hole)
    np.testing.assert_array_equal(found[~hole], truth[~hole])
    span = truth.max() - truth.min()
    assert np.abs(found - truth).max() < 0.03 * span


def test_values_stay_in_range_and_a_constant_stays() -> None:
    values = np.random.default_rng(0).uniform(20, 200, (41, 67, 3)).astype(np.float32)
    hole = np.random.default_rng(1).random((41, 67)) < 0.7
    found = harmonic(values, hole)
    assert found.min() >= values[~hole].min() - 1e-3 and found.max() <= values[~hole].max() + 1e-3
    np.testing.assert_allclose(harmonic(np.full_like(values, 77), hole), 77, rtol=1e-5)


def test_degenerate_pictures() -> None:
    one = np.full((1, 1, 2), 5, np.float32)
    np.testing.assert_array_equal(harmonic(one, np.zeros((1, 1), bool)), one)
    assert not harmonic(one, np.ones((1, 1), bool)).any()
    line = np.zeros((1, 9, 1), np.float32)
    line[0, 8] = 8
    hole = np.ones((1, 9), bool)
    hole[0, [0, 8]] = False
    np.testing.assert_allclose(harmonic(line, hole)[0, :, 0], np.arange(9), atol=0.6)
