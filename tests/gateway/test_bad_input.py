"""Bad input gets the documented code and nothing else breaks."""

import base64
import struct
import zlib
from typing import Any
from urllib.parse import quote

import pytest

from tests.pictures import blank, encoded, noise, photo
from tests.server import RunningServer, jpeg, png
from xiutu import contract
from xiutu.operators._registry import implemented

OPERATORS = list(implemented())


def _bomb() -> bytes:
    """A PNG of 10,000 x 10,000 pixels in about 300 KB, honestly encoded."""
    row = b"\0" * (1 + 10_000 * 3)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(10_000)) + packer.flush()

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


PICTURES: dict[str, tuple[bytes, set[int]]] = {
    "truncated jpeg": (jpeg()[: len(jpeg()) // 2], {282100}),
    "truncated png": (png()[: len(png()) // 2], {282100}),
    "one pixel png": (blank(1, 1), {216202}),
    "100 MP png bomb": (_bomb(), {216202}),
    "gif": (encoded(photo(), "GIF"), {216201}),
    "webp": (encoded(photo(), "WEBP"), {216201}),
    "tiff": (encoded(photo(), "TIFF"), {216201}),
    "text file": (b"hello, I am not a picture", {216201}),
    "pdf": (b"%PDF-1.7\n%%EOF", {216201}),
    "zeros": (bytes(5000), {216201}),
    "jpeg head only": (jpeg()[:4], {216201, 282100}),
    "png head only": (png()[:12], {216201, 282100}),
    "bmp with a lying size": (b"BM" + b"\xff" * 60, {216201, 216202, 282100}),
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("name", list(PICTURES))
def test_broken_pictures(server: RunningServer, operator: str, name: str) -> None:
    """R-055, R-135: 216201 no picture, 216202 outside the limits, 282100 damaged."""
    data, codes = PICTURES[name]
    if operator == "image_quality_enhance" and name == "one pixel png":
        codes = {0}  # this operator has no smallest side (contract note)
    if operator == "segment" and name == "webp":
        codes = {0}
    answer = server.call(operator, image=data, **_good(operator))
    assert answer.get("error_code", 0) in codes


def _good(operator: str) -> dict[str, Any]:
    return {
        "customize_stylization": {"style_id": "1"},
        "denoise": {"option": "10"},
        "inpainting": {"rectangle": '[{"left":0,"top":0,"width":1,"height":1}]'},
    }.get(operator, {})


BODIES: dict[str, bytes] = {
    "empty": b"",
    "nothing but ampersands": b"&&&&&",
    "no names": b"=a&=b",
    "broken escapes": b"image=%zz%&url=%",
    "binary": bytes(range(256)) * 20,
    "nul": b"image=\0\0\0",
    "broken json": b'{"image": "abc"',
    "json list": b"[1,2,3]",
    "json number member": b'{"image": 5}',
    "json list member": b'{"image": ["a"]}',
    "json object member": b'{"image": {"a": 1}}',
    "json null member": b'{"image": null}',
    "deep json": b'{"image":' * 20_000,
    "json with a huge number": b'{"image": 1e999999}',
    "multipart": b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\nabc\r\n--x--\r\n',
    "eleven megabytes": b"image=" + b"A" * (11 * 1024 * 1024),
    "many fields": b"&".join(b"a%d=1" % i for i in range(20_000)),
    "utf-16": '{"image": "x"}'.encode("utf-16"),
}


@pytest.mark.parametrize("operator", ["dehaze", "inpainting", "denoise"])
@pytest.mark.parametrize("name", list(BODIES))
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/json"])
def test_broken_bodies(server: RunningServer, operator: str, name: str, content_type: str) -> None:
    answer = server.post(operator, BODIES[name], content_type)
    assert answer["error_code"] in contract.error_codes()
    assert answer["error_code"] not in (1, 282000), "an unexpected failure inside"


VALUES = ["", " ", "-1", "0", "9" * 30, "1e999", "nan", "0x10", "１２", "a" * 5000, "[]", "{}", "null",
          "true", "[[[[", '{"left":1}', "\0", "'; DROP TABLE apps; --", "../../etc/passwd"]  # fmt: skip


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("value", VALUES)
def test_odd_parameter_values(server: RunningServer, operator: str, value: str) -> None:
    """Every parameter missing, empty, huge, negative or of another type."""
    row = contract.operator(operator)
    small = encoded(photo(64, 64), "JPEG")
    for parameter in row.plain_params:
        fields = _good(operator) | {parameter.name: value}
        answer = server.call(operator, image=small, **fields)
        assert answer.get("error_code", 0) not in (1, 282000), (parameter.name, value)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(
    "value", [True, None, 5, -1, 1.5, [], {}, [[]], "x", [{"left": "a"}], 10**40]
)
def test_odd_json_values(server: RunningServer, operator: str, value: object) -> None:
    import json

    small = base64.b64encode(encoded(photo(64, 64), "JPEG")).decode()
    for parameter in contract.operator(operator).plain_params:
        body = {"image": small, **_good(operator), parameter.name: value}
        answer = server.post(operator, json.dumps(body).encode(), "application/json")
        assert answer.get("error_code", 0) not in (1, 282000), (parameter.name, value)


def test_doubled_fields(server: RunningServer) -> None:
    text = quote(base64.b64encode(jpeg()).decode(), safe="")
    answer = server.post("denoise", f"option=5&image={text}&option=7&image={text}".encode())
    assert "result" in answer


@pytest.mark.parametrize(
    ("operator", "fields", "body"),
    [
        ("denoise", {}, {"error_code": 282003, "error_msg": "missing parameters: option"}),
        ("denoise", {"option": "201"}, {"error_code": 216100, "error_msg": "invalid param"}),
        ("denoise", {"option": "-1"}, {"error_code": 216100, "error_msg": "invalid param"}),
        ("denoise", {"option": "strong"}, {"error_code": 216100, "error_msg": "invalid param"}),
        ("style_trans", {"option": "cubism"}, {"error_code": 216100, "error_msg": "invalid param"}),
        ("style_trans", {"option": "x" * 300}, {"error_code": 216103, "error_msg": "param too long"}),
        ("inpainting", {}, {"error_code": 282003, "error_msg": "missing parameters: rectangle"}),
        ("inpainting", {"rectangle": "[]"},
         {"error_code": 282003, "error_msg": "missing parameters: rectangle"}),
        ("inpainting", {"rectangle": '[{"left":0,"top":0,"width":320,"height":1}]'},
         {"error_code": 216100, "error_msg": "invalid param"}),
        ("inpainting", {"rectangle": '[{"left":300,"top":0,"width":21,"height":1}]'},
         {"error_code": 216100, "error_msg": "invalid param"}),
    ],
)  # fmt: skip
def test_documented_parameter_errors(
    server: RunningServer, operator: str, fields: dict[str, str], body: dict[str, object]
) -> None:
    """R-075, R-095, R-096, R-110, R-133, R-134."""
    assert server.call(operator, image=jpeg(), **fields) == body


def test_the_server_is_well_afterwards(server: RunningServer) -> None:
    """Runs after the rubbish above: no worker was lost to it."""
    text = server.client.get("/metrics").text
    lost = [line for line in text.splitlines() if line.startswith("xiutu_worker_restarts{")]
    assert not [line for line in lost if 'reason="crash"' in line and not line.endswith(" 0.0")]
    assert server.client.get("/readyz").json()["ready"] is True
    assert "image" in server.call("dehaze", image=encoded(noise(200, 100), "PNG"))
