import io
import struct

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiutu.engine import frames
from xiutu.engine.frames import Frame, FrameError

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
any_frame = st.builds(
    Frame,
    st.dictionaries(texts, values, max_size=5),
    st.dictionaries(texts, st.binary(max_size=300), max_size=4),
)


class Stream(io.BytesIO):
    def take(self, size: int) -> bytes:
        data = self.read(size)
        if len(data) != size:
            raise EOFError
        return data


@settings(max_examples=60, deadline=None)
@given(st.lists(any_frame, max_size=3))
def test_what_is_written_is_read(written: list[Frame]) -> None:
    stream = Stream(b"".join(piece for frame in written for piece in frames.encode(frame)))
    assert [frames.read(stream.take) for _ in written] == written
    assert stream.read() == b""


@given(st.binary(max_size=200))
def test_garbage_is_refused_not_trusted(garbage: bytes) -> None:
    with pytest.raises((FrameError, EOFError)):
        frames.read(Stream(garbage).take)
    with pytest.raises((FrameError, EOFError)):
        frames.read(Stream(struct.pack("!I", len(garbage)) + garbage).take)


@given(values)
def test_any_json_header_is_a_frame_or_refused(header: object) -> None:
    data = orjson.dumps({"body": {}, "blobs": header})
    stream = Stream(struct.pack("!I", len(data)) + data + bytes(4096))
    try:
        frame = frames.read(stream.take)
    except (FrameError, EOFError):
        return
    assert isinstance(header, list)
    assert [[name, len(blob)] for name, blob in frame.blobs.items()] == header


@pytest.mark.parametrize(
    "blobs",
    [
        [["a", -1]],
        [["a", True]],
        [["a", 1.0]],
        [["a", 1], ["a", 1]],
        [["a", frames.MAX_BLOBS // 2 + 1], ["b", frames.MAX_BLOBS // 2]],
    ],
)
def test_bad_blob_index(blobs: list[list[object]]) -> None:
    taken = 0
    data = orjson.dumps({"body": {}, "blobs": blobs})
    stream = Stream(struct.pack("!I", len(data)) + data)

    def take(size: int) -> bytes:
        nonlocal taken
        taken += size
        return stream.take(size)

    with pytest.raises(FrameError):
        frames.read(take)
    assert taken == 4 + len(data), "nothing announced was read"


def test_huge_header_is_refused_before_it_is_read() -> None:
    with pytest.raises(FrameError, match="header of"):
        frames.read(Stream(b"\xff\xff\xff\xff").take)


def test_what_is_not_json_cannot_be_sent() -> None:
    with pytest.raises(FrameError):
        frames.encode(Frame({"value": object()}))
    with pytest.raises(FrameError):
        frames.encode(Frame({"value": 2**70}))
    with pytest.raises(FrameError):
        frames.encode(Frame({"value": "\ud800"}))
