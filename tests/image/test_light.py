"""sRGB transfer curve and luma."""

import numpy as np
import pytest

from xiutu.image.light import decode_srgb, encode_srgb, luma, to_linear, to_srgb


def test_every_8_bit_value_survives_the_round_trip() -> None:
    values = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_srgb(to_linear(values)), values)


@pytest.mark.parametrize(
    ("srgb", "linear"),
    [(0.0, 0.0), (0.04045, 0.0031308), (0.5, 0.2140411), (0.735357, 0.5), (1.0, 1.0)],
)
def test_curve_meets_the_standards_figures(srgb: float, linear: float) -> None:
    assert decode_srgb(np.float32([srgb]))[0] == pytest.approx(linear, abs=1e-5)
    assert encode_srgb(np.float32([linear]))[0] == pytest.approx(srgb, abs=1e-4)


def test_table_agrees_with_the_formula_within_a_step() -> None:
    linear = np.linspace(0, 1, 5001, dtype=np.float32)
    exact = 255 * encode_srgb(linear)
    assert np.abs(to_srgb(linear) - exact).max() < 0.6


def test_light_outside_the_range_is_clipped() -> None:
    np.testing.assert_array_equal(to_srgb(np.float32([-1, 2])), [0, 255])


def test_luma_of_grey_is_the_grey_and_green_weighs_most() -> None:
    grey = np.full((3, 2, 3), 51, np.uint8)
    np.testing.assert_allclose(luma(grey), 0.2, atol=1e-6)
    primaries = luma(np.eye(3, dtype=np.uint8)[None] * 255)
    np.testing.assert_allclose(primaries, [[0.299, 0.587, 0.114]], atol=1e-6)
