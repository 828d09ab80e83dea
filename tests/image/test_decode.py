"""Every colour mode becomes upright 8-bit sRGB with alpha apart."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.pictures import encoded, photo
from xiutu.errors import TranscodeError
from xiutu.image.decode import decode
from xiutu.image.picture import Picture


def _save(image: Image.Image, name: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_are_exact(name: str) -> None:
    picture = decode(encoded(photo(), name))
    assert picture.alpha is None
    assert picture.rgb.flags.c_contiguous
    np.testing.assert_array_equal(picture.rgb, photo())


def test_jpeg_is_close() -> None:
    picture = decode(encoded(photo(), "JPEG", quality=95, subsampling=0))
    assert np.abs(picture.rgb.astype(int) - photo()).mean() < 2
    assert picture.format == "jpeg"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_modes(mode: str, name: str) -> None:
    grey = Image.fromarray(photo()).convert("L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
        expected, tolerance = np.asarray(grey), 0.0
    elif mode == "1":
        image = grey.convert("1")
        expected, tolerance = np.asarray(image.convert("L")), 0.0
    elif mode == "P":
        image = Image.fromarray(photo()).convert("P", palette=Image.Palette.ADAPTIVE)
        expected, tolerance = np.asarray(image.convert("RGB")), 0.0
    else:
        image = Image.fromarray(photo()).convert("L" if mode == "LA" else "RGB").convert(mode)
        expected, tolerance = np.asarray(image.convert("RGB")), 0.0
    rgb = decode(_save(image, name)).rgb
    assert rgb.shape == (240, 320, 3)
    if expected.ndim == 2:
        expected = np.dstack([expected] * 3)
    assert np.abs(rgb.astype(int) - expected).max() <= tolerance


def test_transparent_palette_and_alpha() -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.putpixel((0, 0), 0)
    picture = decode(_save(image, "PNG", transparency=0))
    assert picture.alpha is not None
    assert picture.alpha[0, 0] == 0 and picture.alpha[1, 1] == 255
    np.testing.assert_array_equal(picture.rgb[1, 1], [255, 0, 0])


def test_opaque_alpha_is_dropped() -> None:
    rgba = np.dstack([photo(), np.full((240, 320), 255, np.uint8)])
    assert decode(encoded(rgba)).alpha is None


def test_cmyk_jpeg() -> None:
    image = Image.fromarray(photo()).convert("CMYK")
    rgb = decode(_save(image, "JPEG", quality=95)).rgb
    assert np.abs(rgb.astype(int) - photo()).mean() < 4


def test_sixteen_bit_rgb_png() -> None:
    import cv2

    wide = photo()[:, :, ::-1].astype(np.uint16) * 257
    done, data = cv2.imencode(".png", wide)
    assert done
    np.testing.assert_array_equal(decode(data.tobytes()).rgb, photo())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(photo(48, 32), "PNG", exif=exif)
    with Image.open(BytesIO(data)) as image:
        from PIL import ImageOps

        expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(decode(data).rgb, expected)


def test_first_frame_of_an_animation() -> None:
    red, blue = Image.new("RGB", (9, 9), "red"), Image.new("RGB", (9, 9), "blue")
    data = _save(red, "GIF", save_all=True, append_images=[blue])
    np.testing.assert_array_equal(decode(data).rgb[4, 4], [255, 0, 0])


def test_wide_gamut_profile_is_converted() -> None:
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = decode(encoded(photo(), "PNG", icc_profile=srgb)).rgb
    np.testing.assert_array_equal(same, photo())
    # A LAB profile on RGB data is nonsense: it must not cost the picture.
    odd = decode(encoded(photo(), "PNG", icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())).rgb
    np.testing.assert_array_equal(odd, photo())


def test_broken_profile_is_ignored() -> None:
    rgb = decode(encoded(photo(), "PNG", icc_profile=b"not a profile")).rgb
    np.testing.assert_array_equal(rgb, photo())


@pytest.mark.parametrize("name", ["JPEG", "PNG", "BMP", "WEBP"])
def test_truncated_body(name: str) -> None:
    data = encoded(photo(), name)
    with pytest.raises(TranscodeError):
        decode(data[: len(data) // 2])


def test_one_pixel() -> None:
    picture = decode(encoded(np.array([[[1, 2, 3]]], np.uint8)))
    assert picture.size == (1, 1)
    assert isinstance(picture, Picture)
