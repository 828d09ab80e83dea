"""R-219 to R-231: the interface of published classifiers, as the BML page has it."""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.gateway.classify import CLASSES, PATH, Classification, drawn, published
from tests.server import RunningServer

__all__ = ["published"]

pytestmark = pytest.mark.timeout(400)  # the first test waits for a training
ENCODED = base64.b64encode(drawn("circle", 500)).decode()


def encoded(width: int, height: int, kind: str = "PNG") -> bytes:
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def code(answer: dict[str, Any]) -> int:
    return int(answer.get("error_code", 0))


@pytest.mark.parametrize("kind", CLASSES)
def test_right_class(published: Classification, kind: str) -> None:
    """R-221: log_id is a number, results have name and score and nothing else comes along."""
    answer = published.image(drawn(kind, 300))
    assert set(answer) == {"log_id", "results"} and isinstance(answer["log_id"], int)
    assert answer["results"][0]["name"] == kind
    assert all(set(row) == {"name", "score"} for row in answer["results"])
    scores = [row["score"] for row in answer["results"]]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=1e-4) and min(scores) >= 0


def test_top_num(published: Classification) -> None:
    """R-222, R-223: number or text; more than there are classes gives all; default six (three here)."""
    assert len(published.json({"image": ENCODED})["results"]) == 3
    for given, count in ((2, 2), ("2", 2), (1, 1), ("5", 3), (10**8, 3), (2.0, 2), (None, 3)):
        answer = published.json({"image": ENCODED, "top_num": given})
        assert len(answer["results"]) == count, given
        assert answer["results"][0]["name"] == "circle"
    for bad in (0, -1, "0", "", "two", 1.5, True, [2], {"n": 2}, "1" * 30):
        assert code(published.json({"image": ENCODED, "top_num": bad})) == 336001, bad


def test_bodies(published: Classification) -> None:
    """R-224, A-76: what a body says counts, not its header; a form is told apart."""
    body = json.dumps({"image": ENCODED, "top_num": "5"})
    escaped = body.replace("/", "\\/")  # as PHP writes it
    form = "application/x-www-form-urlencoded"
    for kind in ("application/json", "application/json;charset=UTF-8", form, "text/plain", None):
        assert published.post(body, kind)["results"][0]["name"] == "circle"
    assert published.post(escaped, form)["results"][0]["name"] == "circle"
    assert published.post("\ufeff " + body + "\n\0")["results"][0]["name"] == "circle"
    assert code(published.post(f"image={ENCODED}&top_num=5", form)) == 336001
    assert code(published.post(f"image={ENCODED}", None)) == 336001
    assert code(published.post(b"--x\r\n", "multipart/form-data; boundary=x")) == 336001
    for broken in ("", "{", '{"image": ', "[1]", '"text"', "null", body[:-1], "{'image': 1}"):
        assert code(published.post(broken)) == 336002, broken


def test_pictures_that_are_refused(published: Classification) -> None:
    """R-225 to R-228."""
    assert code(published.json({"image": "!!!" + ENCODED})) == 336003
    assert code(published.json({"image": "data:image/jpg;base64," + ENCODED})) == 336003
    assert code(published.json({"image": "A" * (4 * 1024 * 1024 + 4)})) == 336004
    for width, height in ((14, 100), (100, 14), (4097, 20)):
        assert code(published.image(encoded(width, height))) == 336004
    assert code(published.image(encoded(64, 64, "GIF"))) == 336005
    assert code(published.image(encoded(64, 64, "WEBP"))) == 336005
    assert code(published.image(b"this is no picture at all")) == 336005
    assert code(published.image(drawn("circle", 1)[:900])) == 336005
    for body in ({}, {"image": None}, {"image": ""}, {"image": " "}, {"top_num": 3}):
        assert code(published.json(body)) == 336006, body
    assert code(published.json({"image": 17})) == 336001


def test_limits_are_inclusive(published: Classification) -> None:
    """R-070: 15 and 4096 px pass, so do all three formats and base64 of just 4M."""
    for width, height in ((15, 15), (4096, 15)):
        assert "results" in published.image(encoded(width, height))
    for kind in ("JPEG", "BMP"):
        assert "results" in published.image(encoded(64, 48, kind))
    assert (
        code(published.json({"image": base64.b64encode(bytes(3 * 1024 * 1024)).decode()})) == 336005
    )


