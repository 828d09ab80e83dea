"""Walks the chunks of a PNG (ISO/IEC 15948, 5.3) in a bounded number of steps; decodes nothing."""

import struct
from collections.abc import Iterator

from xiutu.errors import TranscodeError

__all__ = ["walk"]

_HEADER = struct.Struct(">I4s")


def walk(data: bytes, most: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the body of each whole chunk, up to IEND or to where the file is cut off.

    Raises ``TranscodeError`` when there are more than ``most``.
    """
    at = 8
    for _ in range(most):
        if at + 8 > len(data):
            return
        length, kind = _HEADER.unpack_from(data, at)
        start, at = at + 8, at + 12 + length
        if at > len(data):
            return
        yield kind, start, start + length
        if kind == b"IEND":
            return
    raise TranscodeError(f"png: more than {most} chunks")
