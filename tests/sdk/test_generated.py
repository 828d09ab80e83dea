"""R-197: generated programs that use the vendors' SDKs as they are, run against the server."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.pictures import encoded
from tests.sdk.child import CALLS, HERE, clean_environment
from tests.sdk.front import PATH, Front
from tests.sdk.results import RECTANGLE, picture_file
from tests.server import RunningServer, jpeg
from xiutu.web.samples import SDK, Auth, File, Json, Program, Request, program, sdk_languages

_REDIRECTED = (
    f"import sys, runpy; sys.path.insert(0, {str(HERE / 'drivers')!r}); import redirect; "
    "redirect.install(); runpy.run_path('call.py')"
)
CALLERS = {
    ("baidu", "python"): [sys.executable, "-c", _REDIRECTED],
    ("baidu", "node"): ["node", "--no-deprecation", "-r", str(HERE / "node/hook.js"), "call.js"],
    ("tencent", "python"): [sys.executable, "call.py"],
    ("tencent", "node"): ["node", "--no-deprecation", "call.js"],
}
VALUES: dict[str, dict[str, Json]] = {
    "dehaze": {},
    "style_trans": {"option": "pencil"},
    "denoise": {"option": 40},
    "inpainting": {"rectangle": RECTANGLE},
}


def ran(vendor: str, made: Program, folder: Path, **environment: str) -> bytes:
    """The picture that the program has written."""
    (folder / made.language.file).write_text(made.code, "utf-8")
    CALLS[f"generated for {vendor}'s SDK"] += 1
    done = subprocess.run(
        CALLERS[vendor, made.language.id],
        cwd=folder,
        env={
            **clean_environment(),
            "NODE_PATH": str(HERE / "node/node_modules"),
            "PATH": os.environ["PATH"],
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.strip() == "result.jpg"
    return (folder / "result.jpg").read_bytes()


def baidu(operator: str, keys: list[str]) -> Request:
    member = "result" if operator == "denoise" else "image"
    return Request(
        interface=operator,
        address="https://aip.baidubce.com",
        path=PATH + operator,
        auth=Auth.TOKEN,
        as_json=operator == "inpainting",
        values={"image": File("photo.jpg"), **VALUES.get(operator, {})},
        saves={member: "result.jpg"},
        api_key=keys[1],
        secret_key=keys[2],
    )


@pytest.mark.parametrize("language", ["python", "node"])
@pytest.mark.parametrize("operator", VALUES)
def test_baidu(tls_server: Front, tmp_path: Path, operator: str, language: str) -> None:
    (tmp_path / "photo.jpg").write_bytes(picture_file("photo"))
    made = program(language, baidu(operator, tls_server.keys), sdk=True)
    trust = {"NODE_EXTRA_CA_CERTS": str(tls_server.ca), "SDK_TARGET": str(tls_server.port)}
    assert ran("baidu", made, tmp_path, **trust).startswith(b"\xff\xd8")


def tencent(address: str, keys: dict[str, str]) -> Request:
    return Request(
        interface="ImageInpaintingRemoval",
        address=address,
        path="/",
        auth=Auth.TC3,
        as_json=True,
        values={"InputImage": File("photo.jpg"), "Mask": File("mask.png"), "LogoAdd": 0},
        saves={"ResultImage": "result.jpg"},
        region="ap-guangzhou",
        api_key=keys["api_key"],
        secret_key=keys["secret_key"],
    )


@pytest.mark.parametrize("language", ["python", "node"])
def test_tencent(server: RunningServer, tmp_path: Path, language: str) -> None:
    """Over plain HTTP, straight to this server's address."""
    height, width = 240, 320
    mask = np.zeros((height, width, 3), np.uint8)
    mask[60:90, 80:120] = 255
    (tmp_path / "mask.png").write_bytes(encoded(mask))
    (tmp_path / "photo.jpg").write_bytes(jpeg(width, height))
    made = program(language, tencent(server.url, server.keys), sdk=True)
    assert ran("tencent", made, tmp_path)[:2] in (b"\xff\xd8", b"\x89P")


@pytest.mark.parametrize("operator", VALUES)
def test_all_sdk_programs_can_be_written(operator: str, tmp_path: Path) -> None:
    """Their text holds method and values; PHP's is checked by PHP."""
    request = baidu(operator, ["", "K" * 24, "S" * 32])
    written = {
        language: program(language, request, sdk=True) for language in sdk_languages(request)
    }
    assert {"python", "node"} <= set(written) <= set(SDK["baidu"])
    for language, made in written.items():
        assert "photo.jpg" in made.code and "K" * 24 in made.code
        if language == "php":
            (tmp_path / "call.php").write_text(made.code, "utf-8")
            assert shutil.which("php"), "sh scripts/test-services installs it"
            subprocess.run(["php", "-l", "call.php"], cwd=tmp_path, check=True, capture_output=True)


def test_tencent_sdk_programs_can_be_written(tmp_path: Path) -> None:
    request = tencent("http://127.0.0.1:8000", {"api_key": "K" * 24, "secret_key": "S" * 32})
    assert sdk_languages(request) == tuple(SDK["tencent"])
    for language in SDK["tencent"]:
        made = program(language, request, sdk=True)
        assert "127.0.0.1:8000" in made.code and "InputImage" in made.code
        if language == "php":
            (tmp_path / "call.php").write_text(made.code, "utf-8")
            subprocess.run(["php", "-l", "call.php"], cwd=tmp_path, check=True, capture_output=True)
