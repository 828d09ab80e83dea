"""HTTP/1.1 as the vendor's clients speak it: offers to change the protocol are ignored.

httptools stops reading at the head of a request with ``Upgrade`` (``curl --http2`` over plain text
offers h2c with every POST), and uvicorn then takes the body for empty. RFC 9110, 7.8 lets a server
ignore the offer; so the head is put in once more without it. Over TLS only HTTP/1.1 is agreed on.
"""

import asyncio
from typing import ClassVar
from urllib.parse import quote_from_bytes

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["Http1Protocol"]


_MOST_HEAD_BYTES = 64 * 1024
_MOST_HEADERS = 100
_HEAD_SECONDS = 20.0
_STALL_SECONDS = 30.0


class Http1Protocol(HttpToolsProtocol):
    """Pass as ``uvicorn.Config(http=Http1Protocol)``.

    Adds what uvicorn leaves to a proxy in front: a head is bounded in bytes, lines and time, and a
    client that stops reading its answer is cut off.
    """

    alpn_protocols: ClassVar[list[str]] = ["http/1.1"]
    _in_head = True
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop(self._head_timer, self._stall_timer)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._in_head:
            if self._head_timer is None:
                self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._give_up)
            if self._head_bytes == 0:
                data = _ascii_request_line(data)
            self._head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        except HttpParserUpgrade as stop:
            if self.parser.get_method() == b"CONNECT":
                self.send_400_response("This server is no proxy.")
                return
            rest = data[stop.args[0] :]
            head = self._head_without_offer()
            self._in_head, self._head_bytes = True, 0
            self.data_received(head + rest)
        else:
            if self._in_head and self._head_bytes > _MOST_HEAD_BYTES:
                self.send_400_response("Request head too large.")

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= _MOST_HEADERS:
            raise ValueError("too many header lines")  # httptools turns it into a parser error
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._stop(self._head_timer)
        self._in_head, self._head_bytes, self._head_timer = False, 0, None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._stop(self._stall_timer)
        self._stall_timer = None
        super().resume_writing()

    def _watch(self, unsent: int) -> None:
        self._stall_timer = self.loop.call_later(_STALL_SECONDS, self._check_progress, unsent)

    def _check_progress(self, before: int) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent >= before:
            self.transport.abort()
        else:
            self._watch(unsent)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    @staticmethod
    def _stop(*timers: asyncio.TimerHandle | None) -> None:
        for timer in timers:
            if timer is not None:
                timer.cancel()

    def _should_upgrade(self) -> bool:
        return True  # keeps uvicorn from starting the request: data_received puts it in again

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [self.parser.get_method() + b" " + self.url + b" HTTP/" + version]
        for name, value in self.headers:
            if name == b"connection":
                kept = [t for t in value.split(b",") if t.strip().lower() != b"upgrade"]
                lines.append(name + b": " + b",".join(kept))
            elif name != b"upgrade":
                lines.append(name + b": " + value)
        return b"\r\n".join([*lines, b"", b""])


def _ascii_request_line(data: bytes) -> bytes:
    """Percent-encode what a client left raw: a typographic dash must reach error 3, not a 400."""
    end = data.find(b"\n")
    line = data if end < 0 else data[:end]
    if line.isascii():
        return data
    printable = bytes(range(0x20, 0x7F)) + b"\r"
    return quote_from_bytes(line, safe=printable).encode("ascii") + data[len(line) :]
