"""stretch_restore over the wire (R-092) with a real server."""

import base64
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data

from tests.pictures import Array, encoded
from tests.server import RunningServer
from xiutu.image.decode import decode


def _cup(width: int, height: int) -> Array:
    """A cup of coffee (CC0), 600 x 400, at another size."""
    size = (width, height)
    return np.asarray(cv2.resize(data.coffee(), size, interpolation=cv2.INTER_AREA))


def _opened(answer: dict[str, Any]) -> Array:
    assert set(answer) == {"log_id", "image"}, answer
    assert isinstance(answer["log_id"], str)
    assert answer["log_id"].isdigit()
    return decode(base64.b64decode(answer["image"], validate=True)).rgb


@pytest.mark.parametrize(("width", "height"), [(600, 260), (330, 400)])
def test_proportions_come_back(server: RunningServer, width: int, height: int) -> None:
    """R-092: no ratio is sent; the squeezed side grows, the other keeps its pixels."""
    file = encoded(_cup(width, height), "JPEG", quality=94)
    result = _opened(server.call("stretch_restore", image=file))
    assert 0.87 < result.shape[1] / result.shape[0] / 1.5 < 1.15
    assert result.shape[1] >= width
    assert result.shape[0] >= height
    assert result.shape[1] == width or result.shape[0] == height


def test_a_normal_picture_stays(server: RunningServer) -> None:
    result = _opened(server.call("stretch_restore", image=encoded(_cup(600, 400))))
    np.testing.assert_array_equal(result, _cup(600, 400))


def test_limits(server: RunningServer) -> None:
    """R-060, R-061 for this operator: short side 10 px, ratio 4:1."""
    for width, height in ((9, 30), (41, 10)):
        file = encoded(np.zeros((height, width), np.uint8))
        assert server.call("stretch_restore", image=file)["error_code"] == 216202
    assert "image" in server.call("stretch_restore", image=encoded(np.zeros((10, 40), np.uint8)))
