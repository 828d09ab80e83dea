"""Grey masks: what goes, what stays to the last bit, and what is blended."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.pictures import encoded, photo
from xiutu.image.decode import decode
from xiutu.image.fill import fill_hole
from xiutu.image.picture import Picture
from xiutu.image.soft_mask import blended_fill, grey_of, share_of

WIDTH, HEIGHT = 160, 120


def painted(kind: str) -> np.ndarray:
    """Masks as people make them, black where nothing was painted."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    disc = np.hypot(x - 60, y - 50)
    masks = {
        "disc": disc < 18,
        "ring": (disc < 30) & (disc > 22),
        "wire": np.abs(x - 1.2 * y) < 1.5,
        "dots": np.random.default_rng(3).random((HEIGHT, WIDTH)) < 0.02,
        "many": (x // 8 + y // 8) % 3 == 0,
        "corner": (x < 20) & (y < 30),
        "two fifths": y < HEIGHT * 0.4,
        "nothing": disc < -1,
        "pixel": (x == 3) & (y == 4),
    }
    return np.where(masks[kind], 255, 0).astype(np.uint8)


@pytest.mark.parametrize(
    "kind",
    ["disc", "ring", "wire", "dots", "many", "corner", "two fifths", "nothing", "pixel"],
)
def test_any_shape(kind: str) -> None:
    """R-237: any shape and number of regions, up to 40 %; the rest is identical."""
    mask, picture = painted(kind), photo(WIDTH, HEIGHT)
    before = picture.copy()
    out = blended_fill(picture, mask)
    assert np.array_equal(picture, before)
    assert np.array_equal(out[mask == 0], picture[mask == 0])
    assert np.array_equal(out, fill_hole(picture, mask > 0))


def test_soft_edges_are_blended() -> None:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    mask = np.clip(255 - 12 * np.maximum(np.hypot(x - 80, y - 60) - 15, 0), 0, 255)
    mask = mask.astype(np.uint8)
    picture = photo(WIDTH, HEIGHT)
    out, hard = blended_fill(picture, mask), fill_hole(picture, mask > 16)
    assert np.array_equal(out[mask <= 16], picture[mask <= 16])
    assert np.array_equal(out[mask >= 128], hard[mask >= 128])
    edge = (mask > 16) & (mask < 128)
    low, high = np.minimum(picture, hard)[edge], np.maximum(picture, hard)[edge]
    assert ((out[edge] >= low) & (out[edge] <= high)).all()
    middle = np.abs(mask.astype(int) - 72) <= 3
    expected = (picture[middle].astype(float) + hard[middle]) / 2
    assert np.abs(out[middle] - expected).mean() < 4


def test_greys() -> None:
    """A-85: white from 128 on; specks that JPEG leaves in black are black."""
    levels = np.array([[0, 16, 72, 128, 255]], np.uint8)
    assert share_of(levels).tolist() == [[0, 0, 0.5, 1, 1]]


def test_a_mask_saved_as_jpeg() -> None:
    """Far from the edge nothing is touched, although JPEG is not exact."""
    mask = painted("disc")
    grey = grey_of(decode(encoded(mask, "JPEG", quality=75)))
    out = blended_fill(photo(WIDTH, HEIGHT), grey)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    far = np.hypot(x - 60, y - 50) > 30
    assert np.array_equal(out[far], photo(WIDTH, HEIGHT)[far])


def test_masks_of_any_kind() -> None:
    """A-85: colour, one bit, 16 bit, and white paint on a transparent layer mean the same."""
    mask = painted("disc")
    layer = np.dstack([np.full_like(mask, 255)] * 3 + [mask])
    for image in (
        Image.fromarray(mask).convert("RGB"),
        Image.fromarray(mask).convert("1"),
        Image.fromarray(mask.astype(np.uint16) * 257),
        Image.fromarray(layer),
        Image.fromarray(mask).convert("P"),
    ):
        out = BytesIO()
        image.save(out, "PNG")
        assert np.array_equal(grey_of(decode(out.getvalue())), mask), image.mode


def test_fully_white_and_flat() -> None:
    white = np.full((HEIGHT, WIDTH), 255, np.uint8)
    assert blended_fill(photo(WIDTH, HEIGHT), white).shape == (HEIGHT, WIDTH, 3)
    assert grey_of(Picture(photo(WIDTH, HEIGHT))).shape == (HEIGHT, WIDTH)
