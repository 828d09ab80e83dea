"""PyPI ``baidu-aip``, unmodified: AipImageProcess over TLS to its own fixed host name."""

import base64
import json
import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import pdfs
from tests.pictures import blank
from tests.sdk.child import PYTHON, Child
from tests.sdk.front import URL, Front
from tests.sdk.results import (
    HEIGHT,
    RECTANGLE,
    WIDTH,
    image_bytes,
    image_text,
    picture,
    picture_file,
    pixels,
    verify,
)
from xiutu.operators._registry import implemented

METHODS = {
    "colourize": ("colourize",),
    "style_trans": ("styleTrans", {"option": "pencil"}),
    "selfie_anime": ("selfieAnime", {"type": "anime", "mask_id": 3}),
    "customize_stylization": ("customizeStylizationV1", {"style_id": 1}),
    "dehaze": ("dehaze",),
    "contrast_enhance": ("contrastEnhance",),
    "image_quality_enhance": ("imageQualityEnhance",),
    "stretch_restore": ("stretchRestore",),
    "image_definition_enhance": ("imageDefinitionEnhance",),
    "remove_moire": ("removeMoireV1",),
    "doc_repair": ("docRepairV1",),
    "denoise": ("denoiseV1", 20),
    "sky_seg": ("skySeg",),
}
URL_METHODS = {
    "customize_stylization": ("customizeStylizationV1Url", {"style_id": 1}),
    "doc_repair": ("docRepairV1Url",),
    "denoise": ("denoiseV1Url", 20),
    "remove_moire": ("removeMoireV1Url",),
}


def file(data: bytes) -> dict[str, str]:
    """Bytes as an argument of the driver."""
    return {"$bytes": base64.b64encode(data).decode()}


def call(method: str, *args: Any) -> dict[str, Any]:
    return {"call": method, "args": args}


def run(sdk: Child, keys: list[str], *steps: dict[str, Any]) -> list[Any]:
    """Steps with one client of the SDK; of calls only the answer."""
    calls = sum(not step.get("call", "set").startswith("set") for step in steps)
    results = sdk.ask({"keys": keys, "steps": steps}, calls)
    return [r["answer"] if "call" in s else r for s, r in zip(steps, results, strict=True)]


@pytest.mark.parametrize("operator", list(METHODS))
def test_documented_methods(python_sdk: Child, tls_server: Front, operator: str) -> None:
    """R-206, R-216, R-218, R-027, R-038: every method, picture as bytes, over TLS."""
    method, *args = METHODS[operator]
    [answer] = run(python_sdk, tls_server.keys, call(method, file(image_bytes(operator)), *args))
    verify(operator, answer)
    if operator in implemented():
        assert tls_server.credential(answer) == "token"


@pytest.mark.parametrize("operator", list(URL_METHODS))
def test_documented_url_methods(
    python_sdk: Child, tls_server: Front, picture_url: str, operator: str
) -> None:
    """R-048, R-206: the ...Url methods send ``url`` and no ``image``."""
    method, *args = URL_METHODS[operator]
    [answer] = run(python_sdk, tls_server.keys, call(method, picture_url, *args))
    verify(operator, answer)


def test_operators_without_a_method(python_sdk: Child, tls_server: Front, picture_url: str) -> None:
    """R-218, A-71: color_enhance and segment have no method here; the SDK's generic post reaches them.

    Also ``url`` at operators whose ...Url method this SDK lacks.
    """
    image = image_text("photo")
    segment = {"image": image, "method": "auto", "refine_mask": "true", "return_form": "rgba"}
    by_url = {"url": picture_url}
    as_json = {"Content-Type": "application/json"}
    colour, cut, hazy, styled = run(
        python_sdk,
        tls_server.keys,
        call("post", f"{URL}color_enhance", {"image": image}),
        call("post", f"{URL}segment", json.dumps(segment), as_json),
        call("post", f"{URL}dehaze", by_url),
        call("post", f"{URL}style_trans", by_url | {"option": "wave"}),
    )
    verify("color_enhance", colour)
    verify("segment", cut)
    verify("dehaze", hazy)
    verify("style_trans", styled)


