"""Every colour mode becomes upright 8-bit sRGB with alpha apart."""

import zlib
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.pictures import encoded, photo
from xiutu.errors import TranscodeError
from xiutu.image.decode import decode
from xiutu.image.from_pillow import upright
from xiutu.image.header import read_header
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


def _jpeg(**options: object) -> bytes:
    return encoded(photo(), "JPEG", quality=90, **options)


def _first_segment_end(data: bytes) -> int:
    return 4 + int.from_bytes(data[4:6], "big")


@pytest.mark.parametrize("progressive", [False, True])
def test_stray_bytes_in_a_jpeg(progressive: bool) -> None:
    """Every viewer opens these; a strict decoder refuses them."""
    plain = _jpeg(progressive=progressive)
    due = decode(plain).rgb
    at, scan = _first_segment_end(plain), plain.index(b"\xff\xda")
    for odd in (
        plain[:-2] + b"\0\1" + plain[-2:],
        plain[:at] + b"\0\1" + plain[at:],
        plain[:scan] + b"\7" + plain[scan:],
        plain[:at] + b"\0" + plain[at:scan] + b"\xff" * 9 + plain[scan:-2] + b"x" + plain[-2:],
    ):
        np.testing.assert_array_equal(decode(odd).rgb, due)
        # Tolerance of stray bytes is none of a missing end.
        with pytest.raises(TranscodeError):
            decode(odd[: len(odd) // 2])
        with pytest.raises(TranscodeError):
            decode(odd[: len(odd) * 9 // 10])


def test_stray_bytes_between_scans() -> None:
    plain = _jpeg(progressive=True)
    second = plain.index(b"\xff\xc4", plain.index(b"\xff\xda"))
    odd = plain[:second] + b"\0\1" + plain[second:]
    np.testing.assert_array_equal(decode(odd).rgb, decode(plain).rgb)
    with pytest.raises(TranscodeError):
        decode(odd[: len(odd) * 9 // 10])


@pytest.mark.parametrize("progressive", [False, True])
def test_a_closed_but_short_jpeg_is_damaged(progressive: bool) -> None:
    data = _jpeg(progressive=progressive)
    with pytest.raises(TranscodeError):
        decode(data[: len(data) // 2] + b"\xff\xd9")


def test_bytes_after_the_end_of_a_jpeg() -> None:
    """Motion photos and multi-picture files go on after the first picture."""
    plain, other = _jpeg(), encoded(photo(40, 30), "JPEG")
    junk = np.random.default_rng(1).bytes(100_000)
    for data in (plain + junk, plain + other, plain + b"\0"):
        np.testing.assert_array_equal(decode(data).rgb, decode(plain).rgb)


def test_padded_jpeg() -> None:
    plain = _jpeg()
    padded = plain[:2] + b"\xff" * 1_000_000 + plain[2:]
    np.testing.assert_array_equal(decode(padded).rgb, decode(plain).rgb)


def test_scans_of_a_jpeg_are_capped() -> None:
    data = _jpeg(progressive=True)
    last = data.rindex(b"\xff\xda")
    with pytest.raises(TranscodeError, match="1000 scans"):
        decode(data[:-2] + data[last : last + 10] * 1001 + data[-2:])


def test_chunks_of_a_png_are_capped() -> None:
    data = encoded(photo())
    end = data.rindex(b"IEND") - 4
    empty = b"\0\0\0\0tEXt" + zlib.crc32(b"tEXt").to_bytes(4, "big")
    np.testing.assert_array_equal(decode(data[:end] + empty * 100 + data[end:]).rgb, photo())
    with pytest.raises(TranscodeError, match="20000 chunks"):
        decode(data[:end] + empty * 20_000 + data[end:])


def test_a_second_size_is_not_followed() -> None:
    """Limits were checked on the header's size; whatever else the file says must not be decoded."""
    for name in ("JPEG", "PNG", "WEBP", "BMP", "TIFF"):
        data = encoded(photo(40, 20), name)
        with pytest.raises(TranscodeError, match="contradict"):
            decode(data, replace(read_header(data), width=41))


def _red_for_blue() -> bytes:
    """Profile with red and blue primaries exchanged: nobody can miss it."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")
    return data.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))


def test_profile_of_a_jpeg_in_parts() -> None:
    profile = _red_for_blue()
    whole = encoded(photo(), "JPEG", quality=95, icc_profile=profile)
    swapped = decode(whole).rgb
    assert np.abs(swapped[:, :, ::-1].astype(int) - photo()).mean() < 6
    plain, half = encoded(photo(), "JPEG", quality=95), len(profile) // 2

    def part(number: int, count: int, body: bytes) -> bytes:
        body = b"ICC_PROFILE\0" + bytes([number, count]) + body
        return b"\xff\xe2" + (len(body) + 2).to_bytes(2, "big") + body

    first, second = part(1, 2, profile[:half]), part(2, 2, profile[half:])
    np.testing.assert_array_equal(decode(plain[:2] + second + first + plain[2:]).rgb, swapped)
    # A missing part costs the profile, not the picture.
    np.testing.assert_array_equal(decode(plain[:2] + first + plain[2:]).rgb, decode(plain).rgb)


@pytest.mark.parametrize("transform", [0, 2])
def test_cmyk_and_ycck_as_pillow_reads_them(transform: int) -> None:
    data = bytearray(_save(Image.fromarray(photo()).convert("CMYK"), "JPEG", quality=95))
    data[data.index(b"Adobe") + 11] = transform
    with Image.open(BytesIO(bytes(data))) as image:
        due = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(decode(bytes(data)).rgb, due)


def test_grey_jpeg() -> None:
    data = _save(Image.fromarray(photo()).convert("L"), "JPEG", quality=95)
    with Image.open(BytesIO(data)) as image:
        np.testing.assert_array_equal(decode(data).rgb, np.dstack([np.asarray(image)] * 3))


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_once_in_every_format(name: str, orientation: int) -> None:
    """Pillow turns TIFFs on its own: they must not be turned twice."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if name == "WEBP" else {}
    found = decode(encoded(photo(48, 32), name, exif=exif, **options)).rgb
    due = upright(decode(encoded(photo(48, 32), name, **options)).rgb, orientation)
    np.testing.assert_array_equal(found, due)


def test_one_pixel() -> None:
    picture = decode(encoded(np.array([[[1, 2, 3]]], np.uint8)))
    assert picture.size == (1, 1)
    assert isinstance(picture, Picture)
