"""Opacity along edges and the subject's own colours, on pictures whose truth is known."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from xiutu.image.matting import draw_trimap, matte
from xiutu.image.matting_colours import subject_colours
from xiutu.image.matting_laplacian import Laplacian

Float = NDArray[np.float32]


def mixture(side: int = 240) -> tuple[NDArray[np.uint8], Float, Float]:
    """A red flower with soft, wavy petals on blue ground: picture, opacity, coarse mask."""
    y, x = np.mgrid[:side, :side].astype(np.float32) - side / 2
    angle = np.arctan2(y, x)
    edge = side * (0.3 + 0.03 * np.sin(9 * angle))
    opacity = np.clip((edge - np.hypot(x, y)) / 4 + 0.5, 0, 1).astype(np.float32)
    red, blue = np.array([200, 40, 30]), np.array([40, 70, 190])
    light = 1 + 0.15 * np.sin(x / 30)[:, :, None]
    picture = (opacity[:, :, None] * red + (1 - opacity[:, :, None]) * blue) * light
    coarse = cv2.GaussianBlur(opacity, (0, 0), side / 60)
    return np.clip(picture, 0, 255).astype(np.uint8), opacity, np.asarray(coarse, np.float32)


@pytest.mark.parametrize(("side", "tolerance"), [(240, 0.02), (1100, 0.02)])
def test_opacity_is_recovered(side: int, tolerance: float) -> None:
    """Also above the size at which it is solved."""
    picture, truth, coarse = mixture(side)
    found = matte(picture, coarse)
    band = cv2.dilate(((truth > 0) & (truth < 1)).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert np.abs(found - truth)[band].mean() < tolerance
    assert np.abs(coarse - truth)[band].mean() > 1.5 * np.abs(found - truth)[band].mean()
    assert np.minimum(found, 1 - found)[~band].max() < 0.1


def test_colours_are_those_of_the_subject() -> None:
    """The picture's edge is violet; the subject's is red, and fits the picture when put back."""
    picture, truth, _ = mixture()
    colours = subject_colours(picture, truth).astype(float)
    edge = (truth > 0.1) & (truth < 0.9)
    assert picture[edge, 2].mean() > 80
    assert colours[edge, 2].mean() < 45
    assert np.abs(colours[edge, 0] - 200).mean() < 40
    np.testing.assert_array_equal(colours[truth >= 1], picture[truth >= 1])
    far = cv2.dilate((truth > 0).astype(np.uint8), np.ones((11, 11), np.uint8)) == 0
    assert not colours[far].any()


def test_trimap_of_a_clear_mask() -> None:
    coarse = np.zeros((100, 100), np.float32)
    coarse[20:80, 20:80] = 1
    trimap = draw_trimap(coarse)
    assert trimap.subject[30:70, 30:70].all()
    assert trimap.background[:15].all()
    assert not (trimap.subject & trimap.background).any()
    assert 200 < trimap.unknown.sum() < 1500
    full = draw_trimap(np.ones((50, 50), np.float32))
    assert full.subject.all(), "the rim of the picture is no edge"


def test_laplacian_is_symmetric_and_knows_affine_colours() -> None:
    rng = np.random.default_rng(0)
    guide = rng.random((20, 24, 3)).astype(np.float32)
    laplacian = Laplacian(guide, 1, 1e-7)
    a, b = rng.random((2, 20, 24)).astype(np.float32)
    left, right = float((a * laplacian.times(b)).sum()), float((b * laplacian.times(a)).sum())
    assert left == pytest.approx(right, rel=1e-3)
    affine = (guide @ np.array([0.2, 0.5, -0.3]) + 0.1).astype(np.float32)
    assert np.abs(laplacian.times(affine)).max() < 5e-3
    assert float((a * laplacian.times(a)).sum()) > 0
