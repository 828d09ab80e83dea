"""Guided filter, joint upsampling and banded enlargement."""

import cv2
import numpy as np
import pytest

from xiutu.image.guided import box_mean, enlarge_rows, fit, guided_filter, shrink, upsample


def _step(height: int = 40, width: int = 60) -> np.ndarray:
    edge = np.zeros((height, width), np.float32)
    edge[:, width // 2 :] = 1
    return edge


def test_box_mean_is_the_mean_of_the_window() -> None:
    x = np.random.default_rng(0).random((9, 11), dtype=np.float32)
    assert box_mean(x, 2)[4, 5] == pytest.approx(x[2:7, 3:8].mean(), abs=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (30, 2)])
def test_box_mean_of_a_constant_is_that_constant_even_beyond_the_picture(
    shape: tuple[int, int],
) -> None:
    np.testing.assert_allclose(box_mean(np.full(shape, 0.3, np.float32), 50), 0.3, atol=1e-5)


def test_noise_goes_and_the_edge_of_the_guide_stays() -> None:
    guide = _step()
    noisy = guide + np.random.default_rng(1).normal(0, 0.1, guide.shape).astype(np.float32)
    out = guided_filter(guide, noisy, 4, 1e-3)
    assert np.std(out - guide) < 0.035
    assert (out[:, 30] - out[:, 29]).min() > 0.8


@pytest.mark.parametrize("channels", [None, 2, 3])
def test_grey_guide_keeps_the_shape_of_the_source(channels: int | None) -> None:
    source = np.random.default_rng(2).random((20, 30, channels or 1), dtype=np.float32)
    source = source if channels else source[:, :, 0]
    out = guided_filter(_step(20, 30), source, 3, 1e-2)
    assert out.shape == source.shape
    assert out.dtype == np.float32


def test_colour_guide_sees_an_edge_that_luma_does_not() -> None:
    edge = _step()
    guide = np.dstack([edge, 1 - edge, np.full_like(edge, 0.5)])
    out = guided_filter(guide, edge, 6, 1e-4)
    np.testing.assert_allclose(out, edge, atol=0.02)


def test_colour_guide_agrees_with_grey_guide_on_a_grey_picture() -> None:
    rng = np.random.default_rng(3)
    grey = rng.random((24, 24), dtype=np.float32)
    source = rng.random((24, 24), dtype=np.float32)
    coloured = guided_filter(np.dstack([grey] * 3), source, 4, 3e-3)
    # Three equal channels share the work: the same model with a third of the regularisation.
    np.testing.assert_allclose(coloured, guided_filter(grey, source, 4, 1e-3), atol=2e-3)


def test_shapes_that_do_not_fit_are_refused() -> None:
    flat, deep = np.zeros((4, 4), np.float32), np.zeros((4, 4, 3), np.float32)
    for guide, source in [(flat, np.zeros((4, 5), np.float32)), (deep, deep)]:
        with pytest.raises(ValueError, match="do not fit"):
            fit(guide, source, 1, 1e-3)


def test_upsampling_follows_the_full_size_edge() -> None:
    large = _step(80, 121)
    small = cv2.resize(large, (31, 20), interpolation=cv2.INTER_AREA)
    out = upsample(large, small, small * 0.5 + 0.2, 4, 1e-5)
    assert np.abs(out - (large * 0.5 + 0.2)).max() < 0.02


@pytest.mark.parametrize("channels", [1, 3, 6])
def test_bands_put_together_equal_the_whole(channels: int) -> None:
    low = np.random.default_rng(4).random((7, 5, channels), dtype=np.float32)
    whole = enlarge_rows(low, 0, 40, 40, 33)
    bands = [enlarge_rows(low, top, min(top + 9, 40), 40, 33) for top in range(0, 40, 9)]
    np.testing.assert_allclose(np.concatenate(bands), whole, atol=1e-6)
    reference = np.dstack(
        [cv2.resize(np.ascontiguousarray(low[:, :, c]), (33, 40)) for c in range(channels)]
    )
    np.testing.assert_allclose(whole, reference.reshape(whole.shape), atol=1e-4)


def test_shrink_keeps_small_pictures_and_reduces_large_ones() -> None:
    picture = np.arange(300 * 200 * 3, dtype=np.uint32).astype(np.uint8).reshape(300, 200, 3)
    assert shrink(picture, 300) is picture
    assert shrink(picture, 150).shape == (150, 100, 3)
    assert shrink(np.zeros((1, 5000), np.float32), 100).shape == (1, 100)
    assert shrink(np.zeros((5000, 3, 3), np.uint8), 100).shape == (100, 1, 3)
