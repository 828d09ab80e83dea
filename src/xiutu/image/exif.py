"""The few numbers of an EXIF or TIFF directory that this project needs, at a bounded cost.

Read here and not by a library because it happens on the server's event loop, on bytes a stranger chose.
"""

import struct
from collections.abc import Collection

__all__ = ["ORIENTATION", "SWAPPED", "first_directory", "orientation_of", "valid_orientation"]

# EXIF 2.32, tag 0x0112; orientations 5..8 swap the sides.
ORIENTATION = 0x0112
SWAPPED = frozenset({5, 6, 7, 8})

_PREFIX = b"Exif\x00\x00"
_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">"}
_SHORT, _LONG = 3, 4
# Cameras write some 15 entries; a directory may claim 65535.
_MOST_ENTRIES = 512


def first_directory(data: bytes, wanted: Collection[int]) -> dict[int, int]:
    """Single SHORT and LONG values of the first directory (IFD0) of a TIFF structure, by tag.

    What is missing, of another type or beyond the end of ``data`` is left out; nothing is raised.
    """
    order = _ORDERS.get(data[:4])
    if order is None or len(data) < 8:
        return {}
    at = struct.unpack(order + "I", data[4:8])[0]
    if at + 2 > len(data):
        return {}
    count = min(struct.unpack(order + "H", data[at : at + 2])[0], _MOST_ENTRIES)
    table = data[at + 2 : at + 2 + 12 * count]
    found: dict[int, int] = {}
    entries = struct.iter_unpack(order + "HHI4s", table[: len(table) // 12 * 12])
    for tag, kind, number, value in entries:
        if tag in wanted and number == 1 and kind in (_SHORT, _LONG):
            code, size = ("H", 2) if kind == _SHORT else ("I", 4)
            found[tag] = struct.unpack(order + code, value[:size])[0]
    return found


def orientation_of(block: bytes) -> int:
    """Orientation 1..8 in an EXIF block, with or without its ``Exif`` prefix; 1 for a broken block."""
    values = first_directory(block.removeprefix(_PREFIX), (ORIENTATION,))
    return valid_orientation(values.get(ORIENTATION))


def valid_orientation(value: object) -> int:
    """The value when it is an orientation, else 1: a broken tag must not cost the picture."""
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
