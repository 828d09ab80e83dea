"""Plain text with an offer to change to HTTP/2 (``curl --http2 http://``, proxies): it is ignored.

A server may ignore Upgrade (RFC 9110, 7.8), and then it has to read the body like any other.
"""

import json
import shutil
import socket
import subprocess
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.sdk.child import CALLS
from tests.sdk.results import image_text, verify
from tests.server import PREFIX, RunningServer

CURL = ["curl"] if shutil.which("curl") else []
OFFERS = {
    "curl": [
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
    ],
    "websocket": ["Connection: Upgrade", "Upgrade: websocket"],
    "tls": ["Upgrade: TLS/1.2", "connection: keep-alive, upgrade"],
}


def form() -> bytes:
    return urlencode({"image": image_text("photo")}).encode()


def post(server: RunningServer, token: str, body: bytes, extra: list[str]) -> bytes:
    lines = [
        f"POST {PREFIX}dehaze?access_token={token} HTTP/1.1",
        f"Host: {server.url.rpartition('/')[2]}",
        "User-Agent: curl/7.88.1",
        "Accept: */*",
        *extra,
        f"Content-Length: {len(body)}",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer(link: socket.socket) -> dict[str, Any]:
    CALLS["replays"] += 1
    with HTTPResponse(link) as response:
        response.begin()
        assert response.status == 200
        parsed: dict[str, Any] = json.loads(response.read())
    return parsed


def connect(server: RunningServer) -> socket.socket:
    host, _, port = server.url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=30)


@pytest.mark.parametrize("offer", list(OFFERS))
def test_offer_is_ignored(server: RunningServer, offer: str) -> None:
    """R-217: the call is answered in HTTP/1.1, and the connection goes on."""
    token = server.token()
    with connect(server) as link:
        for extra in (OFFERS[offer], [], OFFERS[offer]):
            link.sendall(post(server, token, form(), extra))
            verify("dehaze", answer(link))


@pytest.mark.parametrize("size", [1, 7, 300])
def test_offer_in_pieces(server: RunningServer, size: int) -> None:
    """R-217: however the bytes are cut on the way."""
    request = post(server, server.token(), form(), OFFERS["curl"])
    head = request.index(b"\r\n\r\n") + 4 + size
    with connect(server) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, head, size):
            link.sendall(request[start : min(start + size, head)])
        link.sendall(request[head:])
        verify("dehaze", answer(link))


def test_offer_with_a_large_body(server: RunningServer) -> None:
    """R-217: 3 MB with Expect: 100 arrives before the body, the documented error after it."""
    body = b"image=" + quote("/" * 1_000_000, safe="").encode()
    extra = [*OFFERS["curl"], "Expect: 100-continue"]
    request = post(server, server.token(), body, extra)
    with connect(server) as link:
        link.sendall(request[: -len(body)])
        assert link.recv(64) == b"HTTP/1.1 100 Continue\r\n\r\n"
        link.sendall(body)
        assert answer(link)["error_code"] == 216201


@pytest.mark.parametrize("client", CURL or ["replay"])
def test_curl_http2(server: RunningServer, tmp_path: Path, client: str) -> None:
    """R-217: the real curl, where there is one."""
    token = server.token()
    if client == "replay":
        with connect(server) as link:
            link.sendall(post(server, token, form(), OFFERS["curl"]))
            verify("dehaze", answer(link))
        return
    (tmp_path / "body").write_bytes(form())
    command = ["curl", "-sS", "--http2", "--noproxy", "*", "--data-binary", f"@{tmp_path / 'body'}"]
    command.append(f"{server.url}{PREFIX}dehaze?access_token={token}")
    CALLS["curl"] += 1
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    verify("dehaze", json.loads(done.stdout))


def test_prior_knowledge_is_refused(server: RunningServer) -> None:
    """R-217: the preface of HTTP/2 without asking: 400 and the end of the connection."""
    with connect(server) as link:
        link.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))
        received = b""
        while piece := link.recv(4096):
            received += piece
    assert received.startswith(b"HTTP/1.1 400 ")


def test_connect_is_refused(server: RunningServer) -> None:
    """Nobody gets a tunnel: an answer of some kind, and the server lives on."""
    with connect(server) as link:
        link.sendall(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")
        link.shutdown(socket.SHUT_WR)
        received = link.recv(4096)
    assert b"200 Connection" not in received
    assert server.client.get("/livez").status_code == 200
