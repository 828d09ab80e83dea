"""R-219, R-220, R-232: the BML page's samples and baidu-aip's EasyDL class, only URL and keys changed.

PHP, Java, Python 2 and C++ as the bytes their libraries send; Python 3 and the SDK as programs.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.classify.shapes import CLASSES, drawn, folders
from tests.sdk.child import CALLS, HERE
from tests.sdk.front import HOST, Front
from tests.sdk.test_php_replay import libcurl
from tests.sdk.wire import TOKEN_PATH, Link, message

pytestmark = pytest.mark.timeout(400)  # the first test waits for a training
NAME = "sdk-shapes"
TARGET = f"/rpc/2.0/ai_custom/v1/classification/{NAME}"
PICTURE = drawn("leaf", 900)
ENCODED = base64.b64encode(PICTURE).decode()


@pytest.fixture(scope="session")
def service(tls_server: Front, tmp_path_factory: pytest.TempPathFactory) -> Front:
    pictures = folders(tmp_path_factory.mktemp("sdk-shapes"), 8)
    cli = tls_server.server.cli
    cli("classify", "import", str(pictures), "--name", "shapes")
    cli("classify", "train", "shapes", "--head", "logistic")
    cli("classify", "publish", "shapes", "--as", NAME)
    return tls_server


def right(answer: dict[str, Any], count: int) -> None:
    assert isinstance(answer["log_id"], int)
    assert next(row["name"] for row in answer["results"]) == "leaf"
    assert len(answer["results"]) == count


def token_of(front: Front) -> str:
    query = f"grant_type=client_credentials&client_id={front.keys[1]}&client_secret={front.keys[2]}"
    with Link(front) as link:
        return str(link.exchange(libcurl("GET", f"{TOKEN_PATH}?{query}", []))["access_token"])


def php(token: str) -> bytes:
    """curl_setopt without a header: the form header of libcurl over a JSON text."""
    body = json.dumps({"image": ENCODED, "top_num": "5"}, separators=(",", ":")).encode()
    return libcurl("POST", f"{TARGET}?access_token={token}", [], body)


def cpp(token: str) -> bytes:
    body = json.dumps({"image": ENCODED, "top_num": "5"}, separators=(",", ":")).encode()
    header = "Content-Type:application/json;charset=UTF-8"
    return libcurl("POST", f"{TARGET}?access_token={token}", [header], body)


def java(token: str) -> bytes:
    """HttpUtil.post of the page's helper classes over HttpURLConnection; Gson escapes "=" as \\u003d."""
    text = json.dumps({"top_num": "5", "image": ENCODED}, separators=(",", ":"))
    body = text.replace("=", "\\u003d").encode()
    lines = [
        "Content-Type: application/json",
        "Connection: Keep-Alive",
        "User-Agent: Java/1.8.0_392",
        f"Host: {HOST}",
        "Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        f"Content-Length: {len(body)}",
    ]
    return message(f"POST {TARGET}?access_token={token}", lines, body)


def java_sdk(token: str) -> bytes:
    """AipEasyDL.sendImageRequest: ``Content-Encoding: UTF8`` on plain JSON (WIRE section 4)."""
    body = json.dumps({"image": ENCODED, "top_num": 5}).encode()
    lines = [
        "Content-Encoding: UTF8",
        "Content-Type: application/json",
        f"Host: {HOST}",
        f"Content-Length: {len(body)}",
    ]
    return message(f"POST {TARGET}?access_token={token}&aipSdk=java", lines, body)


def python2(token: str) -> bytes:
    body = json.dumps({"image": ENCODED, "top_num": "5"}).encode()
    lines = [
        "Accept-Encoding: identity",
        f"Content-Length: {len(body)}",
        f"Host: {HOST}",
        "User-Agent: Python-urllib/2.7",
        "Connection: close",
        "Content-Type: application/json",
    ]
    return message(f"POST {TARGET}?access_token={token}", lines, body)


