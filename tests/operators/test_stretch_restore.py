"""Stretched pictures get their proportions back; normal ones, and those nobody can judge, stay."""

import cv2
import numpy as np
import pytest
from skimage import data

import xiutu
from tests.pictures import Array, photo
from xiutu.errors import InvalidParameter
from xiutu.operators._stretch.estimate import GRID, Evidence, judged
from xiutu.operators._stretch.frame import log_density
from xiutu.operators._stretch.traces import BINS, spectra

PHOTOS = {
    "astronaut": np.ascontiguousarray(data.astronaut()[:384]),  # 4 : 3, as cameras have it
    "coffee": data.coffee(),
    "chelsea": data.chelsea(),
}


def _stretched(picture: Array, x: float, y: float) -> Array:
    size = (round(picture.shape[1] * x), round(picture.shape[0] * y))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC))


def _aspect(picture: Array) -> float:
    return picture.shape[1] / picture.shape[0]


@pytest.mark.parametrize("name", list(PHOTOS))
@pytest.mark.parametrize(("x", "y"), [(1.6, 1.0), (1.0, 1.6), (0.6, 1.0), (1.2, 0.75)])
def test_proportions_come_back(name: str, x: float, y: float) -> None:
    """R-092: within 15 % here; benchmarks/quality has the median over many photos."""
    picture = PHOTOS[name]
    before = _stretched(picture, x, y)
    kept = before.copy()
    after = xiutu.run("stretch_restore", before)
    np.testing.assert_array_equal(before, kept)
    np.testing.assert_array_equal(after, xiutu.run("stretch_restore", before))
    assert abs(np.log(_aspect(after) / _aspect(picture))) < np.log(1.15)
    squeezed = 0 if x > y else 1  # the axis that grows
    assert after.shape[squeezed] > before.shape[squeezed]
    assert after.shape[1 - squeezed] == before.shape[1 - squeezed]


@pytest.mark.parametrize("name", list(PHOTOS))
def test_normal_photos_stay(name: str) -> None:
    picture = PHOTOS[name]
    np.testing.assert_array_equal(xiutu.run("stretch_restore", picture), picture)


def test_nothing_to_judge_by() -> None:
    for picture in (np.full((90, 120, 3), 130, np.uint8), np.zeros((300, 300, 3), np.uint8)):
        np.testing.assert_array_equal(xiutu.run("stretch_restore", picture), picture)


def test_colours_stay() -> None:
    """Enlarging moves no colour: means agree, and grey stays grey."""
    before = _stretched(data.coffee(), 1.6, 1.0)
    after = xiutu.run("stretch_restore", before)
    np.testing.assert_allclose(after.mean((0, 1)), before.mean((0, 1)), atol=1)
    grey = np.dstack([before[:, :, 1]] * 3)
    assert np.ptp(xiutu.run("stretch_restore", grey), axis=2).max() == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (10, 700), (700, 10), (65, 33)])
def test_any_size(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 120, np.uint8)
    found = xiutu.run("stretch_restore", picture)
    assert found.shape[0] >= size[0]
    assert found.shape[1] >= size[1]


def _bell(middle: float, spread: float) -> np.ndarray:
    return -(((GRID - middle) / spread) ** 2) / 2


def test_verdict() -> None:
    """One certain witness is enough; none, or one that says "hardly", changes nothing."""
    flat = np.zeros(len(GRID))
    assert judged(Evidence(flat, flat, flat)) == 0
    assert judged(Evidence(_bell(0.02, 0.1), flat, flat)) == 0
    for stretch in (-0.5, 0.3):
        certain = _bell(stretch, 0.04)
        assert judged(Evidence(certain, flat, flat)) == pytest.approx(stretch, abs=0.02)
        assert judged(Evidence(flat, 2 * certain, flat)) == pytest.approx(stretch, abs=0.02)
    # A usual frame nearby is where the answer settles.
    unsure, frame = _bell(0.25, 0.12), log_density(np.log(2.0) - GRID, 500)
    assert judged(Evidence(unsure, flat, frame)) == pytest.approx(np.log(2 / 1.5), abs=0.02)


def test_usual_frames() -> None:
    usual = log_density(np.log([3 / 2, 4 / 3, 3 / 4]), 1000)
    odd = log_density(np.log([1.42, 1.22, 0.70]), 1000)
    assert (usual - odd > 1.5).all()
    fine = np.linspace(-3, 3, 60001)
    assert np.exp(log_density(fine, 1000)).sum() * 1e-4 == pytest.approx(1, abs=1e-3)


def test_traces_of_an_enlarged_side() -> None:
    """Softer along it, and periodic with the old pixels: 1.5 times has its peak at 1/3."""
    grey = cv2.cvtColor(photo(480, 360), cv2.COLOR_RGB2GRAY)
    wide = np.asarray(cv2.resize(grey, (720, 360), interpolation=cv2.INTER_LINEAR))
    rows, columns = spectra(wide)
    assert rows.shape == (3, BINS)
    assert rows[0, 96:].mean() < columns[0, 96:].mean() - 0.1
    peak = 4 + int(np.argmax(rows[1, 4:]))
    assert abs((peak + 1) / 256 - 1 / 3) < 0.01
    assert rows[1, peak] > columns[1, peak] + 1
    np.testing.assert_allclose(spectra(np.ascontiguousarray(wide.T)), spectra(wide)[::-1])


def test_it_has_no_parameters() -> None:
    with pytest.raises(InvalidParameter, match="ratio"):
        xiutu.run("stretch_restore", photo(), ratio=1)