def test_messages(published: Classification) -> None:
    """R-230, R-231: the page's own wording."""
    answer = published.json({"image": ENCODED}, token="24.wrong.2592000.1.2-3")
    assert code(answer) in (100, 110)
    genuine = published.server.token()
    flipped = genuine[:10] + ("0" if genuine[10] != "0" else "1") + genuine[11:]
    assert published.json({"image": ENCODED}, token=flipped) == {
        "error_code": 110,
        "error_msg": "Access token invalid or no longer valid",
    }
    assert published.json({}) == {"error_code": 336006, "error_msg": "缺失必要参数"}
    assert published.post("{") == {"error_code": 336002, "error_msg": "JSON不合法"}
    assert published.json({"image": "!"})["error_msg"] == "Base64解码失败"
    assert published.image(b"x" * 50)["error_msg"] == "图片解码失败"
    keys = published.server.make_app("gone-classify")
    token = published.server.token(keys)
    published.server.cli("apps", "delete", keys["app_id"], "--yes")
    answer = published.json({"image": ENCODED}, token=token)
    assert code(answer) in (15, 110)
    if code(answer) == 15:
        assert answer["error_msg"] == "app not exists or create failed"


def test_unknown_service_and_methods(published: Classification) -> None:
    server = published.server
    nobody = Classification(server, "nobody")
    assert nobody.json({"image": ENCODED}) == {
        "error_code": 3,
        "error_msg": "Unsupported openapi method",
    }
    assert server.client.get(f"{PATH}shapes").json()["error_code"] == 3
    assert server.client.post(f"{PATH}shapes/more").json()["error_code"] == 3


def test_permissions(published: Classification) -> None:
    """6 for an app without the tick, and for one the service does not name."""
    server = published.server
    ticked = server.token(server.make_app("ticked", "--operators", "custom_classification"))
    other = server.token(server.make_app("other", "--operators", "dehaze"))
    body = {"image": ENCODED}
    assert "results" in published.json(body, token=ticked)
    assert code(published.json(body, token=other)) == 6
    server.cli("classify", "publish", "shapes", "--as", "closed", "--app", "other")
    closed = Classification(server, "closed")
    assert "results" in closed.json(body, token=other)
    assert code(closed.json(body, token=ticked)) == 6
    server.cli("classify", "publish", "shapes", "--as", "closed", "--app", "all")
    assert "results" in closed.json(body, token=ticked)


def test_stop_start_and_roll_back(published: Classification) -> None:
    """R-229: 336100 while stopped, right answers after."""
    server = published.server
    server.cli("classify", "publish", "shapes", "--as", "turns")
    turns = Classification(server, "turns")
    assert "results" in turns.json({"image": ENCODED})
    server.cli("classify", "stop", "turns")
    assert turns.json({"image": ENCODED}) == {
        "error_code": 336100,
        "error_msg": "model temporarily unavailable",
    }
    server.cli("classify", "start", "turns")
    assert "results" in turns.json({"image": ENCODED})
    second = json.loads(server.cli("classify", "publish", "shapes", "--as", "turns", "--json"))
    assert second["version"] == 2
    assert json.loads(server.cli("classify", "rollback", "turns", "--json"))["version"] == 1
    third = json.loads(server.cli("classify", "publish", "shapes", "--as", "turns", "--json"))
    assert third["version"] == 3
    server.cli("classify", "delete", "--service", "turns")
    assert code(turns.json({"image": ENCODED})) == 3


def test_open_set(published: Classification) -> None:
    """A picture unlike every class goes to [default]; one of a class does not."""
    server = published.server
    server.cli("classify", "publish", "shapes", "--as", "open", "--open-set")
    opened = Classification(server, "open")
    strange = opened.image(encoded(200, 150))["results"]
    assert strange[0]["name"] == "[default]" and len(strange) == 4
    assert sum(row["score"] for row in strange) == pytest.approx(1, abs=1e-4)
    assert opened.image(drawn("circle", 3))["results"][0]["name"] == "circle"


def test_input_by_url(published: Classification, picture_server: str) -> None:
    answer = published.json({"url": f"{picture_server}/circle.jpg"}, input_type="url")
    assert answer["results"][0]["name"] == "circle"
    assert code(published.json({"url": "http://10.0.0.1/x.jpg"}, input_type="url")) == 336001


@pytest.fixture
def picture_server() -> Any:
    import http.server
    import threading

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = drawn("circle", 700)
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


def test_calls_are_counted(published: Classification, server: RunningServer) -> None:
    keys = server.make_app("counter")
    token = server.token(keys)
    assert "results" in published.json({"image": ENCODED}, token=token)
    published.json({}, token=token)
    shown = json.loads(server.cli("apps", "show", keys["app_id"], "--json"))
    text = server.client.get("/metrics").text
    assert 'xiutu_calls_total{code="0",operator="classification/shapes"}' in text
    assert shown["app_id"] == keys["app_id"]
