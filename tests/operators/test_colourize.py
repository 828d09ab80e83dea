"""Colour for grey pictures; luminance, colour photos and coloured patches stay."""

import cv2
import numpy as np
import pytest
from skimage import data

import xiutu
from tests.pictures import Array, photo
from xiutu.errors import InvalidParameter
from xiutu.operators._chroma import decoded
from xiutu.operators._toned import own_colour
from xiutu.operators.colourize import _painted


def _grey(rgb: Array) -> Array:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))


def _lab(rgb: Array) -> np.ndarray:
    return cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _sepia(grey: Array) -> Array:
    """Brown tones, darker where the picture is, and paper that yellows to one side."""
    x = grey[:, :, :1] / 255.0
    tone = np.concatenate([x**0.85, x**1.05, x**1.3], axis=2) * np.array([1, 0.95, 0.82])
    tone[:, :, 2] *= np.linspace(1, 0.93, tone.shape[1])
    return np.rint(255 * tone).astype(np.uint8)


@pytest.mark.parametrize("picture", [photo(), data.astronaut()[::2, ::2], data.chelsea()])
def test_grey_comes_back_coloured_with_its_luminance(picture: Array) -> None:
    """R-072."""
    grey = _grey(np.ascontiguousarray(picture))
    before = grey.copy()
    result = xiutu.run("colourize", grey)
    np.testing.assert_array_equal(grey, before)
    np.testing.assert_array_equal(result, xiutu.run("colourize", grey))
    assert result.shape == grey.shape
    assert result.dtype == np.uint8
    lab, light = _lab(result), _lab(grey)[:, :, 0]
    assert np.linalg.norm(lab[:, :, 1:], axis=2).mean() > 5
    assert np.abs(lab[:, :, 0] - light).max() < 1.0  # rounding to 8 bits; more in deep shadow
    assert np.abs(lab[:, :, 0] - light).mean() < 0.15


def test_a_face_is_skin() -> None:
    face = xiutu.run("colourize", _grey(data.astronaut()))[90:180, 190:260]
    a, b = _lab(face)[:, :, 1:].reshape(-1, 2).mean(axis=0)
    assert a > 4
    assert b > 4


def test_colour_photos_are_left_alone() -> None:
    for picture in (photo(), data.astronaut(), data.chelsea()):
        np.testing.assert_array_equal(xiutu.run("colourize", picture), picture)


def test_tone_goes_before_colour_comes() -> None:
    """A sepia print gets about the colours its grey copy gets, not a brown mixture."""
    grey = _grey(data.astronaut()[::2, ::2])
    plain, toned = xiutu.run("colourize", grey), xiutu.run("colourize", _sepia(grey))
    assert not np.array_equal(toned, _sepia(grey))
    assert np.linalg.norm((_lab(plain) - _lab(toned))[:, :, 1:], axis=2).mean() < 6


def test_a_coloured_patch_in_a_monochrome_stays() -> None:
    grey = _grey(photo())
    grey[10:40, 270:300] = (200, 20, 30)  # a seal
    result = xiutu.run("colourize", grey)
    assert np.abs(result[15:35, 275:295].astype(int) - (200, 20, 30)).max() <= 3
    assert np.linalg.norm(_lab(result)[100:, :, 1:], axis=2).mean() > 3


def test_map_of_own_colours() -> None:
    grey = _grey(photo())
    assert own_colour(photo()) is None
    for monochrome in (grey, _sepia(grey)):
        found = own_colour(monochrome)
        assert found is not None
        assert found.max() < 0.02


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (10, 700), (700, 10), (65, 33)])
def test_any_size(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 120, np.uint8)
    assert xiutu.run("colourize", picture).shape == picture.shape


def test_black_and_white_stay() -> None:
    """No colour of sRGB is as dark as black or as bright as white."""
    picture = np.zeros((80, 80, 3), np.uint8)
    picture[:, 40:] = 255
    np.testing.assert_array_equal(xiutu.run("colourize", picture), picture)


@pytest.mark.parametrize("colour", [(60, 40), (10, -60), (-80, 80), (100, -100), (0, 0)])
def test_luminance_survives_colours_out_of_reach(colour: tuple[int, int]) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    wanted = np.broadcast_to(np.array(colour, np.float32), (1, 256, 2))
    found = _lab(_painted(ramp, wanted))
    assert np.abs(found[:, 20:, 0] - _lab(ramp)[:, 20:, 0]).max() < 0.5
    chroma = np.linalg.norm(found[0, 100:200, 1:], axis=1).max()
    assert chroma <= np.hypot(*colour) + 1
    if max(np.abs(colour)) <= 60:
        assert chroma > 0.9 * np.hypot(*colour)


def test_annealed_mean() -> None:
    """Equal chances give the mean; the more probable colour wins more than its share."""
    nodes = np.array([[0, 0], [40, 20]], np.float32)
    rarity = np.ones(2, np.float32)
    logits = np.log(np.array([[[0.5, 0.5]], [[0.3, 0.7]]], np.float32))
    even, uneven = decoded(logits, nodes, rarity)[:, 0]
    np.testing.assert_allclose(even, (20, 10), atol=1e-4)
    assert 0.7 * 40 < uneven[0] < 40
    rare = decoded(logits, nodes, np.array([1, 5], np.float32))[0, 0]
    assert rare[0] > 20


def test_it_has_no_parameters() -> None:
    with pytest.raises(InvalidParameter, match="strength"):
        xiutu.run("colourize", photo(), strength=1)
