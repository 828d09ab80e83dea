"""Requests and answers in general (R-039 to R-059), on a running server."""

import base64
import json
from urllib.parse import quote

import pytest

from tests.pictures import encoded, noise, photo, portrait
from tests.server import PREFIX, RunningServer, checked, jpeg, png
from xiutu import contract
from xiutu.image.decode import decode
from xiutu.operators._registry import implemented

B64 = base64.b64encode(jpeg()).decode()
EXTRA = {
    "customize_stylization": {"style_id": "1"},
    "denoise": {"option": "10"},
    "inpainting": {"rectangle": '[{"left":1,"top":1,"width":1,"height":1}]'},
}

LOSSLESS = ("segment", "sky_seg")  # masks and cut-outs, A-34


SIZE = (192, 144)
"""Every operator takes it: segment wants 128 px, a face has enough of them."""
BMP_ELSEWHERE = ("segment", "selfie_anime")
"""The one has its own test of formats; the other draws each picture anew at a megapixel."""


def _file(operator: str, kind: str) -> bytes:
    return encoded((portrait if operator == "selfie_anime" else photo)(*SIZE), kind)


@pytest.mark.parametrize("operator", list(implemented()))
def test_success_shape(server: RunningServer, operator: str) -> None:
    """R-039, R-045, R-046, R-204: the documented members, log_id typed as in the sample and unique; a
    JPEG for a JPEG, a PNG for a PNG (A-34)."""
    row = contract.operator(operator)
    answers = []
    for kind in ("JPEG", "PNG"):
        fields = {"image": _file(operator, kind), **EXTRA.get(operator, {})}
        answers.append(answer := server.call(operator, **fields))
        due = {field.name for field in row.response.fields} - {"pdf_file_size"}  # PDFs only
        assert due == set(answer)
        assert isinstance(answer["log_id"], str if row.response.log_id_is_text else int)
        assert 0 < int(answer["log_id"]) < 2**64
        if row.response.log_id_needs_53_bits:
            assert answer["log_id"] < 2**53
        picture = decode(base64.b64decode(answer[row.response.picture_fields[0]], validate=True))
        assert picture.format == ("png" if operator in LOSSLESS else kind.lower())
        factor = 2 if operator == "image_quality_enhance" else 1
        if operator != "stretch_restore":  # finds a size of its own
            assert picture.size == (SIZE[0] * factor, SIZE[1] * factor)
    assert answers[0]["log_id"] != answers[1]["log_id"]


@pytest.mark.parametrize("operator", [name for name in implemented() if name not in BMP_ELSEWHERE])
def test_formats_in_png_out(server: RunningServer, operator: str) -> None:
    """R-056, A-34: BMP here, the others just above."""
    answer = server.call(operator, image=_file(operator, "BMP"), **EXTRA.get(operator, {}))
    data = base64.b64decode(answer[contract.operator(operator).response.picture_fields[0]])
    assert decode(data).format == "png"


def test_every_operator_of_the_contract_is_served() -> None:
    assert set(implemented()) == set(contract.operator_ids())


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_wrong_method(server: RunningServer, method: str) -> None:
    """R-043."""
    answer = server.client.request(method, f"{PREFIX}dehaze", params={"access_token": "x"})
    assert checked(answer)["error_code"] == 216102


@pytest.mark.parametrize(
    "path",
    [f"{PREFIX}dehase", f"{PREFIX}dehaze/", "/rest/2.0/image–process/v1/dehaze", "/rest/2.0", "/x"],
)
def test_unknown_path(server: RunningServer, path: str) -> None:
    """R-124: also for a typographic dash."""
    for answer in (server.client.post(path, content=b"x"), server.client.get(path)):
        assert checked(answer) == {"error_code": 3, "error_msg": "Unsupported openapi method"}


def test_image_wins_over_url(server: RunningServer) -> None:
    """R-047, A-19: a broken image is not replaced by the url, an empty one is."""
    assert "image" in server.call("dehaze", image=jpeg(), url="not an address")
    broken = server.call("dehaze", image=b"text", url="http://127.0.0.1:65000/x.png")
    assert broken["error_code"] == 216201
    empty = server.call("dehaze", image="", url="http://127.0.0.1:65000/x.png")
    assert empty["error_code"] == 282113


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 216101),
        ({"unknown": "1"}, 216101),
        ({"image": ""}, 216200),
        ({"image": "\n\n"}, 216200),
        ({"image": "", "url": ""}, 216200),
        ({"url": ""}, 282114),
        ({"url": "ftp://example.org/x.png"}, 282111),
        ({"url": "x.png"}, 282111),
        ({"url": "http://10.0.0.1/x.png"}, 282111),
        ({"url": "http://127.0.0.1:1/" + "x" * 2000}, 282114),
        ({"image": "?!*not base64*!?"}, 216203),
        ({"image": base64.b64encode(b"just text").decode()}, 216201),
        ({"image": "data:image/jpg;base64,"}, 216200),
    ],
)
def test_sources(server: RunningServer, fields: dict[str, str], code: int) -> None:
    """R-049 to R-055, R-138."""
    assert server.call("dehaze", **fields)["error_code"] == code


