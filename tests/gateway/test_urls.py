"""Pictures by address, fetched from a real server on loopback (R-048 to R-051, R-062, R-138)."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pictures import blank, encoded, noise
from tests.server import SMALL, RunningServer, jpeg
from tests.web import Page, serving
from xiutu.image.decode import decode


class _Pictures(Page):
    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/slow":
            time.sleep(4)
        body = {
            "/photo.jpg": jpeg(),
            "/slow": jpeg(),
            "/thin.png": blank(401, 100),
            "/nine.png": blank(9, 10),
            "/text": b"no picture",
            "/empty": b"",
            "/huge.bmp": encoded(noise(2000, 1400), "BMP"),
        }.get(path)
        if path == "/forbidden":
            self.send_error(403)
        elif path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/photo.jpg")
            self.end_headers()
        elif path == "/inwards":
            self.send_response(302)
            self.send_header("Location", "http://10.1.2.3/photo.jpg")
            self.end_headers()
        elif path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
        elif body is None:
            self.send_error(404)
        else:
            self.give(body)


@pytest.fixture(scope="module")
def pictures() -> Iterator[str]:
    with serving(_Pictures) as root:
        yield root


@pytest.mark.parametrize("path", ["/photo.jpg", "/moved"])
def test_picture_is_fetched(server: RunningServer, pictures: str, path: str) -> None:
    """R-048: also behind a redirect."""
    answer = server.call("dehaze", url=pictures + path)
    assert decode(base64.b64decode(answer["image"])).size == (320, 240)


def test_json_with_an_address(server: RunningServer, pictures: str) -> None:
    """R-098."""
    body = {
        "url": pictures + "/photo.jpg",
        "rectangle": [{"left": 9, "top": 9, "width": 20, "height": 20}],
    }
    answer = server.post("inpainting", json.dumps(body).encode(), "application/json")
    assert decode(base64.b64decode(answer["image"])).size == (320, 240)


def test_1024_bytes_pass(server: RunningServer, pictures: str) -> None:
    """R-049."""
    url = f"{pictures}/photo.jpg?"
    longest = url + "x" * (1024 - len(url))
    assert "image" in server.call("dehaze", url=longest)
    assert server.call("dehaze", url=longest + "x")["error_code"] == 282114


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/absent.jpg", 282110),
        ("/forbidden", 282113),
        ("/empty", 282113),
        ("/round", 282113),
        ("/inwards", 282111),
        ("/text", 282113),
        ("/nine.png", 216202),
        ("/thin.png", 216202),
    ],
)
def test_failures(server: RunningServer, pictures: str, path: str, code: int) -> None:
    """R-051, R-062, R-138: the limits hold for fetched pictures too."""
    assert server.call("dehaze", url=pictures + path)["error_code"] == code


def test_download_larger_than_the_limit(server: RunningServer, pictures: str) -> None:
    """A-14: what the base64 limit can carry, 2.25 MB at denoise; the file has 8.4 MB."""
    answer = server.call("denoise", url=f"{pictures}/huge.bmp", option="1")
    assert answer["error_code"] == 216202


def test_time_out(tmp_path: Path, pictures: str) -> None:
    """R-051: 282112."""
    settings = {"XIUTU_FETCH_TIMEOUT_S": "1", "XIUTU_FETCH_ALLOW": "127.0.0.0/8"}
    with RunningServer(tmp_path, **SMALL, **settings) as server:
        assert server.call("dehaze", url=f"{pictures}/slow")["error_code"] == 282112


def test_loopback_is_refused_unless_allowed(tmp_path: Path, pictures: str) -> None:
    """A-46."""
    with RunningServer(tmp_path, **SMALL) as server:
        assert server.call("dehaze", url=f"{pictures}/photo.jpg")["error_code"] == 282111
        assert server.call("dehaze", url="http://localhost/x.jpg")["error_code"] == 282111


def test_empty_image_next_to_a_url(server: RunningServer, pictures: str) -> None:
    """R-047, A-19: it counts as absent."""
    assert "image" in server.call("dehaze", image="", url=f"{pictures}/photo.jpg")
