"""sky_seg over the wire (R-121, R-122) with a real server."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import Array, encoded, photo
from tests.server import RunningServer
from xiutu import contract

WIDTH, HEIGHT = 320, 240
FIELDS = {"labelmap", "log_id", "scoremap", "type"}


def _scene() -> Array:
    """A clear sky over a field of speckles."""
    rows = np.linspace(0, 1, HEIGHT)[:, None, None]
    picture = np.broadcast_to((90, 150, 225) + rows * (110, 70, 20), (HEIGHT, WIDTH, 3)).copy()
    rng = np.random.default_rng(0)
    picture[140:] = np.array((70, 95, 45)) + rng.normal(0, 18, (HEIGHT - 140, WIDTH, 1))
    return np.clip(picture, 0, 255).astype(np.uint8)


def _maps(answer: dict[str, Any]) -> tuple[Array, Array]:
    found = []
    for name in ("scoremap", "labelmap"):
        picture = Image.open(BytesIO(base64.b64decode(answer[name], validate=True)))
        assert (picture.format, picture.mode) == ("PNG", "L")
        assert picture.size == (WIDTH, HEIGHT)
        found.append(np.asarray(picture))
    return found[0], found[1]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP"])
def test_maps(server: RunningServer, kind: str) -> None:
    """R-121, A-29, A-34: two grey PNGs, scores 0..255 and labels 0 and 1, log_id as text."""
    answer = server.call("sky_seg", image=encoded(_scene(), kind))
    assert set(answer) == FIELDS
    assert isinstance(answer["log_id"], str)
    assert answer["log_id"].isdigit()
    assert answer["type"] == "sky"
    score, label = _maps(answer)
    np.testing.assert_array_equal(label, score >= 128)
    assert label[:120].mean() > 0.95
    assert label[160:].mean() < 0.02


def test_no_sky(server: RunningServer) -> None:
    """R-121: no error, the maps are all zero."""
    answer = server.call("sky_seg", image=encoded(photo(WIDTH, HEIGHT), "JPEG", quality=92))
    assert set(answer) == FIELDS
    for found in _maps(answer):
        assert not found.any()


def test_it_is_retired_but_callable() -> None:
    """R-122: the flag, its reason, and the group under which lists show it; ``test_maps`` calls it."""
    row = contract.operator("sky_seg")
    assert row.status == "retired"
    assert row.group.startswith("historical")


def test_limits(server: RunningServer) -> None:
    """R-060, R-061 for this operator: short side 10 px, ratio 4:1."""
    for width, height in ((9, 30), (41, 10)):
        file = encoded(np.zeros((height, width), np.uint8))
        assert server.call("sky_seg", image=file)["error_code"] == 216202
    assert set(server.call("sky_seg", image=encoded(np.zeros((10, 40), np.uint8)))) == FIELDS
