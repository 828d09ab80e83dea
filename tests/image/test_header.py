"""Formats and sizes told from headers alone."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.pictures import encoded, photo
from xiutu.errors import EmptyPicture, TranscodeError, UnsupportedFormat
from xiutu.image.header import read_header, sniff


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("JPEG", "jpeg"),
        ("PNG", "png"),
        ("BMP", "bmp"),
        ("GIF", "gif"),
        ("TIFF", "tiff"),
        ("WEBP", "webp"),
    ],
)
def test_format_and_size_by_content(name: str, kind: str) -> None:
    header = read_header(encoded(photo(37, 21), name))
    assert (header.format, header.width, header.height) == (kind, 37, 21)
    assert header.pixels == 37 * 21


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}, {"exact": True}])
def test_webp_variants(options: dict[str, object]) -> None:
    header = read_header(encoded(photo(300, 17), "WEBP", **options))
    assert (header.width, header.height) == (300, 17)


def test_extended_webp_with_alpha_and_exif() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = BytesIO()
    rgba = np.dstack([photo(30, 20), np.full((20, 30), 128, np.uint8)])
    Image.fromarray(rgba).save(out, "WEBP", exif=exif.tobytes())
    header = read_header(out.getvalue())
    assert (header.width, header.height, header.orientation) == (20, 30, 6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_swaps_sides(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    header = read_header(encoded(photo(40, 20), "JPEG", exif=exif.tobytes()))
    assert (header.width, header.height) == ((20, 40) if orientation >= 5 else (40, 20))
    assert header.orientation == orientation


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_illegal_orientation_counts_as_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert read_header(encoded(photo(40, 20), "JPEG", exif=exif.tobytes())).orientation == 1


def _png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    idat = b"IDAT" + zlib.compress(b"\0" * 64)
    tail = struct.pack(">I", len(idat) - 4) + idat + struct.pack(">I", zlib.crc32(idat))
    return b"\x89PNG\r\n\x1a\n" + chunk + tail


def test_a_bomb_is_measured_not_decoded() -> None:
    header = read_header(_png_header(50_000, 40_000))
    assert (header.width, header.height) == (50_000, 40_000)


def test_empty() -> None:
    with pytest.raises(EmptyPicture):
        read_header(b"")


@pytest.mark.parametrize(
    "data", [b"hello world", b"\x00" * 100, b"%PDF-1.7", b"<svg/>", b"\xff\xd8"]
)
def test_no_picture(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat):
        read_header(data)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("length", [13, 16, 20])
def test_cut_off_header(name: str, length: int) -> None:
    with pytest.raises((TranscodeError, UnsupportedFormat)):
        read_header(encoded(photo(), name)[:length])


def test_sniff_unknown() -> None:
    assert sniff(b"nothing") is None
