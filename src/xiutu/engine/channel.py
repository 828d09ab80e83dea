"""Frames over a stream socket, in a way that can be given up at any moment.

The server's side passes a ``watch``: it is called between the pieces and at least every ``TICK``
seconds while the other side is silent, and stops the transfer by raising. So a worker that hangs in
the middle of a message holds nobody longer than its deadline.
"""

import select
import socket
from collections.abc import Callable

from xiutu.engine import frames
from xiutu.engine.frames import Frame

__all__ = ["TICK", "Channel", "ChannelError", "Watch"]

TICK = 0.05
"""Seconds."""

Watch = Callable[[], None]


class ChannelError(Exception):
    """The other side is gone, or the socket is."""


class Channel:
    """One end; used by one thread at a time. ``close`` frees the socket."""

    def __init__(self, sock: socket.socket, *, watched: bool = False) -> None:
        self._socket = sock
        sock.settimeout(TICK if watched else None)

    def close(self) -> None:
        self._socket.close()

    def send(self, pieces: list[bytes], watch: Watch | None = None) -> None:
        """Send an encoded frame. Raises ``ChannelError`` and whatever ``watch`` raises."""
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[self._step(self._socket.send, view, watch) :]

    def receive(self, watch: Watch | None = None) -> Frame:
        """Wait for a frame. Raises ``ChannelError``, ``FrameError``, and what ``watch`` raises."""
        return frames.read(lambda size: self._take(size, watch))

    def hung_up(self) -> bool:
        """Whether an idle peer is gone, or broke the rules by talking unasked."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def _take(self, size: int, watch: Watch | None) -> bytes:
        buffer = bytearray(size)
        view = memoryview(buffer)
        while view:
            got = self._step(self._socket.recv_into, view, watch)
            if got == 0:
                raise ChannelError
            view = view[got:]
        return bytes(buffer)

    def _step(
        self, transfer: Callable[[memoryview], int], view: memoryview, watch: Watch | None
    ) -> int:
        while True:
            if watch is not None:
                watch()
            try:
                return transfer(view)
            except TimeoutError:
                continue
            except OSError as error:
                raise ChannelError(str(error)) from None
