"""Requests as bytes: a verified TLS link to the server and what the builders of the replays share."""

import hashlib
import hmac
import json
import socket
import ssl
from datetime import UTC, datetime
from http.client import HTTPResponse
from typing import Any, Self
from urllib.parse import quote

from tests.sdk.child import CALLS
from tests.sdk.front import HOST, Front

CRLF = "\r\n"
FORM = "application/x-www-form-urlencoded"
TOKEN_PATH = "/oauth/2.0/token"
IAM_FAILED = {"error_code": 14, "error_msg": "IAM Certification failed"}


class Link:
    """One TLS connection; requests go out exactly as given, answers are read one by one."""

    def __init__(self, front: Front, alpn: list[str] | None = None) -> None:
        context = ssl.create_default_context(cafile=str(front.ca))
        if alpn:
            context.set_alpn_protocols(alpn)
        plain = socket.create_connection(("127.0.0.1", front.port), timeout=60)
        self.socket = context.wrap_socket(plain, server_hostname=HOST)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def interim(self) -> bytes:
        """The next response head, read byte by byte: nothing behind it is swallowed."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            assert byte, f"connection ended after {head!r}"
            head += byte
        return head

    def answer(self, status: int = 200) -> dict[str, Any]:
        """The next final response. The API answers 200 to everything but token errors."""
        with HTTPResponse(self.socket) as response:
            response.begin()
            body = response.read()
            assert response.status == status, body
            assert response.version == 11
            assert response.headers["content-type"] == "application/json"
        answer: dict[str, Any] = json.loads(body)
        if status == 200 and "error_code" in answer:
            assert type(answer["error_code"]) is int  # Java getInt, Python == 110
            assert set(answer) == {"error_code", "error_msg"}
        return answer

    def exchange(self, request: bytes, status: int = 200) -> dict[str, Any]:
        CALLS["replays"] += 1
        self.send(request)
        return self.answer(status)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def message(first: str, headers: list[str], body: bytes = b"") -> bytes:
    """Request line (without the version), header lines in the given spelling and order, body."""
    return CRLF.join([f"{first} HTTP/1.1", *headers, "", ""]).encode("ascii") + body


def utc(moment: datetime | None = None) -> str:
    return (moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3986(text: str, keep: str = "") -> str:
    """Percent-encoding of every client here: letters, digits and -._~ stay."""
    return quote(text, safe=keep)


def signature(secret: str, prefix: str, canonical: str) -> str:
    """bce-auth-v1, written down a second time: the tests must not share code with the server."""
    key = hmac.new(secret.encode(), prefix.encode(), hashlib.sha256).hexdigest()
    return hmac.new(key.encode(), canonical.encode(), hashlib.sha256).hexdigest()


def header_lines(headers: dict[str, str]) -> str:
    """Canonical header lines."""
    lines = (f"{rfc3986(k.strip().lower())}:{rfc3986(v.strip())}" for k, v in headers.items())
    return "\n".join(sorted(lines))