@pytest.mark.parametrize("sample", [php, java, java_sdk, python2, cpp])
def test_samples_as_bytes(service: Front, sample: Any) -> None:
    """R-219, R-232: what the page's programs send."""
    token = token_of(service)
    with Link(service) as link:
        right(link.exchange(sample(token)), len(CLASSES))


def test_python_3_sample(service: Front, tmp_path: Path) -> None:
    """The program of the page; its token comes from the vendor's fixed host (R-216, R-220)."""
    program = (HERE / "samples/easydl.py").read_text()
    values = {
        "IMAGE_FILEPATH": "example.jpg",
        "MODEL_API_URL": f"https://{HOST}{TARGET}",
        "API_KEY": service.keys[1],
        "SECRET_KEY": service.keys[2],
    }
    for name, value in values.items():
        program = program.replace(f'{name} = "{name}"', f"{name} = {value!r}")
    (tmp_path / "sample.py").write_text(program)
    (tmp_path / "example.jpg").write_bytes(PICTURE)
    boot = "import redirect, runpy; redirect.install(); runpy.run_path('sample.py')"
    environment = {
        "PYTHONPATH": str(HERE / "drivers"),
        "SDK_TARGET": str(service.port),
        "REQUESTS_CA_BUNDLE": str(service.ca),
        "no_proxy": "*",
    }
    CALLS["BML sample"] += 2
    done = subprocess.run(
        [sys.executable, "-c", boot],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    right(json.loads(done.stdout), 2)


@pytest.mark.parametrize("options", [{}, {"top_num": 1}, {"top_num": "2"}])
def test_easydl_class_of_baidu_aip(service: Front, options: dict[str, Any]) -> None:
    job = {"keys": service.keys, "url": f"https://{HOST}{TARGET}", "image": ENCODED}
    environment = {**os.environ, "SDK_TARGET": str(service.port), "no_proxy": "*"}
    CALLS["baidu-aip"] += 2
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / "drivers/easydl_driver.py")],
        input=json.dumps(job | {"options": options}),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    right(json.loads(done.stdout), int(options.get("top_num", len(CLASSES))))


PHP = shutil.which("php")


def test_php_sample(service: Front, tmp_path: Path) -> None:
    """The page's request_post in PHP itself where this machine has PHP with curl, else what it sends."""
    token = token_of(service)
    modules = "" if PHP is None else subprocess.check_output([PHP, "-m"], text=True)
    if PHP is None or "curl" not in modules.split():
        with Link(service) as link:
            right(link.exchange(php(token)), len(CLASSES))
        return
    (tmp_path / "sample.php").write_text(_PHP)
    (tmp_path / "image").write_text(ENCODED)
    url = f"https://{HOST}:{service.port}{TARGET}?access_token={token}"
    command = [PHP, "sample.php", url, f"{HOST}:{service.port}:127.0.0.1"]
    CALLS["php"] += 1
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    right(json.loads(done.stdout), len(CLASSES))


_PHP = r"""<?php
function request_post($url, $param, $resolve) {
    $curl = curl_init();
    curl_setopt($curl, CURLOPT_URL, $url);
    curl_setopt($curl, CURLOPT_RESOLVE, array($resolve));  // the name leads to the test's server
    curl_setopt($curl, CURLOPT_HEADER, 0);
    curl_setopt($curl, CURLOPT_RETURNTRANSFER, 1);
    curl_setopt($curl, CURLOPT_SSL_VERIFYPEER, false);
    curl_setopt($curl, CURLOPT_POST, 1);
    curl_setopt($curl, CURLOPT_POSTFIELDS, $param);
    $data = curl_exec($curl);
    curl_close($curl);
    return $data;
}
$image = file_get_contents("image");
$bodys = "{\"image\":\"" . $image . "\",\"top_num\":\"5\"}";
echo request_post($argv[1], $bodys, $argv[2]);
"""
