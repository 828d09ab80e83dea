"""Formats and sizes told from headers alone."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.pictures import encoded, photo
from xiutu.errors import EmptyPicture, PictureError, TranscodeError, UnsupportedFormat
from xiutu.image.header import Header, read_header, sniff

FORMATS = ["JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP"]


@pytest.mark.parametrize("name", FORMATS)
def test_format_and_size_by_content(name: str) -> None:
    data = encoded(photo(37, 21), name)
    header = read_header(data)
    assert (header.format, header.width, header.height) == (name.lower(), 37, 21)
    assert header.pixels == 37 * 21
    assert sniff(data) == sniff(data[:18]) == name.lower()


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}, {"exact": True}])
def test_webp_variants(options: dict[str, object]) -> None:
    header = read_header(encoded(photo(300, 17), "WEBP", **options))
    assert (header.width, header.height) == (300, 17)


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 0}, {"dpi": (72, 72)}])
def test_jpeg_variants(options: dict[str, object]) -> None:
    header = read_header(encoded(photo(300, 17), "JPEG", **options))
    assert (header.width, header.height) == (300, 17)


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "maker"
    exif[0x0112] = orientation
    return exif


def test_extended_webp_with_alpha_and_exif() -> None:
    out = BytesIO()
    rgba = np.dstack([photo(30, 20), np.full((20, 30), 128, np.uint8)])
    Image.fromarray(rgba).save(out, "WEBP", exif=_exif(6).tobytes())
    header = read_header(out.getvalue())
    assert (header.width, header.height, header.orientation) == (20, 30, 6)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_swaps_sides(orientation: int, name: str) -> None:
    header = read_header(encoded(photo(40, 20), name, exif=_exif(orientation)))
    assert (header.width, header.height) == ((20, 40) if orientation >= 5 else (40, 20))
    assert header.orientation == orientation
    assert header.stored_size == (40, 20)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_illegal_orientation_counts_as_upright(orientation: int) -> None:
    data = encoded(photo(40, 20), "JPEG", exif=_exif(orientation).tobytes())
    assert read_header(data).orientation == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_of_exif(order: str) -> None:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, 6, 0)
    block = b"Exif\0\0" + mark + struct.pack(order + "IH", 8, 1) + entry + b"\0" * 4
    plain = encoded(photo(40, 20), "JPEG")
    data = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + plain[2:]
    assert read_header(data) == Header("jpeg", 20, 40, 6)
    torn = block[:20] + b"\xff" * (len(block) - 20)
    assert read_header(data.replace(block, torn)).orientation == 1


def test_bmp_variants() -> None:
    def bmp(info: bytes) -> bytes:
        return b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + info

    info = struct.pack("<IiiHHIIiiII", 40, 31, -17, 1, 24, 0, 0, 0, 0, 0, 0)
    assert read_header(bmp(info)) == Header("bmp", 31, 17)
    assert read_header(bmp(struct.pack("<IHHHH", 12, 31, 17, 1, 24))) == Header("bmp", 31, 17)
    with pytest.raises(TranscodeError):
        read_header(bmp(info[:10]))
    with pytest.raises(TranscodeError):
        read_header(bmp(struct.pack("<Iii", 40, -31, 17)))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(width: int, height: int, between: bytes = b"") -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = _chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + header + between + pixels


def test_a_bomb_is_measured_not_decoded() -> None:
    header = read_header(_png(50_000, 40_000))
    assert (header.width, header.height) == (50_000, 40_000)


def test_padding_in_a_jpeg_is_passed_over() -> None:
    """5 MB of fill bytes took seven seconds on the event loop; they are legal (T.81, B.1.1.2)."""
    plain = encoded(photo(40, 20), "JPEG")
    data = plain[:2] + b"\xff" * 5_000_000 + plain[2:]
    assert read_header(data) == Header("jpeg", 40, 20)


@pytest.mark.parametrize(
    "filler", [b"\xff\xe1\0\2", b"\xff\xfe\0\2", b"\xff\xd0", b"\xff\x00", b"a\xff\x01"]
)
def test_jpeg_segments_are_capped(filler: bytes) -> None:
    plain = encoded(photo(40, 20), "JPEG")
    first = 4 + int.from_bytes(plain[4:6], "big")
    assert read_header(plain[:first] + filler * 1900 + plain[first:]).width == 40
    with pytest.raises(TranscodeError, match="2000 segments"):
        read_header(plain[:first] + filler * 2000 + plain[first:])


def test_png_and_webp_chunks_are_capped() -> None:
    assert read_header(_png(9, 5, _chunk(b"tEXt", b"") * 1900)) == Header("png", 9, 5)
    with pytest.raises(TranscodeError, match="2000 chunks"):
        read_header(_png(9, 5, _chunk(b"tEXt", b"") * 2000))
    webp = encoded(photo(40, 20), "WEBP", exif=_exif(1))
    at = webp.index(b"EXIF")
    assert read_header(webp[:at] + b"junk\0\0\0\0" * 1900 + webp[at:]).width == 40
    with pytest.raises(TranscodeError, match="2000 chunks"):
        read_header(webp[:at] + b"junk\0\0\0\0" * 2000 + webp[at:])


def test_empty() -> None:
    with pytest.raises(EmptyPicture):
        read_header(b"")


@pytest.mark.parametrize(
    "data",
    [
        b"hello world",
        b"\x00" * 100,
        b"%PDF-1.7",
        b"<svg/>",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\x03 something else",
        b"\x89PNG\r\n\x1a\n",
        b"BM",
        b"BMW is a car maker in Munich, and its name starts like a bitmap",
        b"GIF89a",
        b"GIF89a is what the first six bytes of an animation say",
        b"II*\0junk",
        b"MM\0*\0\0\0\x08\0\0",
        b"RIFF\0\0\0\0WEBPjunk",
    ],
)
def test_no_picture(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat):
        read_header(data)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("length", [13, 16, 20])
def test_cut_off_header(name: str, length: int) -> None:
    with pytest.raises((TranscodeError, UnsupportedFormat)):
        read_header(encoded(photo(), name)[:length])


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_off_anywhere_is_an_error_or_a_header(name: str) -> None:
    data = encoded(photo(40, 20), name)
    for length in range(1, min(len(data), 700)):
        try:
            assert read_header(data[:length]) == Header(name.lower(), 40, 20)
        except PictureError:
            continue


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_headers_raise_nothing_else(name: str) -> None:
    plain = encoded(photo(40, 20), name, **({"exif": _exif(6)} if name != "GIF" else {}))
    random = np.random.default_rng(5)
    for _ in range(500):
        data = bytearray(plain[:700])
        for at in random.integers(0, len(data), 4):
            data[at] = random.integers(256)
        try:
            header = read_header(bytes(data))
        except PictureError:
            continue
        assert header.width > 0 and header.height > 0


def test_jpeg_cut_off_later_is_damaged() -> None:
    data = encoded(photo(40, 20), "JPEG")
    with pytest.raises(TranscodeError):
        read_header(data[:100])


def test_no_pixels() -> None:
    with pytest.raises(TranscodeError, match="0x7"):
        read_header(_png(0, 7))


def test_sniff_unknown() -> None:
    assert sniff(b"nothing") is None
    assert sniff(b"BM is not enough for a bitmap") is None
    assert sniff(b"") is None