def test_style_trans_with_and_without_option(python_sdk: Child, tls_server: Front) -> None:
    """R-076, R-075: the documented ``styleTrans(image)`` is the default style; unknown ones are 216100."""
    image = file(picture_file("photo"))
    plain, cartoon, wave, unknown = run(
        python_sdk,
        tls_server.keys,
        call("styleTrans", image),
        call("styleTrans", image, {"option": "cartoon"}),
        call("styleTrans", image, {"option": "wave"}),
        call("styleTrans", image, {"option": "no such style"}),
    )
    assert plain["image"] == cartoon["image"]
    assert wave["image"] != cartoon["image"]
    assert unknown == {"error_code": 216100, "error_msg": "invalid param"}


def test_inpainting_by_mask(python_sdk: Child, tls_server: Front) -> None:
    """R-207, R-099: rectangle as JSON text works; the list of the documents never leaves the client."""
    image = file(picture_file("photo"))
    text, as_list, missing = run(
        python_sdk,
        tls_server.keys,
        call("inpaintingByMask", image, json.dumps(RECTANGLE)),
        call("inpaintingByMask", image, RECTANGLE),
        call("inpaintingByMask", image, ""),
    )
    before, after = pixels("photo").astype(int), picture(text).rgb.astype(int)
    inside = np.s_[95:115, 92:128]
    assert np.abs(after - before)[inside].mean() > 3
    outside = np.abs(after - before)
    outside[inside] = 0
    # JPEG in, JPEG out: only compression separates the rest from the original.
    assert outside.mean() < 4
    assert as_list == {"error_code": 216100, "error_msg": "invalid param"}
    assert missing == {"error_code": 282003, "error_msg": "missing parameters: rectangle"}


def test_main_errors(python_sdk: Child, tls_server: Front) -> None:
    """R-053, R-054, R-055, R-060, R-135: what a user of the SDK gets to see of his mistakes."""
    big = file(b"\xff\xd8\xff" + bytes(7_864_320))  # one step over 10M of base64
    empty, oversize, text, base64_fault, nothing = run(
        python_sdk,
        tls_server.keys,
        call("dehaze", file(b"")),
        call("dehaze", big),
        call("dehaze", file(b"this is no picture")),
        call("post", f"{URL}dehaze", {"image": "*** not base64 ***"}),
        call("post", f"{URL}dehaze", {}),
    )
    assert empty == {"error_code": 216200, "error_msg": "empty image"}
    assert oversize == {"error_code": 216202, "error_msg": "image size error"}
    assert text == {"error_code": 216201, "error_msg": "image format error"}
    assert base64_fault == {"error_code": 216203, "error_msg": "image size error"}
    assert nothing == {"error_code": 216101, "error_msg": "not enough param"}


def test_wrong_secret(python_sdk: Child, tls_server: Front) -> None:
    """R-022, R-033, R-128: no token, so the SDK signs with the same wrong key, and the user sees 14."""
    for keys in (tls_server.wrong_keys, ["1", "unknown-key", "unknown-secret"]):
        answer, cloud = run(
            python_sdk,
            keys,
            call("dehaze", file(picture_file("photo"))),
            {"get": "_isCloudUser"},
        )
        assert answer == {"error_code": 14, "error_msg": "IAM Certification failed"}
        assert cloud is True


def test_unknown_token_is_fetched_again(python_sdk: Child, tls_server: Front) -> None:
    """R-215, R-029: a cached token the server does not know gives 110; the SDK gets a new one by itself."""
    stale = "24." + "0" * 32 + f".2592000.{int(time.time()) + 1_000_000}.1-1"
    cached = {"access_token": stale, "expires_in": 2_592_000, "time": int(time.time())}
    _, _, answer, renewed, again = run(
        python_sdk,
        tls_server.keys,
        {"set": "_authObj", "value": cached},
        {"set": "_isCloudUser", "value": False},
        call("dehaze", file(picture_file("photo"))),
        {"get": "_authObj"},
        call("dehaze", file(picture_file("photo"))),
    )
    verify("dehaze", answer)
    assert renewed["access_token"] != stale
    verify("dehaze", again)


