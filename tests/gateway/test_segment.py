"""segment through a running server: bodies, forms, boxes, errors (R-041, R-042, R-068, R-111 to R-120)."""

import base64
import json
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.pictures import blank, encoded, photo
from tests.server import RunningServer

WIDTH, HEIGHT = 320, 240
CUP = [[60, 15], [270, 215]]


def _post(
    server: RunningServer, content_type: str | None = "application/json", **fields: Any
) -> Any:
    body = {"image": base64.b64encode(encoded(photo(WIDTH, HEIGHT), "JPEG", quality=95)).decode()}
    return server.post("segment", json.dumps(body | fields).encode(), content_type)


def _opened(answer: dict[str, Any]) -> Image.Image:
    assert set(answer) == {"log_id", "image"}, answer
    picture = Image.open(BytesIO(base64.b64decode(answer["image"], validate=True)))
    assert picture.format == "PNG"
    assert picture.size == (WIDTH, HEIGHT)
    return picture


def _pixels(answer: dict[str, Any]) -> NDArray[np.uint8]:
    return np.asarray(_opened(answer))


@pytest.fixture(scope="module")
def usual(server: RunningServer) -> Any:
    """The answer without parameters: a cut-out with a soft edge."""
    return _post(server)


SAMPLE = {"method": "auto", "refine_mask": "true", "return_form": "rgba"}


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json;charset=UTF-8", None, "text/plain"]
)
def test_sample_body(server: RunningServer, content_type: str | None) -> None:
    """R-041, R-042, R-111, R-112, R-120: JSON under any header, a four-channel PNG, log_id is text."""
    answer = _post(server, content_type, **SAMPLE)
    assert isinstance(answer["log_id"], str)
    assert answer["log_id"].isdigit()
    picture = _opened(answer)
    assert picture.mode == "RGBA"
    alpha = np.asarray(picture)[:, :, 3]
    assert alpha[110, 160] == 255, "the cup"
    assert alpha[:8, -8:].max() == 0, "the corner"


def test_defaults_are_the_sample(server: RunningServer, usual: Any) -> None:
    """R-112, R-114, R-115: method, return_form and refine_mask missing."""
    assert usual["image"] == _post(server, **SAMPLE)["image"]


def test_form_body(server: RunningServer) -> None:
    """A-03: a form is taken, too, boxes as JSON text."""
    data = encoded(photo(WIDTH, HEIGHT), "JPEG", quality=95)
    answer = server.call("segment", image=data, method="control", position=json.dumps([CUP]))
    assert answer["image"] == _post(server, method="control", position=[CUP])["image"]


def test_mask(server: RunningServer) -> None:
    """R-113: a single channel of 0 and 255, as large as the picture."""
    picture = _opened(_post(server, return_form="mask"))
    assert picture.mode == "L"
    assert set(np.unique(np.asarray(picture))) == {0, 255}


@pytest.mark.parametrize("value", ["false", False, "FALSE"])
def test_refine_mask_off(server: RunningServer, usual: Any, value: object) -> None:
    """R-114, A-28: text or boolean; the edge is hard."""
    alpha = _pixels(_post(server, refine_mask=value))[:, :, 3]
    assert set(np.unique(alpha)) == {0, 255}
    assert len(np.unique(_pixels(usual)[:, :, 3])) > 20


def test_boxes(server: RunningServer) -> None:
    """R-117, R-118: subjects inside the boxes, nothing outside; several boxes make one result."""
    one = _pixels(_post(server, method="control", position=[CUP], return_form="mask"))
    (x1, y1), (x2, y2) = CUP
    assert one[110, 160] == 255
    outside = one.copy()
    outside[y1 - 6 : y2 + 6, x1 - 6 : x2 + 6] = 0
    assert not outside.any()
    boxes = [CUP, [[0, 0], [50, 50]]]
    two = _pixels(_post(server, method="control", position=boxes, return_form="mask"))
    assert (two >= one).mean() > 0.99


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"method": "control"}, 282003),
        ({"method": "control", "position": []}, 282003),
        ({"method": "control", "position": "rubbish"}, 216100),
        ({"method": "control", "position": [[1, 2, 3, 4]]}, 216100),
        ({"method": "control", "position": [[[900, 900], [950, 950]]]}, 282004),
        ({"method": "control", "position": [[[10, 10], [10, 90]]]}, 282004),
        ({"method": "box"}, 216100),
        ({"return_form": "jpg"}, 216100),
        ({"refine_mask": "maybe"}, 216100),
        ({"image": base64.b64encode(blank(300, 300)).decode()}, 282102),
        ({"image": base64.b64encode(blank(127, 300)).decode()}, 216202),
        ({"image": base64.b64encode(blank(300, 3001)).decode()}, 216202),
        ({"image": base64.b64encode(encoded(photo(), "GIF")).decode()}, 216201),
    ],
)
def test_errors(server: RunningServer, fields: dict[str, Any], code: int) -> None:
    """R-068, R-116, R-119, A-27, A-38, A-40."""
    answer = _post(server, **fields)
    assert answer["error_code"] == code
    if code == 282003:
        assert answer["error_msg"] == "missing parameters: position"


@pytest.mark.parametrize("kind", ["WEBP", "BMP"])  # PNG and JPEG are in test_requests
def test_formats(server: RunningServer, kind: str) -> None:
    """R-068: WEBP is taken here, and the answer is always PNG."""
    picture = base64.b64encode(encoded(photo(WIDTH, HEIGHT), kind)).decode()
    assert _opened(_post(server, image=picture)).mode == "RGBA"


def test_auto_ignores_position(server: RunningServer, usual: Any) -> None:
    """A-27."""
    assert _post(server, method="auto", position="rubbish")["image"] == usual["image"]
