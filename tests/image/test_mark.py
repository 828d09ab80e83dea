"""The mark of generated pictures: legible at every size and on every ground, never outside the picture."""

import numpy as np
import pytest

from tests.pictures import noise, photo
from xiutu.image.mark import Place, draw_picture, draw_text
from xiutu.image.picture import Picture


def flat(width: int, height: int, grey: int) -> Picture:
    return Picture(np.full((height, width, 3), grey, np.uint8))


@pytest.mark.parametrize("grey", [0, 60, 128, 150, 200, 255])
@pytest.mark.parametrize("side", [240, 600, 2400])
def test_contrast_on_every_ground(grey: int, side: int) -> None:
    """R-243: text lower right, with far more contrast than can be overlooked."""
    out = draw_text(flat(side, side, grey)).rgb
    changed = np.argwhere((out != grey).any(axis=2))
    top, left = changed.min(axis=0)
    assert top > 0.88 * side and left > 0.4 * side
    part = out[top:, left:].astype(int)
    assert part.max() - part.min() > 150
    high = changed.max(axis=0)[0] - top + 1
    assert high >= max(13, 0.05 * side)


def test_on_the_worst_ground() -> None:
    """Half black, half white: every stroke has ink and rim, so both halves show both."""
    ground = flat(800, 600, 0).rgb.copy()
    ground[:, 690:] = 255
    out = draw_text(Picture(ground)).rgb.astype(int)
    text = out[555:, 560:790]
    assert (np.abs(text[:, :130] - 0) > 200).mean() > 0.05
    assert (np.abs(text[:, 130:] - 255) > 100).mean() > 0.1


@pytest.mark.parametrize("size", [13, 14, 17, 30])
def test_level_and_upright_strokes_are_crisp(size: int) -> None:
    """They cover whole pixels: the long strokes of a box are full or empty, not two greys."""
    side = size * 20
    out = draw_text(flat(side, side, 0)).rgb[:, :, 0].astype(int)
    rows = np.flatnonzero((out > 240).sum(axis=1))
    box = out[rows[0] :, :]
    full = (box > 240).sum(axis=0)
    assert (full >= 0.7 * size).sum() >= 4  # upright strokes that are white all the way down


def test_any_size_works() -> None:
    for width, height in ((1, 1), (3, 500), (500, 3), (20, 20), (60, 16), (90, 90), (5000, 8)):
        picture = Picture(noise(width, height))
        out = draw_text(picture)
        assert out.rgb.shape == picture.rgb.shape
        assert np.array_equal(picture.rgb, noise(width, height))  # never in place
    assert not np.array_equal(draw_text(flat(90, 20, 90)).rgb, flat(90, 20, 90).rgb)


def test_visible_on_transparent_ground() -> None:
    picture = Picture(photo(300, 200), np.zeros((200, 300), np.uint8), "png")
    out = draw_text(picture)
    assert out.alpha is not None and out.alpha[170:].max() == 255 and out.alpha[:150].max() == 0
    assert out.format == "png"


@pytest.mark.parametrize(
    ("place", "box"),
    [
        (Place(10, 20, 30, 40), (10, 20, 40, 60)),
        (Place(10, 20, 20), (10, 20, 30, 30)),
        (Place(10, 20, None, 10), (10, 20, 30, 30)),
        (Place(10, 20), (10, 20, 50, 40)),
        (Place(90, 70, 30, 30), (90, 70, 100, 80)),
        (Place(0, 0, 10**6, 10**6), (0, 0, 100, 80)),
        (Place(), (58, 58, 98, 78)),
    ],
)
def test_places(place: Place, box: tuple[int, int, int, int]) -> None:
    """R-244, A-86."""
    mark = Picture(np.full((20, 40, 3), 255, np.uint8))
    changed = np.argwhere(draw_picture(flat(100, 80, 0), mark, place).rgb[:, :, 0] > 0)
    top, left = changed.min(axis=0)
    bottom, right = changed.max(axis=0) + 1
    assert (left, top, right, bottom) == box
    assert len(changed) == (right - left) * (bottom - top)


def test_a_mark_that_is_too_large_is_made_to_fit() -> None:
    mark = Picture(np.full((400, 200, 3), 255, np.uint8))
    out = draw_picture(flat(100, 80, 0), mark, Place()).rgb
    changed = np.argwhere(out[:, :, 0] > 0)
    assert np.ptp(changed[:, 0]) + 1 == 80 and np.ptp(changed[:, 1]) + 1 == 40


def test_transparency_of_the_mark() -> None:
    alpha = np.zeros((10, 10), np.uint8)
    alpha[:, 5:] = 128
    mark = Picture(np.full((10, 10, 3), 255, np.uint8), alpha)
    out = draw_picture(flat(50, 50, 0), mark, Place(0, 0)).rgb[:10, :10, 0]
    assert (out[:, :5] == 0).all() and (abs(out[:, 5:].astype(int) - 128) <= 1).all()
