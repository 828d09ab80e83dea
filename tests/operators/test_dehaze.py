"""dehaze: truth is known, because the tests put the haze in themselves."""

import numpy as np
import pytest
from skimage import data

from xiutu.operators._haziness import FEATURES, features, haziness
from xiutu.operators.dehaze import Params, apply

SIZES = [(1, 1), (1, 9), (9, 1), (2, 2), (10, 400), (400, 10), (37, 53)]


def _error(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.mean((a.astype(float) - b.astype(float)) ** 2)))


def _hazy(scene: np.ndarray, air: tuple[float, float, float]) -> np.ndarray:
    """Haze that thickens from the bottom (t = 0.9) to the top (t = 0.3)."""
    clear = np.linspace(0.3, 0.9, scene.shape[0])[:, None, None]
    return np.rint(scene * clear + np.array(air) * 255 * (1 - clear)).astype(np.uint8)


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return np.ascontiguousarray(data.chelsea())


@pytest.mark.parametrize("air", [(0.8, 0.8, 0.8), (0.74, 0.78, 0.85)])
def test_haze_is_taken_off(scene: np.ndarray, air: tuple[float, float, float]) -> None:
    hazy = _hazy(scene, air)
    before, after = _error(hazy, scene), _error(apply(hazy, Params()), scene)
    assert after < 0.6 * before


def test_strength_goes_from_nothing_to_all(scene: np.ndarray) -> None:
    hazy = _hazy(scene, (0.8, 0.8, 0.8))
    np.testing.assert_array_equal(apply(hazy, Params(strength=0.0)), hazy)
    moved = [_error(apply(hazy, Params(strength=s)), hazy) for s in (0.25, 0.5, 1.0)]
    assert 0 < moved[0] < moved[1] < moved[2]


def test_a_plain_overcast_sky_stays_bright_and_even() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(20, 90, (300, 400, 3), dtype=np.uint8)
    sky = np.linspace(190, 215, 150)[:, None, None] + rng.normal(0, 1.5, (150, 400, 1))
    picture[:150] = np.rint(sky)
    out = apply(picture, Params())
    assert out[:120].mean() > picture[:120].mean() - 12
    # Noise of the sky is not blown up: the residue is bounded, not divided by the transmission.
    assert np.diff(out[:100].astype(float), axis=1).std() < 2.2 * 1.5 * np.sqrt(2)


def test_a_white_frame_does_not_change_what_counts_as_haze(scene: np.ndarray) -> None:
    hazy = _hazy(scene, (0.6, 0.6, 0.6))
    framed = np.pad(hazy, ((12, 12), (12, 12), (0, 0)), constant_values=255)
    out = apply(framed, Params())
    assert out[:10].min() >= 250
    inside = out[12:-12, 12:-12]
    assert _error(inside[40:-40, 40:-40], apply(hazy, Params())[40:-40, 40:-40]) < 20


@pytest.mark.parametrize("name", ["chelsea", "astronaut", "coffee", "rocket"])
def test_clear_photos_are_told_from_hazy_ones(name: str) -> None:
    photo = np.ascontiguousarray(getattr(data, name)()[:, :, :3])
    clear, hazy = haziness(photo), haziness(_hazy(photo, (0.85, 0.86, 0.88)))
    assert clear < 0.4
    assert hazy > clear + 0.35


def test_clear_photos_hardly_change() -> None:
    for photo in (data.chelsea(), data.astronaut(), data.coffee()):
        assert _error(apply(np.ascontiguousarray(photo), Params()), photo) < 16


def test_distant_blue_does_not_turn_gaudy() -> None:
    """Mountains behind bluish air come nearer, not bluer."""
    rng = np.random.default_rng(0)
    picture = np.full((300, 400, 3), (225, 232, 240), np.uint8)
    picture[120:220] = (140, 165, 190)
    picture[220:] = rng.integers(10, 70, (80, 400, 3))
    out = apply(picture, Params())[150:190].reshape(-1, 3).mean(axis=0)
    assert out.mean() < 150
    assert (out.max() - out.min()) / out.max() < 0.5


@pytest.mark.parametrize("size", SIZES)
def test_figures_are_finite_for_any_size(size: tuple[int, int]) -> None:
    for value in (0, 77, 255):
        found = features(np.full((*size, 3), value, np.uint8))
        assert found.shape == (FEATURES,)
        assert found.dtype == np.float32
        assert np.isfinite(found).all()


def test_grey_pictures_stay_grey(scene: np.ndarray) -> None:
    grey = np.repeat(_hazy(scene, (0.8, 0.8, 0.8))[:, :, :1], 3, axis=2)
    out = apply(grey, Params()).astype(int)
    assert np.ptp(out, axis=2).max() <= 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fill", [0, 128, 255, None])
def test_any_size_and_flat_pictures(size: tuple[int, int], fill: int | None) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    if fill is not None:
        picture[:] = fill
    kept = picture.copy()
    out = apply(picture, Params())
    assert out.shape == picture.shape
    assert out.dtype == np.uint8
    np.testing.assert_array_equal(picture, kept)


def test_bands_leave_no_seams() -> None:
    """A picture many bands high equals, up to sampling, the same picture at a one-band size."""
    rng = np.random.default_rng(2)
    coarse = rng.integers(60, 200, (8, 2, 3), dtype=np.uint8)
    tall = np.repeat(np.repeat(coarse, 375, axis=0), 300, axis=1)
    out = apply(tall, Params()).astype(int)
    inside = np.abs(np.diff(out, axis=0))
    edges = np.arange(1, 8) * 375 - 1
    calm = np.delete(inside, np.concatenate([edges + k for k in range(-25, 26)]), axis=0)
    assert calm.max() <= 3
