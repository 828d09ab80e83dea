"""What an open port has to stand: huge heads, silent clients, raw bytes, odd token requests."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.server import PREFIX, SMALL, RunningServer, jpeg
from xiutu.errors import Overloaded
from xiutu.gateway.reading import BodyBudget


def _raw(server: RunningServer, data: bytes) -> bytes:
    """Send bytes, read to the end; the server may close before everything is sent."""
    host, port = server.url.removeprefix("http://").split(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=30) as link:
        try:
            link.sendall(data)
            while piece := link.recv(65536):
                received += piece
        except (BrokenPipeError, ConnectionResetError):
            pass
    return received


def test_head_is_bounded_in_bytes_and_lines(server: RunningServer) -> None:
    line = b"POST /oauth/2.0/token HTTP/1.1\r\nHost: x\r\n"
    huge = _raw(server, line + b"X: " + b"a" * 3_000_000 + b"\r\nConnection: close\r\n\r\n")
    many = _raw(server, line + b"X: a\r\n" * 500 + b"Connection: close\r\n\r\n")
    for answer in (huge, many):
        assert not answer or answer.startswith(b"HTTP/1.1 400 ")
    assert many.startswith(b"HTTP/1.1 400 ")
    assert server.client.get("/livez").text == "ok\n"


def test_raw_typographic_dash(server: RunningServer) -> None:
    """R-124: also when the client does not percent-encode it."""
    path = f"{PREFIX}dehaze".replace("-", "–").encode()
    answer = _raw(server, b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                  b"Connection: close\r\n\r\n")  # fmt: skip
    assert answer.startswith(b"HTTP/1.1 200 ") and b'"error_code":3,' in answer


@pytest.mark.parametrize("place", ["query", "body"])
def test_token_request_with_too_many_fields(server: RunningServer, place: str) -> None:
    text = "&".join(f"a{number}=1" for number in range(200))
    path = "/oauth/2.0/token"
    if place == "query":
        answer = server.client.get(f"{path}?{text}")
    else:
        answer = server.client.post(path, content=text.encode())
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_request")


def test_budget_grows_with_what_arrives() -> None:
    """A body of unknown length holds what it has sent, not the ceiling."""
    budget = BodyBudget(100)
    with budget.hold(0) as first, budget.hold(60) as second:
        first.at_least(30)
        assert budget.held == 90
        with pytest.raises(Overloaded):
            first.at_least(50)
        assert (first.size, second.size, budget.held) == (30, 60, 90)
    assert budget.held == 0
    with budget.hold(1000) as alone:  # one body always fits
        assert alone.size == 1000


def test_console_log_keeps_secrets_too(tmp_path: Path) -> None:
    """The pretty formatter would print local variables of a traceback."""
    with RunningServer(tmp_path, **SMALL, XIUTU_LOG_FORMAT="console") as server:
        token = server.token()
        server.call("dehaze", token=token, image=jpeg())
        with closing(sqlite3.connect(tmp_path / "data" / "xiutu.db")) as database:
            database.execute("ALTER TABLE apps RENAME TO gone")  # a failure nobody foresaw
        answer = server.client.post(
            "/oauth/2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": server.keys["api_key"],
                "client_secret": server.keys["secret_key"],
            },
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "server_error")
        log = server.log.read_text()
    assert "Traceback" in log
    for secret in (token, server.keys["secret_key"]):
        assert secret not in log