def test_data_uri_head_is_stripped(server: RunningServer) -> None:
    """R-057."""
    assert "image" in server.call("dehaze", image=f"data:image/jpg;base64,{B64}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(quote(B64, safe=""), id="percent-encoded"),
        pytest.param(quote(B64, safe="/"), id="C# leaves the slash"),
        pytest.param(quote(B64, safe="").replace("%2B", "%2b"), id="lower-case escapes"),
        pytest.param(B64, id="not encoded at all"),
        pytest.param(
            quote("\n".join(B64[i : i + 76] for i in range(0, len(B64), 76))), id="mime lines"
        ),
        pytest.param(quote(B64.rstrip("="), safe=""), id="padding stripped"),
    ],
)
def test_form_spellings(server: RunningServer, text: str) -> None:
    """R-040, R-059."""
    for body in (f"image={text}", f"image={text}&", f"option&image={text}"):
        answer = server.post("dehaze", body.encode(), "application/x-www-form-urlencoded")
        assert "image" in answer, body[-30:]


@pytest.mark.parametrize("content_type", [None, "application/json", "application/json;charset=UTF-8",
                                          "application/x-www-form-urlencoded", "text/plain"])  # fmt: skip
def test_json_is_recognised_by_its_brace(server: RunningServer, content_type: str | None) -> None:
    """R-041, R-042, A-02, A-03: at every operator, whatever the header says."""
    rectangle = [{"left": 1, "top": 1, "width": 5, "height": 5}]
    body = json.dumps({"image": B64, "rectangle": rectangle}).encode()
    assert "image" in server.post("inpainting", body, content_type)
    assert "image" in server.post(
        "dehaze", b"\n " + json.dumps({"image": B64}).encode(), content_type
    )
    escaped = body.replace(b"/", b"\\/")
    assert "image" in server.post("inpainting", escaped, content_type)


def test_content_encoding_utf8_is_ignored(server: RunningServer) -> None:
    """WIRE section 4: the Java SDK sends it."""
    answer = server.client.post(
        f"{PREFIX}dehaze",
        params={"access_token": server.token()},
        content=json.dumps({"image": B64}).encode(),
        headers={"content-type": "application/json", "content-encoding": "UTF8"},
    )
    assert "image" in checked(answer)


def test_form_at_a_json_operator(server: RunningServer) -> None:
    """R-099, A-04: rectangle as JSON text in a form; the Python SDK's degenerate form is an error."""
    answer = server.call(
        "inpainting", image=jpeg(), rectangle='[{"left":1,"top":1,"width":9,"height":9}]'
    )
    assert "image" in answer
    degenerate = (
        f"image={quote(B64, safe='')}&rectangle=left&rectangle=top&rectangle=width&rectangle=height"
    )
    assert server.post("inpainting", degenerate.encode())["error_code"] == 216100


def test_alpha_is_carried_round(server: RunningServer) -> None:
    """Ground rule: an operator that does not use alpha must not lose it."""
    import numpy as np

    alpha = np.tile(np.linspace(0, 255, 320).astype(np.uint8), (240, 1))
    answer = server.call("dehaze", image=encoded(np.dstack([photo(), alpha])))
    picture = decode(base64.b64decode(answer["image"]))
    assert picture.alpha is not None
    np.testing.assert_array_equal(picture.alpha, alpha)


def test_base64_limit_border(server: RunningServer) -> None:
    """R-060 on the wire: 10 M of base64 passes, 4 characters more fail, far more is "input oversize"."""
    limit = 10_485_760
    file = encoded(noise(400, 300), "BMP")
    padded = file + b"\0" * (limit // 4 * 3 - len(file))
    text = base64.b64encode(padded).decode()
    assert len(text) == limit
    assert "image" in server.call("color_enhance", image=text)
    over = server.call("color_enhance", image=text + "AAAA")
    assert over == {"error_code": 216202, "error_msg": "image size error"}


def test_transport_ceiling(server: RunningServer) -> None:
    """R-058, A-12: three times the limit and 64 KiB; above it "input oversize", announced or chunked."""
    url = f"{PREFIX}denoise?access_token={server.token()}"
    ceiling, head = 3 * 3 * 1_048_576 + 65_536, b"option=1&image="
    for size, message in ((ceiling, "image size error"), (ceiling + 1, "input oversize")):
        answer = checked(server.client.post(url, content=head + b"A" * (size - len(head))))
        assert answer == {"error_code": 216202, "error_msg": message}
    pieces = (b"image=" if i == 0 else b"A" * 65_536 for i in range(200))
    answer = checked(server.client.post(url, content=pieces))
    assert answer == {"error_code": 216202, "error_msg": "input oversize"}


def test_expect_100_continue(server: RunningServer) -> None:
    """WIRE section 1: libcurl clients wait a second for it with large bodies."""
    import socket

    host, port = server.url.removeprefix("http://").split(":")
    body = b"image=" + quote(base64.b64encode(png()).decode(), safe="").encode()
    head = (
        f"POST {PREFIX}dehaze?access_token={server.token()} HTTP/1.1\r\nHost: {host}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        "Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=30) as link:
        link.sendall(head.encode())
        assert link.recv(64).startswith(b"HTTP/1.1 100 ")
        link.sendall(body)
        received = b""
        while piece := link.recv(65536):
            received += piece
    assert received.startswith(b"HTTP/1.1 200") and b'"image":' in received
