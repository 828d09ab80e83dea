"""HTTP/1.1 as the vendor's clients speak it: offers to change the protocol are ignored.

httptools stops reading at the head of a request with ``Upgrade`` (``curl --http2`` over plain text
offers h2c with every POST), and uvicorn then takes the body for empty. RFC 9110, 7.8 lets a server
ignore the offer; so the head is put in once more without it. Over TLS only HTTP/1.1 is agreed on.
"""

from typing import ClassVar

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["Http1Protocol"]


class Http1Protocol(HttpToolsProtocol):
    """Pass as ``uvicorn.Config(http=Http1Protocol)``."""

    alpn_protocols: ClassVar[list[str]] = ["http/1.1"]

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        except HttpParserUpgrade as stop:
            if self.parser.get_method() == b"CONNECT":
                self.send_400_response("This server is no proxy.")
                return
            rest = data[stop.args[0] :]
            super().data_received(self._head_without_offer() + rest)

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
