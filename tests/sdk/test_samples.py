"""The documents' own samples: curl lines and the quick start's main.py, only host and keys changed."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.sdk.child import CALLS, HERE
from tests.sdk.front import HOST, PATH, Front
from tests.sdk.results import NOT_YET, RECTANGLE, image_text, picture_file, verify
from tests.sdk.test_php_replay import libcurl
from tests.sdk.wire import TOKEN_PATH, Link
from tests.server import RunningServer
from xiutu.operators._registry import implemented

CLIENTS = ["replay", *(["curl"] if shutil.which("curl") else [])]
FORM_HEADER = "Content-Type:application/x-www-form-urlencoded"
JSON_HEADER = "Content-Type:application/json; charset=UTF-8"
AGENT = "User-Agent: curl/7.88.1"


def sample(
    front: Front, client: str, folder: Path, target: str, *, data: str | None, header: str = ""
) -> dict[str, Any]:
    """``curl -i -k 'https://aip.baidubce.com{target}' --data '{data}' -H '{header}'``, or its bytes.

    The command line is too short for a picture, so the real curl reads the data from a file.
    """
    if client == "replay":
        own = [AGENT, *([header] if header else [])]
        body = None if data is None else data.encode()
        with Link(front) as link:
            return link.exchange(libcurl("GET" if data is None else "POST", target, own, body))
    command = ["curl", "-i", "-k", f"https://{HOST}{target}"]
    if data is not None:
        (folder / "data").write_text(data)
        command += ["--data", f"@{folder / 'data'}"]
    if header:
        command += ["-H", header]
    command += ["-sS", "--noproxy", "*"]
    command += ["--connect-to", f"{HOST}:443:127.0.0.1:{front.port}"]
    CALLS["curl"] += 1
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    answer: dict[str, Any] = json.loads(body)
    return answer


def token_of(front: Front, client: str, folder: Path) -> str:
    query = "grant_type=client_credentials"
    query += f"&client_id={front.keys[1]}&client_secret={front.keys[2]}"
    answer = sample(front, client, folder, f"{TOKEN_PATH}?{query}", data=None)
    return str(answer["access_token"])


@pytest.mark.parametrize("client", CLIENTS)
def test_curl_dehaze(tls_server: Front, tmp_path: Path, client: str) -> None:
    """R-018, R-027, R-040, R-089: the token sample and the sample of dehaze."""
    target = f"{PATH}dehaze?access_token={token_of(tls_server, client, tmp_path)}"
    data = f"image={quote(image_text('dehaze'), safe='')}"
    verify("dehaze", sample(tls_server, client, tmp_path, target, data=data, header=FORM_HEADER))


@pytest.mark.parametrize("client", CLIENTS)
def test_curl_style_trans(tls_server: Front, tmp_path: Path, client: str) -> None:
    """R-077: ``option=cartoon&image=...``."""
    target = f"{PATH}style_trans?access_token={token_of(tls_server, client, tmp_path)}"
    data = f"option=cartoon&image={quote(image_text('style_trans'), safe='')}"
    answer = sample(tls_server, client, tmp_path, target, data=data, header=FORM_HEADER)
    verify("style_trans", answer)


@pytest.mark.parametrize("client", CLIENTS)
def test_curl_json(tls_server: Front, tmp_path: Path, client: str) -> None:
    """R-041, R-093, R-120: the samples of inpainting and segment."""
    token = token_of(tls_server, client, tmp_path)
    bodies: dict[str, dict[str, Any]] = {
        "inpainting": {"rectangle": RECTANGLE, "image": image_text("photo")},
        "segment": {
            "image": image_text("photo"),
            "method": "auto",
            "refine_mask": "true",
            "return_form": "rgba",
        },
    }
    for operator, body in bodies.items():
        target = f"{PATH}{operator}?access_token={token}"
        data = json.dumps(body)
        answer = sample(tls_server, client, tmp_path, target, data=data, header=JSON_HEADER)
        verify(operator, answer)


def run_quick_start(address: str, folder: Path, operator: str, keys: list[str]) -> str:
    """The program as a user would run it: his keys filled in, his picture next to it."""
    program = (HERE / "samples" / "main.py").read_text()
    program = program.replace('"API_KEY"', repr(keys[1]))
    program = program.replace('"SECRET_KEY~~~~"', repr(keys[2]))
    program = program.replace(f"https://{HOST}", address)
    program = program.replace("v1/colourize", f"v1/{operator}")
    (folder / "main.py").write_text(program)
    (folder / "text.jpg").write_bytes(picture_file("photo"))
    CALLS["quick start"] += 1
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        env={"no_proxy": "*"},
        check=True,
    )
    return done.stdout


def test_quick_start(tls_server: Front, tmp_path: Path) -> None:
    """R-205, R-017, R-039, R-059: main.py on Python 3, host and keys changed."""
    printed = run_quick_start(tls_server.server.url, tmp_path, "colourize", tls_server.keys)
    verify("colourize", ast.literal_eval(printed))
    if "colourize" not in implemented():
        assert ast.literal_eval(printed) == NOT_YET
        printed = run_quick_start(tls_server.server.url, tmp_path, "dehaze", tls_server.keys)
        verify("dehaze", ast.literal_eval(printed))


def test_quick_start_without_ability(tls_server: Front, tmp_path: Path) -> None:
    """R-021: scope without brain_all_scope makes it print its message and end."""
    address = tls_server.server.url
    printed = run_quick_start(address, tmp_path, "colourize", tls_server.bare_keys)
    assert printed.strip() == "please ensure has check the  ability"


def test_quick_start_with_wrong_keys(tmp_path: Path, weights: None) -> None:
    """R-022: with TOKEN_ERROR_STATUS=200 its own message for wrong keys can be reached."""
    settings = {"XIUTU_EXECUTOR": "inline", "XIUTU_TOKEN_ERROR_STATUS": "200"}
    with RunningServer(tmp_path / "server", **settings) as running:
        keys = ["", running.keys["api_key"], "wrong"]
        printed = run_quick_start(running.url, tmp_path, "dehaze", keys)
    assert printed.strip() == "please overwrite the correct API_KEY and SECRET_KEY"
