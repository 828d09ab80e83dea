"""What a coded picture tells of the one before it: quality, grid, and where coefficients may lie."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from skimage import data

from tests.pictures import Array, encoded
from xiutu.operators._nets.coding import Coding, coding, consistent, trusted
from xiutu.operators._nets.dct import basis, steps


@pytest.fixture(scope="module")
def scene() -> Array:
    return np.ascontiguousarray(data.astronaut()[:256, 100:400])


def _coded(picture: Array, quality: int) -> Array:
    return np.asarray(Image.open(BytesIO(encoded(picture, "JPEG", quality=quality))))


def _error(a: Array, b: Array) -> float:
    return float(np.square(a.astype(np.float64) - b).mean())


def test_quality_and_grid_are_found(scene: Array) -> None:
    bad = _coded(scene, 40)
    assert coding(bad) == Coding(40)
    assert coding(np.ascontiguousarray(bad[3:, 5:])) == Coding(40, 5, 3)
    assert coding(scene) is None


def test_basis_and_steps_are_those_of_jpeg() -> None:
    np.testing.assert_allclose(basis() @ basis().T, np.eye(8), atol=1e-6)
    coded = Image.open(BytesIO(encoded(np.zeros((8, 8, 3), np.uint8), "JPEG", quality=40)))
    np.testing.assert_array_equal(steps(40).ravel(), coded.quantization[0])


@pytest.mark.parametrize("crop", [(0, 0), (3, 5)])
def test_what_no_coding_would_have_made_goes(scene: Array, crop: tuple[int, int]) -> None:
    """A result that is wrong beyond a step comes nearer to the truth; pixels off the grid stay."""
    top, left = crop
    bad, truth = _coded(scene, 20)[top:, left:], scene[top:, left:].astype(np.float32)
    rng = np.random.default_rng(0)
    wrong = truth + np.float32(0.5) * rng.normal(0, 12, (*truth.shape[:2], 1)).astype(np.float32)
    coded = Coding(20, -top % 8, -left % 8)
    better = consistent(bad, wrong, coded)
    assert _error(better, truth) < _error(wrong, truth)
    edge = np.s_[: coded.top] if coded.top else np.s_[256:]
    np.testing.assert_array_equal(better[edge], wrong[edge])
    again = consistent(bad, better, coded)
    assert np.abs(again - better).max() < 0.5, "once is enough"


def test_worse_coding_before_and_light_coding_are_left_alone(scene: Array) -> None:
    twice = _coded(_coded(scene, 8)[3:, 5:], 60)
    truth = scene[3:, 5:].astype(np.float32)
    assert consistent(twice, truth, Coding(60)) is truth
    light = scene.astype(np.float32) + 9
    np.testing.assert_array_equal(consistent(scene, light, Coding(90)), light)


@pytest.mark.parametrize("size", [(1, 1), (7, 40), (8, 8), (9, 15)])
def test_any_size(size: tuple[int, int]) -> None:
    picture = np.zeros((*size, 3), np.uint8)
    levels = np.full(picture.shape, 3.0, np.float32)
    assert consistent(picture, levels, Coding(20, 3, 5)).shape == picture.shape


def test_trust_falls_with_quality(scene: Array) -> None:
    clean = np.full_like(scene, 255)
    moved = [_error(trusted(scene, clean, Coding(quality)), scene) for quality in (20, 75, 92)]
    assert moved[0] > moved[1] > moved[2] > 0
    np.testing.assert_array_equal(trusted(scene, clean, Coding(20)), clean)
