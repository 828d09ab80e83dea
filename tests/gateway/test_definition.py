"""image_definition_enhance over the wire (R-100) with a real server."""

import base64
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.pictures import encoded, photo
from tests.server import RunningServer
from xiutu import contract
from xiutu.image.decode import decode

NAME = "image_definition_enhance"
Rgb = NDArray[np.uint8]


def _file(quality: int, blur: float = 0.0) -> bytes:
    picture = photo()
    if blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.uint8)
    return encoded(picture, "JPEG", quality=quality)


def _pixels(file: bytes) -> Rgb:
    return np.asarray(Image.open(BytesIO(file)).convert("RGB"))


def _call(server: RunningServer, file: bytes, **fields: Any) -> Rgb:
    answer = server.call(NAME, image=file, **fields)
    assert set(answer) == {"log_id", "image"}
    assert isinstance(answer["log_id"], int)
    return decode(base64.b64decode(answer["image"], validate=True)).rgb


def _error(a: Rgb, b: Rgb) -> float:
    return float(np.sqrt(np.mean((a.astype(float) - b) ** 2)))


def _sharpness(picture: Rgb) -> float:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(np.abs(cv2.Laplacian(grey, cv2.CV_64F)).mean())


def test_coded_picture_comes_back_cleaner(server: RunningServer) -> None:
    """R-100: log_id is a number, the picture is nearer to what it was before coding."""
    file = _file(15)
    result = _call(server, file)
    assert result.shape == photo().shape
    assert _error(result, photo()) < 0.93 * _error(_pixels(file), photo())


def test_blurred_picture_comes_back_sharper(server: RunningServer) -> None:
    """R-100; ``detail`` 0 only cleans."""
    file = _file(92, blur=1.0)
    result = _call(server, file)
    assert _sharpness(result) > 1.1 * _sharpness(_pixels(file))
    assert _sharpness(_call(server, file, detail="0")) < _sharpness(result)


def test_detail_is_own_neutral_and_checked(server: RunningServer) -> None:
    """Absent, empty and the default are one and the same; beyond the range it is refused."""
    [row] = [p for p in contract.operator(NAME).plain_params if p.name == "detail"]
    assert row.own
    file = _file(92, blur=1.0)
    plain = _call(server, file)
    for value in ("", "0.5"):
        assert np.array_equal(_call(server, file, detail=value), plain)
    for wrong in ("1.01", "-0.1", "much", "nan"):
        answer = server.call(NAME, image=file, detail=wrong)
        assert answer == {"error_code": 216100, "error_msg": "invalid param"}


@pytest.mark.parametrize(("width", "height"), [(9, 30), (41, 10), (10, 41)])
def test_limits(server: RunningServer, width: int, height: int) -> None:
    """R-061 for this operator: short side 10 px, ratio 4:1."""
    file = encoded(np.zeros((height, width), np.uint8))
    assert server.call(NAME, image=file)["error_code"] == 216202


def test_smallest_legal_picture(server: RunningServer) -> None:
    assert _call(server, encoded(photo(10, 40))).shape == (40, 10, 3)
