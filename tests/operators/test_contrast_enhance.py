"""contrast_enhance and the exposure net behind it, on photos whose exposure the tests shift."""

import numpy as np
import pytest
from skimage import data

from xiutu.image.light import luma, to_linear, to_srgb
from xiutu.operators._exposure import FEATURES, exposure, features
from xiutu.operators.contrast_enhance import Params, apply

SIZES = [(1, 1), (1, 9), (9, 1), (2, 2), (10, 400), (400, 10), (37, 53)]


def _expose(photo: np.ndarray, shift: float) -> np.ndarray:
    return to_srgb(to_linear(photo) * np.float32(2**shift))


def _psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b.astype(float)) ** 2)))


@pytest.fixture(scope="module")
def photos() -> list[np.ndarray]:
    return [np.ascontiguousarray(photo) for photo in (data.astronaut(), data.chelsea())]


def test_the_net_puts_exposures_in_order(photos: list[np.ndarray]) -> None:
    for photo in photos:
        found = [exposure(_expose(photo, shift)) for shift in (-2, -1, 0, 1.5)]
        assert found == sorted(found)
        assert found[0] == pytest.approx(-2, abs=0.8)


@pytest.mark.parametrize("size", SIZES)
def test_features_are_finite_for_any_size(size: tuple[int, int]) -> None:
    found = features(np.full((*size, 3), 77, np.uint8))
    assert found.shape == (FEATURES,)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


@pytest.mark.parametrize("shift", [-2.0, -1.0, 1.5])
def test_a_wrong_exposure_is_put_right(photos: list[np.ndarray], shift: float) -> None:
    for photo in photos:
        shifted = _expose(photo, shift)
        assert _psnr(apply(shifted, Params()), photo) > _psnr(shifted, photo) + 2


def test_a_good_picture_barely_changes() -> None:
    for photo in (data.astronaut(), data.coffee()):
        assert np.abs(luma(apply(photo, Params())) - luma(photo)).mean() < 0.045


def test_a_backlit_subject_is_lifted_without_a_halo() -> None:
    rng = np.random.default_rng(0)
    sky, ground = 215, 22
    picture = np.full((300, 400, 3), sky, np.uint8)
    picture[120:] = ground
    picture = np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
    out = apply(picture, Params()).astype(float)
    below, above = out[130:].mean(axis=(1, 2)), out[:115].mean(axis=(1, 2))
    assert below.mean() > 1.3 * ground
    assert np.ptp(above) < 6
    assert np.ptp(below[:60]) < 6


def test_white_ground_stays_white() -> None:
    picture = np.full((200, 200, 3), 255, np.uint8)
    picture[60:140, 60:140] = (150, 90, 60)
    assert apply(picture, Params())[:40].min() >= 252


def test_strength_goes_from_nothing_to_all(photos: list[np.ndarray]) -> None:
    dark = _expose(photos[0], -2)
    np.testing.assert_array_equal(apply(dark, Params(strength=0.0)), dark)
    means = [apply(dark, Params(strength=s)).mean() for s in (0.0, 0.3, 0.7, 1.0)]
    assert means == sorted(means)
    assert means[-1] > 1.5 * means[0]


def test_grey_pictures_stay_grey(photos: list[np.ndarray]) -> None:
    for shift in (-2, 1):
        grey = np.repeat(_expose(photos[1], shift)[:, :, :1], 3, axis=2)
        assert np.ptp(apply(grey, Params()).astype(int), axis=2).max() == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fill", [0, 20, 128, 255, None])
def test_any_size_and_flat_pictures(size: tuple[int, int], fill: int | None) -> None:
    picture = np.random.default_rng(1).integers(0, 60, (*size, 3), dtype=np.uint8)
    if fill is not None:
        picture[:] = fill
    kept = picture.copy()
    out = apply(picture, Params())
    assert out.shape == picture.shape
    assert out.dtype == np.uint8
    np.testing.assert_array_equal(picture, kept)


def test_bands_leave_no_seams() -> None:
    """A smooth tall picture, many bands high, stays smooth."""
    ramp = np.linspace(10, 60, 3000)[:, None, None] * np.ones((1, 600, 3))
    out = apply(np.rint(ramp).astype(np.uint8), Params()).astype(int)
    assert np.abs(np.diff(out, axis=0)).max() <= 8
