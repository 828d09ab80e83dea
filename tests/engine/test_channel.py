import socket
import threading
import time
from collections.abc import Iterator

import pytest

from xiutu.engine import frames
from xiutu.engine.channel import Channel, ChannelError
from xiutu.engine.frames import Frame, FrameError


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    left, right = socket.socketpair()
    pair = Channel(left, watched=True), Channel(right)
    yield pair
    for channel in pair:
        channel.close()


class GiveUpError(Exception):
    pass


def give_up_after(seconds: float):  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds

    def watch() -> None:
        if time.monotonic() > end:
            raise GiveUpError

    return watch


def test_large_frame_both_ways(ends: tuple[Channel, Channel]) -> None:
    near, far = ends
    frame = Frame({"n": 1}, {"image": bytes(range(256)) * 20_000, "mask": b""})

    def echo() -> None:
        far.send(frames.encode(far.receive()))

    thread = threading.Thread(target=echo)
    thread.start()
    near.send(frames.encode(frame), give_up_after(10))
    assert near.receive(give_up_after(10)) == frame
    thread.join()


def test_silence_and_stuffed_pipe_can_be_given_up(ends: tuple[Channel, Channel]) -> None:
    near, _ = ends
    with pytest.raises(GiveUpError):
        near.receive(give_up_after(0.1))
    with pytest.raises(GiveUpError):  # nobody reads at the other end
        near.send([bytes(10_000_000)], give_up_after(0.1))


def test_peer_gone(ends: tuple[Channel, Channel]) -> None:
    near, far = ends
    assert not near.hung_up()
    far.close()
    assert near.hung_up()
    with pytest.raises(ChannelError):
        near.receive()
    with pytest.raises(ChannelError):
        near.send([b"x" * 10_000_000])


def test_peer_gone_in_the_middle(ends: tuple[Channel, Channel]) -> None:
    near, far = ends
    far.send([frames.encode(Frame({"a": 1}))[0][:-1]])
    far.close()
    with pytest.raises(ChannelError):
        near.receive(give_up_after(10))


def test_talking_unasked_is_noticed(ends: tuple[Channel, Channel]) -> None:
    near, far = ends
    far.send([b"GET / HTTP/1.1\r\n"])
    assert near.hung_up()
    with pytest.raises(FrameError):
        near.receive(give_up_after(10))
