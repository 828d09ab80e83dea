"""Enlargement by two: exact size, better than bicubic on clean, noisy and compressed sources."""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import xiutu
from tests.pictures import Array, encoded, photo
from xiutu import settings
from xiutu.operators.image_quality_enhance import enlarge

EXACT, LARGE = 1, 3_000_000  # pixels that a picture is treated as having


@pytest.fixture(params=["true", "false"])
def bits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Large pictures' networks in 16-bit floats, where the processor has them, and in 8 bits."""
    monkeypatch.setenv("XIUTU_BFLOAT16", request.param)
    settings.load.cache_clear()
    yield
    monkeypatch.undo()
    settings.load.cache_clear()


def _half(picture: Array) -> Array:
    height, width = picture.shape[:2]
    small = Image.fromarray(picture).resize((width // 2, height // 2), Image.Resampling.BICUBIC)
    return np.asarray(small)


def _bicubic(picture: Array) -> Array:
    height, width = picture.shape[:2]
    return np.asarray(
        Image.fromarray(picture).resize((2 * width, 2 * height), Image.Resampling.BICUBIC)
    )


def _psnr(a: Array, b: Array) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (17, 40), (300, 200), (400, 1)])
def test_exactly_twice_as_large(size: tuple[int, int]) -> None:
    """R-091."""
    result = xiutu.run("image_quality_enhance", photo(*size))
    assert result.shape == (2 * size[1], 2 * size[0], 3)


@pytest.mark.parametrize("size", [(1, 1), (17, 40), (211, 209), (500, 15)])
def test_the_path_of_large_pictures_takes_any_size(size: tuple[int, int], bits: None) -> None:
    result = enlarge(photo(*size), LARGE)
    assert result.shape == (2 * size[1], 2 * size[0], 3)
    small = np.asarray(
        Image.fromarray(result).resize(size, Image.Resampling.BOX)  # tiles lie where they belong
    )
    assert np.abs(small.astype(int) - photo(*size)).mean() < 4


@pytest.mark.parametrize(
    ("damage", "gain"), [("none", 1.0), ("noise", 1.0), ("jpeg", 0.2), ("cropped jpeg", 0.2)]
)
@pytest.mark.parametrize("pixels", [EXACT, LARGE])
def test_beats_bicubic(damage: str, gain: float, pixels: int) -> None:
    truth = photo(480, 320)
    small = _half(truth)
    if damage == "noise":
        noise = np.random.default_rng(0).normal(0, 15, small.shape)
        small = np.clip(np.rint(small + noise), 0, 255).astype(np.uint8)
    elif "jpeg" in damage:
        top, left = (3, 5) if "cropped" in damage else (0, 0)
        larger = np.pad(small, ((top, 0), (left, 0), (0, 0)), mode="edge")
        coded = np.asarray(Image.open(BytesIO(encoded(larger, "JPEG", quality=30))))
        small = np.ascontiguousarray(coded[top:, left:])
    result = enlarge(small, pixels)
    assert _psnr(result, truth) - _psnr(_bicubic(small), truth) > gain


def test_checkerboard_does_not_diverge() -> None:
    """The harshest input there is: results stay near the range of what they came from."""
    board = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    grey = np.full((64, 64), 128, np.uint8)
    picture = np.dstack([np.hstack([board, grey])] * 3)
    flat = xiutu.run("image_quality_enhance", picture)[:, 180:].astype(int)
    assert np.abs(flat - 128).max() <= 6
