"""How a message looks on the pipe between server and worker: a JSON header and raw blobs.

::

    4 bytes   length of the header, big endian
    header    JSON object {"body": {...}, "blobs": [[name, length], ...]}
    blobs     their bytes, one after the other

Not pickle on purpose: a worker decodes pictures of strangers, and if a decoder's flaw ever gives
one of them the worker, a message from there must not be able to run code in the server. Every
length is checked against a bound before anything of that size is read.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

__all__ = ["MAX_BLOBS", "MAX_HEADER", "Frame", "FrameError", "encode", "read"]

MAX_HEADER = 16 * 2**20
"""Bytes; texts (parameters, JSON results) travel in the header."""

MAX_BLOBS = 512 * 2**20
"""Bytes of all blobs of a frame together."""

_LENGTH = struct.Struct("!I")


class FrameError(Exception):
    """The message cannot be written as a frame, or what was read is none."""


@dataclass(frozen=True)
class Frame:
    """``body`` holds JSON values (finite numbers, 64-bit integers), ``blobs`` raw bytes by name."""

    body: dict[str, Any]
    blobs: dict[str, bytes] = field(default_factory=dict)


def encode(frame: Frame) -> list[bytes]:
    """The pieces to send, in order; blobs are not copied. Raises ``FrameError`` over a bound."""
    index = [(name, len(blob)) for name, blob in frame.blobs.items()]
    _check_blobs(length for _, length in index)
    try:
        header = orjson.dumps({"body": frame.body, "blobs": index})
    except TypeError as error:
        raise FrameError(f"not JSON: {error}") from None
    _check_header(len(header))
    return [_LENGTH.pack(len(header)) + header, *frame.blobs.values()]


def read(take: Callable[[int], bytes]) -> Frame:
    """Read one frame; ``take(n)`` returns exactly n bytes. Raises ``FrameError`` on nonsense."""
    (length,) = _LENGTH.unpack(take(_LENGTH.size))
    _check_header(length)
    body, index = _parse(take(length))
    _check_blobs(size for _, size in index)
    return Frame(body, {name: take(size) for name, size in index})


def _parse(header: bytes) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    try:
        parsed = orjson.loads(header)
    except orjson.JSONDecodeError as error:
        raise FrameError(f"header is not JSON: {error}") from None
    match parsed:
        case {"body": dict() as body, "blobs": list() as entries}:
            index = [_entry(entry) for entry in entries]
        case _:
            raise FrameError("header without body or blobs")
    if len(dict(index)) != len(index):
        raise FrameError("two blobs of one name")
    return body, index


def _entry(entry: object) -> tuple[str, int]:
    match entry:
        case [str() as name, int() as size] if size >= 0 and not isinstance(size, bool):
            return name, size
    raise FrameError("malformed blob entry")


def _check_header(length: int) -> None:
    if length > MAX_HEADER:
        raise FrameError(f"header of {length} bytes")


def _check_blobs(lengths: Iterable[int]) -> None:
    total = sum(lengths)
    if total > MAX_BLOBS:
        raise FrameError(f"blobs of {total} bytes")
