"""Walks the marker segments of a JPEG up to its first scan (ITU-T T.81, annex B); decodes nothing.

The walk is bounded in steps, because it happens on the server's event loop: runs of padding are passed
over by one regular expression, and a file with more than 2000 segments is refused.
"""

import re
import struct
from dataclasses import dataclass

from xiutu.errors import TranscodeError, UnsupportedFormat
from xiutu.image.exif import orientation_of

__all__ = ["MOST_SEGMENTS", "JpegHead", "scan_head"]

MOST_SEGMENTS = 2000

# Possessive: one pass over the run, no backtracking.
_PADDING = re.compile(rb"\xff++")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM and RSTn carry no length
_EOI, _SOS, _APP1, _APP2 = 0xD9, 0xDA, 0xE1, 0xE2
_EXIF, _ICC = b"Exif\x00\x00", b"ICC_PROFILE\x00"


@dataclass(frozen=True)
class JpegHead:
    """What stands before the first scan. Sides are as stored, before the orientation is applied.

    ``segments`` are (start, end) of the marker segments, ``icc`` those among them that hold parts of an
    ICC profile, ``scan`` is where the first SOS marker stands.
    """

    width: int
    height: int
    components: int
    progressive: bool
    orientation: int
    segments: tuple[tuple[int, int], ...]
    icc: tuple[tuple[int, int], ...]
    scan: int

    def tidied(self, data: bytes) -> bytes:
        """The file without padding and stray bytes between its segments; ``data`` when it has none."""
        if 2 + sum(end - start for start, end in self.segments) == self.scan:
            return data
        kept = (data[start:end] for start, end in self.segments)
        return b"".join((data[:2], *kept, data[self.scan :]))

    def icc_profile(self, data: bytes) -> bytes | None:
        """The ICC profile, its parts in their numbered order (ICC.1, annex B.4); None unless complete."""
        parts = sorted((data[start + 16], data[start + 18 : end]) for start, end in self.icc)
        if not parts or data[self.icc[0][0] + 17] != len(parts):
            return None
        return b"".join(part for _, part in parts)


def scan_head(data: bytes) -> JpegHead:
    """Walk a file that starts like a JPEG to its first scan.

    Raises ``UnsupportedFormat`` when not even the first segment is one, ``TranscodeError`` when the file
    is cut off before its first scan, has no frame header or more than ``MOST_SEGMENTS`` segments.
    """
    segments: list[tuple[int, int]] = []
    icc: list[tuple[int, int]] = []
    frame: tuple[int, int, int, int] | None = None
    orientation = 0
    at = 2
    for _ in range(MOST_SEGMENTS):
        start, marker = _next_marker(data, at)
        if marker in _ALONE or marker == 0:  # 0: an escaped 0xFF, that is, a stray byte
            at = start + 2
            continue
        if marker == _SOS and frame is not None:
            kind, height, width, components = frame
            progressive = kind in _PROGRESSIVE
            sides = (width, height, components, progressive, orientation or 1)
            return JpegHead(*sides, tuple(segments), tuple(icc), start)
        at = _segment_end(data, start, marker, first=not segments)
        segments.append((start, at))
        if marker in _FRAMES and frame is None:
            frame = (marker, *_frame(data[start + 4 : at]))
        elif marker == _APP1 and not orientation and data.startswith(_EXIF, start + 4):
            orientation = orientation_of(data[start + 4 : at])
        elif marker == _APP2 and at - start >= 18 and data.startswith(_ICC, start + 4):
            icc.append((start, at))
    raise TranscodeError(f"jpeg: more than {MOST_SEGMENTS} segments before the first scan")


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    """Where the next marker's last 0xFF stands, and its code."""
    padding = _PADDING.match(data, max(at, data.find(b"\xff", at)))
    if padding is None or padding.end() == len(data):
        if at == 2:
            raise UnsupportedFormat("jpeg: no segment")
        raise TranscodeError("jpeg: cut off before the first scan")
    return padding.end() - 1, data[padding.end()]


def _segment_end(data: bytes, start: int, marker: int, first: bool) -> int:
    length = int.from_bytes(data[start + 2 : start + 4], "big")
    if length < 2 or marker < 0xC0 or marker in (_EOI, _SOS, 0xD8):
        wrong = f"jpeg: marker {marker:#04x} where a segment is due"
        raise UnsupportedFormat(wrong) if first else TranscodeError(wrong)
    if start + 2 + length > len(data):
        raise TranscodeError("jpeg: cut off before the first scan")
    return start + 2 + length


def _frame(body: bytes) -> tuple[int, int, int]:
    """Height, width, components of a frame header."""
    if len(body) < 6:
        raise TranscodeError("jpeg: frame header too short")
    height, width, components = struct.unpack(">HHB", body[1:6])
    return height, width, components
