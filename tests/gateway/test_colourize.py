"""colourize over the wire (R-072, R-073) with a real server."""

import base64
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from tests.pictures import encoded, photo
from tests.server import RunningServer
from tests.web import Page, serving
from xiutu.image.decode import decode


def _grey_file() -> bytes:
    """One channel, as a scanner stores it."""
    return encoded(cv2.cvtColor(photo(), cv2.COLOR_RGB2GRAY), "JPEG", quality=92)


class _Pictures(Page):
    def do_GET(self) -> None:
        self.give(_grey_file())


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(_Pictures) as root:
        yield f"{root}/grey.jpg"


def _check(answer: dict[str, object]) -> None:
    assert set(answer) == {"log_id", "image"}
    assert isinstance(answer["log_id"], str)
    assert answer["log_id"].isdigit()
    result = decode(base64.b64decode(str(answer["image"]), validate=True))
    assert result.size == (320, 240)
    assert float(np.ptp(result.rgb, axis=2).mean()) > 8


def test_grey_input_comes_back_coloured(server: RunningServer) -> None:
    """R-072: log_id as text, and colour."""
    _check(server.call("colourize", image=_grey_file()))


def test_url_alone(server: RunningServer, address: str) -> None:
    """R-073."""
    _check(server.call("colourize", url=address))


def test_image_comes_before_url(server: RunningServer, address: str) -> None:
    """R-047: an address that is void is not looked at."""
    _check(server.call("colourize", image=_grey_file(), url="http://127.0.0.1:1/nothing"))


def test_a_source_is_due(server: RunningServer) -> None:
    assert "error_code" in server.call("colourize", other="1")


def test_limits(server: RunningServer) -> None:
    """R-061 for this operator: short side 10 px, ratio 4:1."""
    for width, height in ((9, 30), (41, 10)):
        file = encoded(np.zeros((height, width), np.uint8))
        assert server.call("colourize", image=file)["error_code"] == 216202
    assert "image" in server.call("colourize", image=encoded(np.zeros((10, 40), np.uint8)))
