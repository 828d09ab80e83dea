"""image_definition_enhance: truth is known, because the tests do the coding and the blurring."""

import cv2
import numpy as np
import pytest
from skimage import data

from tests.pictures import Array, noise, photo
from xiutu.errors import InvalidParameter
from xiutu.library import run
from xiutu.operators._nets.artefacts import restore
from xiutu.operators.image_definition_enhance import CAREFUL_PIXELS, Params, apply, enhance

SIZES = [(1, 1), (1, 9), (9, 1), (2, 2), (10, 400), (37, 53), (10, 5000)]


def _coded(picture: Array, quality: int) -> Array:
    ok, file = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    back = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(back[:, :, ::-1])


def _psnr(a: Array, b: Array) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((a.astype(float) - b) ** 2), 1e-9)))


def _sharpness(picture: Array) -> float:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(np.abs(cv2.Laplacian(grey, cv2.CV_64F)).mean())


@pytest.fixture(scope="module")
def scene() -> Array:
    return np.ascontiguousarray(data.astronaut()[:256, 100:400])


@pytest.mark.parametrize(("quality", "gain"), [(10, 0.8), (20, 0.8), (40, 0.8)])
@pytest.mark.parametrize("pixels", [1, CAREFUL_PIXELS + 1])
def test_artefacts_go(scene: Array, quality: int, gain: float, pixels: int) -> None:
    """R-100, by both networks."""
    bad = _coded(scene, quality)
    assert _psnr(enhance(bad, 0.5, pixels), scene) - _psnr(bad, scene) > gain


def test_shifted_grid_and_second_coding(scene: Array) -> None:
    """The block grid need not begin at the corner, and the last coding need not be the worst."""
    bad = _coded(_coded(scene, 15)[3:, 5:].copy(), 85)
    truth = scene[3:, 5:]
    assert _psnr(apply(bad, Params()), truth) - _psnr(bad, truth) > 0.5


@pytest.mark.parametrize("pixels", [1, CAREFUL_PIXELS + 1])
@pytest.mark.parametrize("quality", [85, 92])
def test_lightly_coded_pictures_gain_too(scene: Array, quality: int, pixels: int) -> None:
    """A net that is blind to quality takes too much from them."""
    bad = _coded(scene, quality)
    assert _psnr(enhance(bad, 0.0, pixels), scene) - _psnr(bad, scene) > 0.1


def test_clean_pictures_are_left_alone(scene: Array) -> None:
    for picture in (scene, photo()):
        assert _psnr(apply(picture, Params()), picture) > 38


def test_large_pictures_without_traces_of_coding_skip_the_network() -> None:
    sharp = noise(64, 48)
    np.testing.assert_array_equal(enhance(sharp, 0.0, 25_000_000), sharp)


def test_the_largest_spend_the_network_on_their_detail(scene: Array) -> None:
    """What lies beyond its pixels is smoothed: no worse than it came, and blocks are weaker."""
    down, across = np.mgrid[:256, :600]
    sky = (90 + down / 4 + 9 * np.sin(across / 50)).astype(np.uint8)[..., None]
    truth = np.hstack([np.tile(scene, (1, 2, 1)), np.repeat(sky, 3, axis=2)])
    bad = _coded(truth, 30)
    whole = restore(bad)
    part = restore(bad, most=bad.shape[0] * bad.shape[1] * 2 // 3)
    # 400 px: tiles as wide as a third of the picture.
    np.testing.assert_array_equal(part[:, :380], whole[:, :380])
    calm = (slice(None), slice(830, None))
    assert np.abs(part[calm].astype(int) - whole[calm]).max() > 0
    assert _psnr(part[calm], truth[calm]) > _psnr(bad[calm], truth[calm])


def test_mild_blur_is_undone(scene: Array) -> None:
    """R-100: sharper than the input, and nearer to the truth; more so with more detail."""
    soft = np.asarray(cv2.GaussianBlur(scene, (0, 0), 1.0), np.uint8)
    results = [apply(soft, Params(detail)) for detail in (0.0, 0.5, 1.0)]
    sharpness = [_sharpness(result) for result in results]
    assert sharpness[1] > 1.1 * _sharpness(soft)
    assert sharpness == sorted(sharpness)
    assert _psnr(results[1], scene) - _psnr(soft, scene) > 0.5


def test_detail_does_not_touch_sharp_or_badly_coded_pictures(scene: Array) -> None:
    drawn = np.full((120, 160, 3), 230, np.uint8)
    cv2.rectangle(drawn, (30, 30), (120, 90), (20, 40, 90), -1)
    for picture in (drawn, _coded(scene, 12)):
        plain = apply(picture, Params(0.0))
        np.testing.assert_array_equal(apply(picture, Params(1.0)), plain)


def test_tiles_leave_no_seams() -> None:
    """Larger than one tile: equal to a picture that is cut elsewhere."""
    picture = _coded(np.tile(photo(320, 240), (3, 3, 1)), 20)
    moved = enhance(picture[80:, 96:].copy(), 0.0, CAREFUL_PIXELS + 1).astype(int)
    whole = enhance(picture, 0.0, CAREFUL_PIXELS + 1)[80:, 96:].astype(int)
    assert np.abs(moved - whole)[48:, 48:].max() <= 2


def test_grey_pictures_stay_grey(scene: Array) -> None:
    grey = np.repeat(_coded(scene, 20)[:, :, 1:2], 3, axis=2)
    assert np.ptp(apply(grey, Params(1.0)).astype(int), axis=2).max() == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fill", [0, 255, None])
def test_any_size(size: tuple[int, int], fill: int | None) -> None:
    picture = noise(size[1], size[0]).copy()
    if fill is not None:
        picture[:] = fill
    kept = picture.copy()
    out = apply(picture, Params())
    assert out.shape == picture.shape
    assert out.dtype == np.uint8
    np.testing.assert_array_equal(picture, kept)
    if fill is not None:
        assert np.abs(out.astype(int) - fill).max() <= 1


@pytest.mark.parametrize("detail", [-0.1, 1.1, "much"])
def test_detail_is_checked(detail: object) -> None:
    with pytest.raises(InvalidParameter):
        run("image_definition_enhance", photo(), detail=detail)