def test_app_without_image_operators(python_sdk: Child, tls_server: Front) -> None:
    """R-021, R-126: no brain_all_scope, so the SDK signs; that works, and the interface refuses with 6."""
    answer, cloud = run(
        python_sdk,
        tls_server.bare_keys,
        call("dehaze", file(picture_file("photo"))),
        {"get": "_isCloudUser"},
    )
    assert answer == {"error_code": 6, "error_msg": "No permission to access data"}
    assert cloud is True


def test_cloud_user(python_sdk: Child, tls_server: Front) -> None:
    """R-031, R-035, R-037: signed by the SDK (host;x-bce-date), the same results, form and JSON.

    With a JSON call the signed list is content-type;host;x-bce-date, in insertion order.
    """
    body = json.dumps({"image": image_text("photo"), "rectangle": RECTANGLE})
    image = file(picture_file("photo"))
    cloud = {"set": "_isCloudUser", "value": True}
    _, signed, as_json, spelt = run(
        python_sdk,
        tls_server.keys,
        cloud,
        call("dehaze", image),
        call("post", f"{URL}inpainting", body, {"Content-Type": "application/json"}),
        call("post", f"{URL}inpainting", body, {"Content-Type": "application/json;charset=UTF-8"}),
    )
    for operator, answer in (("dehaze", signed), ("inpainting", as_json), ("inpainting", spelt)):
        verify(operator, answer)
        assert tls_server.credential(answer) == "signature"
    [by_token] = run(python_sdk, tls_server.keys, call("dehaze", image))
    assert by_token["image"] == signed["image"]
    # The SDK repeats the query of a URL it was given, and signs each pair once.
    queried = f"{URL}dehaze?aipSdk=python&purpose=test"
    form = {"image": image_text("photo")}
    _, repeated = run(python_sdk, tls_server.keys, cloud, call("post", queried, form))
    verify("dehaze", repeated)


def test_socket_timeout(python_sdk: Child, tls_server: Front) -> None:
    """R-208, R-141: setSocketTimeoutInMillis cuts a long call short with SDK108; the next call works."""
    long = file(blank(2400, 1800))
    first, _, cut, _, after = run(
        python_sdk,
        tls_server.keys,
        call("dehaze", file(picture_file("photo"))),
        call("setSocketTimeoutInMillis", 60),
        call("dehaze", long),
        call("setSocketTimeoutInMillis", 30_000),
        call("dehaze", file(picture_file("photo"))),
    )
    assert cut == {"error_code": "SDK108", "error_msg": "connection or read data timeout"}
    verify("dehaze", first)
    verify("dehaze", after)


def test_connection_timeout(tls_server: Front, logs: Path) -> None:
    """R-208: setConnectionTimeoutInMillis, against a port that never completes a handshake."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        with Child("baidu-aip", PYTHON, port, logs / "timeout.log") as child:
            steps = [
                call("setConnectionTimeoutInMillis", 150),
                call("dehaze", file(picture_file("photo"))),
            ]
            _, result = child.ask({"keys": tls_server.keys, "steps": steps})
    assert result["answer"]["error_code"] == "SDK108"
    assert result["seconds"] < 10  # the default is 60


def test_pdf_method(python_sdk: Child, tls_server: Front) -> None:
    """R-104, R-105, R-107 by the SDK's removeMoireV1Pdf; scans keep their pixels."""
    scan = file(pdfs.scan(pixels("photo"), pixels("portrait")[:100]))
    first, second, third = run(
        python_sdk,
        tls_server.keys,
        call("removeMoireV1Pdf", scan),
        call("removeMoireV1Pdf", scan, {"pdf_file_num": "2"}),
        call("removeMoireV1Pdf", scan, {"pdf_file_num": "3"}),
    )
    assert first["pdf_file_size"] == second["pdf_file_size"] == "2"
    assert picture(first, "image_processed").size == (WIDTH, HEIGHT)
    assert picture(second, "image_processed").size == (WIDTH, 100)
    assert third == {"error_code": 282004, "error_msg": "invalid parameter(s)"}
