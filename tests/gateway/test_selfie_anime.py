"""selfie_anime through a running server (R-078 to R-083)."""

import base64
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.pictures import encoded, photo, portrait
from tests.server import RunningServer

SIDE = 112


@cache
def _woman() -> bytes:
    return encoded(portrait(SIDE, SIDE))


def _pixels(answer: dict[str, Any]) -> NDArray[np.int64]:
    assert set(answer) == {"log_id", "image"}, answer
    assert isinstance(answer["log_id"], int)
    assert 0 < answer["log_id"] < 2**53
    picture = Image.open(BytesIO(base64.b64decode(answer["image"], validate=True)))
    assert picture.size == (SIDE, SIDE)
    return np.asarray(picture.convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def plain(server: RunningServer) -> NDArray[np.int64]:
    """Without parameters. Every drawing takes seconds, so tests share this one."""
    return _pixels(server.call("selfie_anime", image=_woman()))


def test_without_type_and_with_anime(server: RunningServer, plain: NDArray[np.int64]) -> None:
    """R-078: an anime portrait without mask; log_id is a number."""
    assert np.abs(plain - portrait(SIDE, SIDE)).mean() > 10
    assert np.array_equal(_pixels(server.call("selfie_anime", image=_woman(), type="anime")), plain)


def test_eight_masks(server: RunningServer, plain: NDArray[np.int64]) -> None:
    """R-079."""
    worn = [
        _pixels(server.call("selfie_anime", image=_woman(), type="anime_mask", mask_id=str(k)))
        for k in range(1, 9)
    ]
    for i, one in enumerate(worn):
        for other in (plain, *worn[:i]):
            assert (np.abs(one - other).max(axis=2) > 40).mean() > 0.02


def test_mask_id_only_counts_with_anime_mask(
    server: RunningServer, plain: NDArray[np.int64]
) -> None:
    """R-080, R-081: an empty mask_id is no mask; type=anime with mask_id=3, as SDK samples send."""
    for fields in ({"type": "anime_mask", "mask_id": ""}, {"type": "anime", "mask_id": "3"}):
        assert np.array_equal(_pixels(server.call("selfie_anime", image=_woman(), **fields)), plain)


@pytest.mark.parametrize("mask_id", ["0", "9", "x"])
def test_mask_id_out_of_range(server: RunningServer, mask_id: str) -> None:
    """R-082, A-22."""
    answer = server.call("selfie_anime", image=_woman(), type="anime_mask", mask_id=mask_id)
    assert answer["error_code"] == 216100


def test_unknown_type(server: RunningServer) -> None:
    """A-22."""
    assert server.call("selfie_anime", image=_woman(), type="manga")["error_code"] == 216100


def test_no_face(server: RunningServer) -> None:
    """R-083, A-40."""
    answer = server.call("selfie_anime", image=encoded(photo(160, 120)))
    assert answer["error_code"] == 282102
    assert answer["error_msg"] == "target detect error"
