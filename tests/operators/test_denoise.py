"""FFDNet: the strength scale, and that noise really goes."""

import numpy as np
import pytest

import xiutu
from tests.pictures import Array, photo
from xiutu.errors import InvalidParameter, MissingParameter


def _noisy(sigma: float) -> Array:
    noise = np.random.default_rng(0).normal(0, sigma, photo().shape)
    return np.clip(np.rint(photo() + noise), 0, 255).astype(np.uint8)


def _psnr(a: Array, b: Array) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


def test_zero_leaves_the_picture() -> None:
    """R-110."""
    np.testing.assert_array_equal(xiutu.run("denoise", photo(), option=0), photo())


@pytest.mark.parametrize(
    ("sigma", "option", "gain"), [(15, 40, 5.0), (25, 67, 7.5), (50, 133, 10.0)]
)
def test_noise_goes(sigma: float, option: int, gain: float) -> None:
    noisy = _noisy(sigma)
    result = xiutu.run("denoise", noisy, option=option)
    assert _psnr(result, photo()) - _psnr(noisy, photo()) > gain


def test_larger_is_stronger() -> None:
    """R-109."""
    roughness = [
        float(
            np.abs(np.diff(xiutu.run("denoise", _noisy(20), option=o).astype(int), axis=1)).mean()
        )
        for o in (0, 20, 60, 120, 200)
    ]
    assert roughness == sorted(roughness, reverse=True)


def test_option_is_checked() -> None:
    with pytest.raises(MissingParameter):
        xiutu.run("denoise", photo())
    for wrong in (-1, 201, "x"):
        with pytest.raises(InvalidParameter):
            xiutu.run("denoise", photo(), option=wrong)
