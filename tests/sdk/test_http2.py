"""Clients that would like HTTP/2: they get HTTP/1.1 and work, or a clean refusal.

``baidu-aip-http2`` itself needs hyper 0.7, which cannot be imported from Python 3.10 on
(``collections.Iterable``), so its wire behaviour is replayed here.
"""

import base64
import json
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.sdk.child import CALLS
from tests.sdk.front import HOST, PATH, Front
from tests.sdk.results import image_text, verify
from tests.sdk.test_php_replay import libcurl, token_of
from tests.sdk.wire import FORM, TOKEN_PATH, Link, message

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = bytes.fromhex("000000040000000000")  # an empty SETTINGS frame
HYPER_OFFERS = ["h2", "h2-16", "h2-15", "h2-14", "http/1.1"]


def form() -> bytes:
    return urlencode({"image": image_text("photo")}).encode()


@pytest.mark.parametrize("offers", [["h2", "http/1.1"], HYPER_OFFERS, ["http/1.1"]])
def test_offer_is_declined(tls_server: Front, offers: list[str]) -> None:
    """R-214, R-217: C++ set_use_http2(true) is libcurl offering h2 by ALPN; it goes on with HTTP/1.1."""
    target = f"{PATH}dehaze?access_token={token_of(tls_server)}&aipSdk=C&aipSdkVersion=0.8.1&"
    with Link(tls_server, offers) as link:
        assert link.socket.selected_alpn_protocol() == "http/1.1"
        verify("dehaze", link.exchange(libcurl("POST", target, [], form())))


def test_baidu_aip_http2(tls_server: Front) -> None:
    """R-217: hyper's HTTP/1.1 fallback, one TLS record for each header line; token, then a call."""
    common = ["User-Agent: python-requests/2.27.1", "Accept-Encoding: gzip, deflate", "Accept: */*"]
    keep = ["Connection: keep-alive"]
    _, api_key, secret = tls_server.keys
    grant = {"client_id": api_key, "client_secret": secret, "grant_type": "client_credentials"}
    query = urlencode(grant)
    host = [f"host: {HOST}"]
    token_request = message(f"GET {TOKEN_PATH}?{query}", [*common, *keep, *host])
    with Link(tls_server, HYPER_OFFERS) as link:
        token = send_by_line(link, token_request)["access_token"]
        params = {"access_token": token, "aipSdk": "python", "aipVersion": "2_2_17"}
        body = form()
        headers = [*common, *keep, f"Content-Length: {len(body)}", f"Content-Type: {FORM}", *host]
        call = message(f"POST {PATH}dehaze?{urlencode(params)}", headers, body)
        verify("dehaze", send_by_line(link, call))


def send_by_line(link: Link, request: bytes) -> dict[str, Any]:
    CALLS["replays"] += 1
    head, _, body = request.partition(b"\r\n\r\n")
    for line in (head + b"\r\n\r\n").splitlines(keepends=True):
        link.send(line)
    link.send(body)
    return link.answer()


@pytest.mark.parametrize("rest", [b"", SETTINGS, SETTINGS + bytes(200)])
def test_prior_knowledge_is_refused(tls_server: Front, rest: bytes) -> None:
    """R-217: an HTTP/2 preface without asking gets 400 and the end of the connection, at once."""
    context = ssl.create_default_context(cafile=str(tls_server.ca))
    context.set_alpn_protocols(["h2"])
    with socket.create_connection(("127.0.0.1", tls_server.port), timeout=10) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=HOST) as link:
                link.sendall(PREFACE + rest)
                received = b""
                while piece := link.recv(4096):
                    received += piece
        except ssl.SSLError as error:  # no common protocol: the handshake itself may say so
            assert "NO_APPLICATION_PROTOCOL" in str(error)
        else:
            assert received.startswith(b"HTTP/1.1 400 ")
    with Link(tls_server) as link:  # and the server lives on
        assert "image" in link.exchange(
            libcurl("POST", f"{PATH}dehaze?access_token={token_of(tls_server)}", [], form())
        )


CURL = ["curl"] if shutil.which("curl") else []


@pytest.mark.parametrize("client", ["replay", *CURL])
def test_curl_http2(tls_server: Front, tmp_path: Path, client: str) -> None:
    """R-217: ``curl --http2`` itself, where there is one; else (and also) its bytes."""
    target = f"{PATH}dehaze?access_token={token_of(tls_server)}"
    if client == "replay":
        with Link(tls_server, ["h2", "http/1.1"]) as link:
            answer = link.exchange(libcurl("POST", target, ["User-Agent: curl/7.88.1"], form()))
    else:
        body = tmp_path / "body"
        body.write_bytes(form())
        command = ["curl", "-sS", "--http2", "--cacert", str(tls_server.ca), "--noproxy", "*"]
        command += ["--connect-to", f"{HOST}:443:127.0.0.1:{tls_server.port}"]
        command += ["--data-binary", f"@{body}", f"https://{HOST}{target}"]
        CALLS["curl"] += 1
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)
        answer = json.loads(done.stdout)
    verify("dehaze", answer)
    assert base64.b64decode(answer["image"])
