"""Sky: where it is, where none is, and edges that follow what stands before it."""

import cv2
import numpy as np
import pytest
from skimage import data

import xiutu
from tests.pictures import Array, photo
from xiutu.errors import InvalidParameter


def _maps(picture: Array) -> tuple[Array, Array]:
    found = xiutu.run("sky_seg", picture)
    assert isinstance(found, dict)
    assert set(found) == {"labelmap", "scoremap", "type"}
    assert found["type"] == "sky"
    score, label = np.asarray(found["scoremap"]), np.asarray(found["labelmap"])
    assert score.dtype == label.dtype == np.uint8
    assert score.shape == label.shape == picture.shape[:2]
    np.testing.assert_array_equal(label, score >= 128)
    return score, label


def _landscape(width: int = 640, height: int = 440) -> tuple[Array, Array]:
    """A pale blue sky behind a dark roof, a thin mast and a field; and where the sky is."""
    rows = np.linspace(0, 1, height)[:, None, None]
    picture = np.broadcast_to((95, 150, 220) + rows * (130, 80, 25), (height, width, 3)).copy()
    sky = np.ones((height, width), np.uint8)
    rng = np.random.default_rng(1)
    ground = int(height * 0.62)
    picture[ground:] = np.array((75, 98, 50)) + rng.normal(0, 16, (height - ground, width, 1))
    sky[ground:] = 0
    house = np.array([[0.2, 0.62], [0.2, 0.4], [0.35, 0.25], [0.5, 0.4], [0.5, 0.62]])
    mast = np.array([[0.745, 0.62], [0.75, 0.15], [0.755, 0.15], [0.76, 0.62]])
    for outline, colour in ((house, (96, 52, 44)), (mast, (40, 38, 36))):
        corners = np.rint(outline * (width, height)).astype(np.int32)
        cv2.fillPoly(picture, [corners], colour)
        cv2.fillPoly(sky, [corners], 0)
    picture += rng.normal(0, 2, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8), sky


def _overlap(found: Array, truth: Array) -> float:
    return float((found & truth).sum() / (found | truth).sum())


def test_edges_follow_the_roof() -> None:
    """R-121."""
    picture, sky = _landscape()
    before = picture.copy()
    score, label = _maps(picture)
    np.testing.assert_array_equal(picture, before)
    np.testing.assert_array_equal(score, _maps(picture)[0])
    assert _overlap(label, sky) > 0.96
    roof = np.s_[105:180, 120:330]
    assert _overlap(label[roof], sky[roof]) > 0.93
    assert label[150:230, 484:486].mean() < 0.5, "the mast"


def test_large_pictures_are_judged_alike() -> None:
    picture, sky = _landscape(2600, 1800)
    assert _overlap(_maps(picture)[1], sky) > 0.96


def test_a_photo_with_sky() -> None:
    """The cameraman stands before a grey one, the rocket before a dark blue one."""
    grey = data.camera()
    label = _maps(np.ascontiguousarray(np.dstack([grey] * 3)))[1]
    assert label[20:120, 400:500].mean() > 0.9
    assert label[20:120, 20:100].mean() > 0.9
    assert label[380:].mean() < 0.02
    assert label[200:300, 180:230].mean() < 0.05, "the coat"
    label = _maps(data.rocket())[1]
    assert label[30:100, 230:310].mean() > 0.95
    assert label[340:385, 316:324].mean() < 0.3, "the foot of the rocket"
    assert label[405:].mean() < 0.1


@pytest.mark.parametrize("picture", [photo(), data.chelsea(), data.astronaut()])
def test_no_sky_is_all_zero(picture: Array) -> None:
    score, label = _maps(np.ascontiguousarray(picture))
    assert not label.any()
    assert not score.any()


def test_flat_pictures_and_noise() -> None:
    for picture in (
        np.zeros((80, 120, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8),
    ):
        assert not _maps(picture)[1].any()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (10, 700), (700, 10), (65, 33)])
def test_any_size(size: tuple[int, int]) -> None:
    _maps(np.full((*size, 3), 120, np.uint8))


def test_it_has_no_parameters() -> None:
    with pytest.raises(InvalidParameter, match="strength"):
        xiutu.run("sky_seg", photo(), strength=1)
