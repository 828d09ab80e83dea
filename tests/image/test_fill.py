"""Filling: textures and structures go on, large holes keep fine detail, other holes stay untouched."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from xiutu.image import fill
from xiutu.image.fill import fill_hole
from xiutu.image.fill_balance import surroundings
from xiutu.image.fill_detail import enlarge, reduce

Rgb = NDArray[np.uint8]


def stripes(height: int = 128, width: int = 160, period: int = 16) -> Rgb:
    wave = 128 + 60 * np.sign(np.sin(2 * np.pi * np.arange(width) / period + 0.1))
    return np.repeat(np.tile(wave, (height, 1))[:, :, None], 3, axis=2).astype(np.uint8)


def square(shape: tuple[int, ...], top: int, left: int, side: int) -> NDArray[np.bool_]:
    hole = np.zeros(shape[:2], bool)
    hole[top : top + side, left : left + side] = True
    return hole


def test_stripes_go_on_through_the_hole() -> None:
    picture = stripes()
    hole = square(picture.shape, 40, 60, 36)
    spoiled = picture.copy()
    spoiled[hole] = (255, 0, 0)
    error = np.abs(fill_hole(spoiled, hole)[hole].astype(int) - picture[hole]).mean()
    telea = cv2.inpaint(spoiled, hole.astype(np.uint8), 5, cv2.INPAINT_TELEA)
    rival = np.abs(telea[hole].astype(int) - picture[hole]).mean()
    assert error < 12
    assert error < rival / 2


def test_texture_goes_on() -> None:
    rng = np.random.default_rng(4)
    grain = cv2.GaussianBlur(rng.normal(0, 60, (140, 180, 3)), (0, 0), 1.2)
    picture = np.clip(120 + grain, 0, 255).astype(np.uint8)
    hole = square(picture.shape, 50, 60, 40)
    inside = fill_hole(picture, hole)[58:82, 68:92].std()
    assert inside > 0.4 * picture.std()


def test_cells_keep_fine_detail_of_large_holes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "MOST_CELLS", 400)
    picture = stripes(192, 240, 12)
    picture[::2, ::3] -= 40
    hole = square(picture.shape, 60, 80, 60)
    spoiled = picture.copy()
    spoiled[hole] = 0
    result = fill_hole(spoiled, hole)
    np.testing.assert_array_equal(result[~hole], picture[~hole])
    fine = cv2.Laplacian(result[70:110, 90:130, 0].astype(np.float32), cv2.CV_32F).std()
    true = cv2.Laplacian(picture[70:110, 90:130, 0].astype(np.float32), cv2.CV_32F).std()
    assert fine > 0.25 * true


def test_scattered_holes_are_all_filled_and_only_they(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = stripes()
    hole = np.zeros(picture.shape[:2], bool)
    rng = np.random.default_rng(0)
    for top, left in zip(rng.integers(0, 120, 40), rng.integers(0, 150, 40), strict=True):
        hole[top : top + 5, left : left + 5] = True
    spoiled = picture.copy()
    spoiled[hole] = (0, 255, 0)
    for most in (40, 3):
        monkeypatch.setattr(fill, "MOST_GROUPS", most)
        result = fill_hole(spoiled, hole)
        np.testing.assert_array_equal(result[~hole], picture[~hole])
        green = result[hole][:, 1].astype(int) - result[hole][:, 0]
        assert np.abs(green).max() <= 1


def test_no_hidden_pixel_leaks_into_the_result() -> None:
    picture = stripes()
    hole = square(picture.shape, 30, 30, 50) | square(picture.shape, 90, 100, 20)
    one, other = picture.copy(), picture.copy()
    one[hole], other[hole] = 0, 255
    np.testing.assert_array_equal(fill_hole(one, hole), fill_hole(other, hole))


def test_no_hidden_pixel_leaks_through_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "MOST_CELLS", 300)
    picture = stripes()
    hole = square(picture.shape, 31, 33, 50) | square(picture.shape, 90, 101, 21)
    one, other = picture.copy(), picture.copy()
    one[hole], other[hole] = 0, 255
    np.testing.assert_array_equal(fill_hole(one, hole), fill_hole(other, hole))


@pytest.mark.parametrize(("height", "width", "size"), [(12, 20, 4), (13, 22, 5), (7, 3, 4)])
def test_cells_are_means_of_known_pixels(height: int, width: int, size: int) -> None:
    rng = np.random.default_rng(2)
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    hole = rng.random((height, width)) < 0.4
    cells = reduce(picture, hole, size)
    for i in range(-(-height // size)):
        for j in range(-(-width // size)):
            part = (slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size))
            known = ~hole[part]
            assert cells.known[i, j] == pytest.approx(known.mean())
            if known.any():
                np.testing.assert_allclose(
                    cells.mean[i, j], picture[part][known].mean(0), rtol=1e-5
                )


def test_enlarged_strips_join_without_a_seam() -> None:
    cells = np.random.default_rng(0).uniform(0, 255, (9, 7, 2)).astype(np.float32)
    whole = enlarge(cells, 6, 0, 9, 40)
    parts = [enlarge(cells, 6, first, first + 3, 40) for first in (0, 3, 6)]
    np.testing.assert_allclose(np.vstack(parts), whole, atol=1e-3)


def test_surroundings_tell_even_texture_from_two_sides() -> None:
    rng = np.random.default_rng(1)
    even = (128 + rng.normal(0, 10, (80, 80, 1))).repeat(3, axis=2).astype(np.float32)
    hole = square(even.shape, 25, 25, 30)
    contrast, variation = surroundings(even, hole)
    assert contrast[40, 40] == pytest.approx(10, rel=0.25)
    assert variation[40, 40] < 4
    split = even.copy()
    split[:, 40:] += 60
    assert surroundings(split, hole)[1][40, 40] > 20


@pytest.mark.parametrize("boldness", [0.0, 1.0])
def test_a_thin_hole_in_the_sky_stays_sky(boldness: float) -> None:
    """A dark mast elsewhere fits as well as long as nothing is known of the hole: the first guess must
    not be in its favour."""
    sky = np.linspace(150, 210, 240)[:, None, None] + np.array([0.0, 10.0, 30.0])
    picture = np.broadcast_to(sky, (240, 320, 3)).astype(np.uint8).copy()
    picture[:, 40:46] = 25
    hole = np.zeros((240, 320), bool)
    hole[:190, 200:212] = True
    hole[20:200, 280:292] = True
    spoiled = picture.copy()
    spoiled[hole] = 0
    error = np.abs(fill_hole(spoiled, hole, boldness)[hole].astype(int) - picture[hole])
    assert error.max() < 12
