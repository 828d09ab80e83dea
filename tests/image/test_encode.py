"""What goes out: JPEG for JPEG, PNG otherwise."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.pictures import photo
from xiutu.image.decode import decode
from xiutu.image.encode import encode, encode_png
from xiutu.image.picture import Picture


def test_jpeg_in_jpeg_out_at_quality_95() -> None:
    data = encode(Picture(photo()), "jpeg")
    with Image.open(BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert sum(image.quantization[0]) < 400  # the tables of quality 95; those of 90 sum to 736
    assert np.abs(decode(data).rgb.astype(int) - photo()).mean() < 2.5


@pytest.mark.parametrize("source", ["png", "bmp", "webp", "gif", "tiff", "raw"])
def test_others_become_png(source: str) -> None:
    data = encode(Picture(photo()), source)
    assert data.startswith(b"\x89PNG")
    np.testing.assert_array_equal(decode(data).rgb, photo())


def test_alpha_forces_png() -> None:
    alpha = np.tile(np.arange(256, dtype=np.uint8), (240, 2))[:, :320].copy()
    back = decode(encode(Picture(photo(), alpha), "jpeg"))
    assert back.alpha is not None
    np.testing.assert_array_equal(back.alpha, alpha)


def test_grey_png_is_single_channel() -> None:
    grey = photo()[:, :, 1]
    with Image.open(BytesIO(encode_png(grey))) as image:
        assert image.mode == "L"
        np.testing.assert_array_equal(np.asarray(image), grey)
