"""Format and size of a picture from its header alone; nothing is decoded.

Ground rule: limits are checked on what this module returns, so a decompression bomb never reaches a
decoder. The format is told by content, never by a name or a Content-Type. No library parses anything
here: this runs on the server's event loop, on bytes a stranger chose, and every walk is bounded.
"""

import struct
from dataclasses import dataclass

from xiutu.errors import EmptyPicture, TranscodeError, UnsupportedFormat
from xiutu.image import png_chunks
from xiutu.image.exif import (
    ORIENTATION,
    SWAPPED,
    first_directory,
    orientation_of,
    valid_orientation,
)
from xiutu.image.jpeg import scan_head

__all__ = ["Header", "read_header", "sniff"]

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"%PDF-", "pdf"),
)
# Sizes of the info headers that came after each other, OS/2 1.x first; they tell a BMP from a text that
# starts with the letters BM.
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
# Chunks before the pixels of a PNG, and of a WebP altogether: a dozen in files from real programs.
_MOST_CHUNKS = 2000
_EXIF_BYTES = 1 << 16  # what a JPEG segment can hold is enough elsewhere too
_TIFF_WIDTH, _TIFF_HEIGHT = 0x0100, 0x0101


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

    @property
    def stored_size(self) -> tuple[int, int]:
        """Width and height before the orientation is applied."""
        swapped = self.orientation in SWAPPED
        return (self.height, self.width) if swapped else (self.width, self.height)


def sniff(data: bytes) -> str | None:
    """Name of the format by its first bytes, or None: ``jpeg``, ``png``, ``bmp``, ``gif``, ``tiff``,
    ``webp`` or ``pdf``. Looks at 18 bytes at most.
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    return next((name for magic, name in _MAGIC if data.startswith(magic)), None)


def read_header(data: bytes) -> Header:
    """Read the header of a jpeg, png, bmp, gif, tiff or webp file.

    Raises ``EmptyPicture`` for no bytes, ``UnsupportedFormat`` for anything that is no such picture,
    ``TranscodeError`` when the file is recognised beyond doubt and its header is cut off or corrupt, and
    for sides of no pixels.
    """
    if not data:
        raise EmptyPicture
    kind = sniff(data)
    reader = _READERS.get(kind or "")
    if kind is None or reader is None:
        raise UnsupportedFormat(f"not a known picture: starts with {data[:8].hex()}")
    width, height, orientation = reader(data)
    if width < 1 or height < 1:
        raise TranscodeError(f"{kind} header: {width}x{height} px")
    if orientation in SWAPPED:
        width, height = height, width
    return Header(kind, width, height, orientation)


def _jpeg(data: bytes) -> tuple[int, int, int]:
    head = scan_head(data)
    return head.width, head.height, head.orientation


def _png(data: bytes) -> tuple[int, int, int]:
    if data[8:16] != b"\x00\x00\x00\x0dIHDR":
        raise UnsupportedFormat("png: no IHDR")
    if len(data) < 33:
        raise TranscodeError("png: cut off in IHDR")
    width, height = struct.unpack(">II", data[16:24])
    for kind, start, end in png_chunks.walk(data, _MOST_CHUNKS):
        if kind == b"IDAT":
            break
        if kind == b"eXIf":
            orientation = orientation_of(data[start : min(end, start + _EXIF_BYTES)])
            return width, height, orientation
    return width, height, 1


def _bmp(data: bytes) -> tuple[int, int, int]:
    core = data[14:18] == b"\x0c\x00\x00\x00"
    fields = data[18 : 22 if core else 26]
    if len(fields) != (4 if core else 8):
        raise TranscodeError("bmp: cut off in its header")
    width, height = struct.unpack("<HH" if core else "<ii", fields)
    return width, abs(height), 1  # negative: rows from the top


def _gif(data: bytes) -> tuple[int, int, int]:
    """Logical screen; what follows it and its colour table must start a block, or this is a text."""
    if len(data) < 13:
        raise UnsupportedFormat("gif: no screen descriptor")
    width, height, flags = struct.unpack("<HHB", data[6:11])
    first = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    if len(data) <= first:
        raise TranscodeError("gif: cut off in its header")
    if data[first] not in b"\x21\x2c\x3b":
        raise UnsupportedFormat("gif: no block after the screen descriptor")
    return width, height, 1


def _tiff(data: bytes) -> tuple[int, int, int]:
    found = first_directory(data, (_TIFF_WIDTH, _TIFF_HEIGHT, ORIENTATION))
    if _TIFF_WIDTH not in found or _TIFF_HEIGHT not in found:
        raise UnsupportedFormat("tiff: no directory with the sides of a picture")
    orientation = valid_orientation(found.get(ORIENTATION))
    return found[_TIFF_WIDTH], found[_TIFF_HEIGHT], orientation


def _webp(data: bytes) -> tuple[int, int, int]:
    """Canvas of a WebP file (RFC 9649): VP8X, VP8L or VP8 chunk."""
    chunk, body = data[12:16], data[20:30]
    if chunk not in (b"VP8X", b"VP8L", b"VP8 "):
        raise UnsupportedFormat("webp: no picture chunk")
    if len(body) == 10:
        if chunk == b"VP8X":
            width = 1 + int.from_bytes(body[4:7], "little")
            height = 1 + int.from_bytes(body[7:10], "little")
            return width, height, _webp_orientation(data)
        if chunk == b"VP8L" and body[0] == 0x2F:
            bits = int.from_bytes(body[1:5], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), 1
        if chunk == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
            width, height = struct.unpack("<HH", body[6:10])
            return width & 0x3FFF, height & 0x3FFF, 1
    raise TranscodeError("webp: cut off or corrupt header")


def _webp_orientation(data: bytes) -> int:
    """EXIF orientation of an extended WebP file, found by walking its RIFF chunks."""
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return 1
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"EXIF":
            return orientation_of(data[at + 8 : at + 8 + min(size, _EXIF_BYTES)])
        at += 8 + size + (size & 1)
    raise TranscodeError(f"webp: more than {_MOST_CHUNKS} chunks")


_READERS = {"jpeg": _jpeg, "png": _png, "bmp": _bmp, "gif": _gif, "tiff": _tiff, "webp": _webp}
