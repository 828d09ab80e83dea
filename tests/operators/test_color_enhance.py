"""color_enhance: dulled photos come back, good ones are left alone, greys stay grey."""

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data
from skimage.color import deltaE_ciede2000, rgb2lab

from xiutu.operators.color_enhance import Params, apply

Rgb = NDArray[np.uint8]
LUMA = np.array([0.299, 0.587, 0.114])


def photo(name: str) -> Rgb:
    return np.ascontiguousarray(getattr(data, name)()[::3, ::3, :3]).astype(np.uint8)


def dulled(rgb: Rgb, saturation: float, contrast: float, gains: tuple[float, ...]) -> Rgb:
    x = rgb / 255
    grey = (x @ LUMA)[:, :, None]
    x = 0.5 + contrast * (grey + saturation * (x - grey) - 0.5)
    return np.clip(np.rint(255 * x * np.array(gains)), 0, 255).astype(np.uint8)


def difference(a: Rgb, b: Rgb) -> float:
    return float(np.mean(deltaE_ciede2000(rgb2lab(a), rgb2lab(b))))


def chroma(rgb: Rgb) -> float:
    lab = rgb2lab(rgb)
    return float(np.hypot(lab[:, :, 1], lab[:, :, 2]).mean())


def test_dulled_photos_come_back() -> None:
    before, after = [], []
    for name in ("astronaut", "coffee", "chelsea"):
        clean = photo(name)
        dull = dulled(clean, 0.5, 0.7, (1.05, 1.0, 0.96))
        before.append(difference(dull, clean))
        after.append(difference(apply(dull, Params()), clean))
    assert sum(after) < 0.8 * sum(before)
    assert max(np.subtract(after, before)) < 0.5


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_good_photo_hardly_moves(name: str) -> None:
    clean = photo(name)
    assert difference(apply(clean, Params()), clean) < 8.0


def test_faded_colours_gain_chroma_and_contrast() -> None:
    dull = dulled(photo("astronaut"), 0.4, 0.7, (1, 1, 1))
    lively = apply(dull, Params())
    assert chroma(lively) > 1.5 * chroma(dull)
    assert lively.std() > 1.15 * dull.std()


def test_grey_picture_stays_exactly_grey() -> None:
    grey = np.repeat(photo("astronaut")[:, :, :1], 3, axis=2)
    out = apply(grey, Params())
    assert np.array_equal(out, np.repeat(out[:, :, :1], 3, axis=2))


def test_grey_patches_of_a_balanced_picture_get_no_cast() -> None:
    picture = photo("astronaut").copy()
    picture[:60] = np.linspace(20, 235, picture.shape[1])[None, :, None].astype(np.uint8)
    strip = apply(picture, Params())[:60].astype(int)
    assert int(np.ptp(strip, axis=2).max()) <= 6


def test_black_and_white_keep_their_ends() -> None:
    picture = photo("coffee").copy()
    picture[:20], picture[-20:] = 0, 255
    out = apply(picture, Params())
    assert out[:20].max() <= 3
    assert out[-20:].min() >= 250


def test_casts_are_reduced() -> None:
    before, after = [], []
    for name in ("astronaut", "coffee", "chelsea"):
        for gains in ((0.9, 1.0, 1.12), (1.12, 1.0, 0.9), (1.0, 0.92, 1.05)):
            picture = photo(name)
            picture[:40] = 150
            tinted = dulled(picture, 1.0, 1.0, gains)
            before.append(np.ptp(tinted[:40].reshape(-1, 3).mean(axis=0)))
            after.append(np.ptp(apply(tinted, Params())[:40].reshape(-1, 3).mean(axis=0)))
    assert sum(after) < 0.85 * sum(before)


def test_skin_is_not_overdone() -> None:
    skin = np.array([224, 172, 145])
    picture = dulled(photo("astronaut"), 0.5, 0.7, (1, 1, 1))
    picture[:40] = skin
    out = apply(picture, Params())[:40].reshape(-1, 3).mean(axis=0)
    spread = float(np.ptp(out))
    assert spread < 1.5 * float(np.ptp(skin))
    assert out[0] > out[1] > out[2]


def test_strength_zero_is_the_identity() -> None:
    picture = photo("chelsea")
    moved = apply(picture, Params(strength=0.0)).astype(int) - picture
    assert int(np.abs(moved).max()) <= 1 or float(np.abs(moved).mean()) < 0.3


def test_ramp_has_no_steps() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    picture = np.concatenate(
        [np.repeat(ramp, 64, axis=0), photo("astronaut")[:, :170].repeat(2, 1)[:, :256]]
    )
    out = apply(np.ascontiguousarray(picture), Params())[0].astype(int)
    steps = np.diff(out.mean(axis=1))
    assert steps.min() >= -1
    assert steps.max() <= 6


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (10, 5000), (5000, 10), (65, 7)])
def test_any_size(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    kept = picture.copy()
    first, second = apply(picture, Params()), apply(picture, Params())
    assert first.shape == picture.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert np.array_equal(picture, kept)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_flat_picture_stays_as_it_is(value: int) -> None:
    flat = np.full((20, 30, 3), value, np.uint8)
    assert np.abs(apply(flat, Params()).astype(int) - value).max() <= 2
