"""Format and size of a picture from its header alone; nothing is decoded.

Ground rule: limits are checked on what this module returns, so a decompression bomb never reaches a
decoder. The format is told by content, never by a name or a Content-Type.
"""

import struct
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from xiutu.errors import EmptyPicture, TranscodeError, UnsupportedFormat

__all__ = ["Header", "read_header", "sniff"]

# Orientations 5..8 of EXIF swap the sides (EXIF 2.32, tag 0x0112).
_SWAPPED = frozenset({5, 6, 7, 8})
_ORIENTATION = 0x0112

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"BM", "bmp"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"%PDF-", "pdf"),
)
_PILLOW = {"jpeg": "JPEG", "png": "PNG", "bmp": "BMP", "gif": "GIF", "tiff": "TIFF"}


@dataclass(frozen=True)
class Header:
    """What a header says. ``width`` and ``height`` are upright (EXIF orientation applied), in pixels."""

    format: str
    width: int
    height: int
    orientation: int = 1

    @property
    def pixels(self) -> int:
        return self.width * self.height


def sniff(data: bytes) -> str | None:
    """Name of the format by its first bytes, or None."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((name for magic, name in _MAGIC if data.startswith(magic)), None)


def read_header(data: bytes) -> Header:
    """Read the header of a jpeg, png, bmp, gif, tiff or webp file.

    Raises ``EmptyPicture`` for no bytes, ``UnsupportedFormat`` for anything that is no such picture,
    ``TranscodeError`` when the format is right and the header is cut off or corrupt.
    """
    if not data:
        raise EmptyPicture
    kind = sniff(data)
    if kind not in _PILLOW and kind != "webp":
        raise UnsupportedFormat(f"not a known picture: starts with {data[:8].hex()}")
    if kind == "webp":
        (width, height), orientation = _webp_size(data), _webp_orientation(data)
    else:
        width, height, orientation = _by_pillow(data, kind)
    if orientation in _SWAPPED:
        width, height = height, width
    return Header(kind, width, height, orientation)


def _by_pillow(data: bytes, kind: str) -> tuple[int, int, int]:
    try:
        with warnings.catch_warnings():
            # Pillow warns of (and refuses) large pictures here; our own limits come right after.
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=[_PILLOW[kind]]) as image:
                return *image.size, _orientation(image)
    except Image.DecompressionBombError:
        return *_without_bomb_check(data, kind), 1
    except Exception as error:  # any parser fault is the file's fault
        raise TranscodeError(f"unreadable {kind} header: {error}") from error


def _orientation(image: Image.Image) -> int:
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # getexif would decode the whole picture to look for a chunk at its end
    try:
        return _valid(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # a broken EXIF block must not cost the picture
        return 1


def _valid(orientation: object) -> int:
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _without_bomb_check(data: bytes, kind: str) -> tuple[int, int]:
    """Sides of a picture that is too large for Pillow's taste, read from fixed header fields."""
    if kind == "png":
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    # Other formats: a size no limit of ours allows, so that the caller answers "size", not "format".
    return 1 << 20, 1 << 20


def _webp_size(data: bytes) -> tuple[int, int]:
    """Canvas size of a WebP file (RFC 9649): VP8X, VP8L or VP8 chunk."""
    chunk, body = data[12:16], data[20:30]
    if len(body) == 10:
        if chunk == b"VP8X":
            return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
        if chunk == b"VP8L" and body[0] == 0x2F:
            bits = int.from_bytes(body[1:5], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        if chunk == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
            width, height = struct.unpack("<HH", body[6:10])
            return width & 0x3FFF, height & 0x3FFF
    raise TranscodeError("unreadable webp header")


def _webp_orientation(data: bytes) -> int:
    """EXIF orientation of an extended WebP file, found by walking its RIFF chunks."""
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"EXIF":
            exif = Image.Exif()
            try:
                exif.load(data[at + 8 : at + 8 + size])
                return _valid(exif.get(_ORIENTATION, 1))
            except Exception:  # as above
                return 1
        at += 8 + size + (size & 1)
    return 1
