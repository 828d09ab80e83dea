"""customize_stylization through a running server: thirty presets, style pictures, their faults."""

import base64
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scripts.presets.__main__ import drawn
from tests.pictures import blank, encoded, photo
from tests.server import RunningServer

NAME = "customize_stylization"
WIDTH, HEIGHT = 96, 72


@cache
def _photo() -> bytes:
    return encoded(photo(WIDTH, HEIGHT))


@cache
def _style(key: str) -> str:
    return base64.b64encode(encoded(drawn(key))).decode()


def _pixels(answer: dict[str, Any]) -> NDArray[np.int64]:
    assert set(answer) == {"log_id", "image"}, answer
    assert isinstance(answer["log_id"], str)
    picture = Image.open(BytesIO(base64.b64decode(answer["image"], validate=True)))
    assert picture.size == (WIDTH, HEIGHT)
    return np.asarray(picture.convert("RGB")).astype(int)


def _call(server: RunningServer, **fields: Any) -> NDArray[np.int64]:
    return _pixels(server.call(NAME, image=_photo(), **fields))


def test_thirty_presets(server: RunningServer) -> None:
    """R-084: every number has a style of its own."""
    looks = [_call(server, style_id=str(number)) for number in range(30)]
    for i, one in enumerate(looks):
        for other in (photo(WIDTH, HEIGHT).astype(int), *looks[:i]):
            assert np.abs(one - other).mean() > 6, i


@pytest.mark.parametrize("style_id", ["-1", "30", "x", "1.5"])
def test_numbers_beyond_the_presets(server: RunningServer, style_id: str) -> None:
    """R-085, A-23."""
    answer = server.call(NAME, image=_photo(), style_id=style_id)
    assert answer == {"error_code": 216100, "error_msg": "invalid param"}


def test_style_picture(server: RunningServer) -> None:
    """R-086: the colours of the style picture arrive."""
    fiery, icy = (_call(server, style=_style(key)) for key in ("ember", "frost"))
    assert fiery[:, :, 0].mean() > fiery[:, :, 2].mean() + 60
    assert icy[:, :, 2].mean() > icy[:, :, 0].mean() + 15


def test_only_style_is_read_when_both_are_given(server: RunningServer) -> None:
    """R-087: a style_id beside it is not even checked."""
    wanted = _call(server, style=_style("ember"))
    for number in ("3", "99", "x"):
        assert np.array_equal(_call(server, style=_style("ember"), style_id=number), wanted)


def test_empty_style_leaves_the_word_to_style_id(server: RunningServer) -> None:
    """A-23."""
    wanted = _call(server, style_id="3")
    assert np.array_equal(_call(server, style="", style_id="3"), wanted)


@pytest.mark.parametrize("fields", [{}, {"style_id": ""}, {"syle_id": "3"}])
def test_neither(server: RunningServer, fields: dict[str, str]) -> None:
    """R-088, A-39; the documents' misspelt name is no name (A-23)."""
    answer = server.call(NAME, image=_photo(), **fields)
    assert answer == {"error_code": 216101, "error_msg": "not enough param"}


def test_faults_of_the_style_picture(server: RunningServer) -> None:
    """Its base64, format and size are checked like those of the picture."""
    faults = {
        "": 216200,
        "*** not base64 ***": 216203,
        base64.b64encode(b"this is no picture").decode(): 216201,
        base64.b64encode(encoded(photo(60, 60), "WEBP")).decode(): 216201,
        base64.b64encode(blank(49, 60)).decode(): 216202,
        base64.b64encode(blank(4097, 60)).decode(): 216202,
        "A" * (4 * 1024 * 1024 + 4): 216202,
        base64.b64encode(encoded(photo(80, 60), "JPEG")[:900]).decode(): 282100,
    }
    for text, code in faults.items():
        answer = server.call(NAME, image=_photo(), style=text)
        assert answer.get("error_code") == code, (text[:20], answer)


def test_faults_of_the_picture_come_first(server: RunningServer) -> None:
    answer = server.call(NAME, image=b"this is no picture", style=_style("ember"))
    assert answer["error_code"] == 216201


def test_strength(server: RunningServer) -> None:
    """An addition of xiutu: 0 is the picture as it is."""
    assert np.array_equal(_call(server, style_id="4", strength="0"), photo(WIDTH, HEIGHT))
    half, whole = (_call(server, style_id="4", strength=s) for s in ("0.5", "1"))
    assert np.abs(half - (whole + photo(WIDTH, HEIGHT)) / 2).max() <= 1
    assert server.call(NAME, image=_photo(), style_id="4", strength="2")["error_code"] == 216100
