"""Calls of ImageInpaintingRemoval and checks of what came back, for every Tencent client."""

import base64
import re
from typing import Any

import numpy as np

from tests.pictures import encoded, noise
from tests.sdk.front import Front
from tests.sdk.results import HEIGHT, WIDTH, mask, picture_file, pixels
from xiutu.image.decode import decode

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def by_base64(**more: Any) -> dict[str, Any]:
    """A small call; PNG, so that pixels can be compared."""
    image, area = encoded(pixels("photo")), picture_file("mask")
    return {"InputImage": _text(image), "Mask": _text(area), **more}


def by_url(picture_url: str, **more: Any) -> dict[str, Any]:
    return {"InputUrl": picture_url, "MaskUrl": picture_url.replace("photo", "mask"), **more}


def slow() -> dict[str, Any]:
    """A call that is in work for a while."""
    area = np.zeros((600, 800), np.uint8)
    area[100:450, 100:600] = 255
    return {"InputImage": _text(encoded(noise(800, 600))), "Mask": _text(encoded(area))}


def verify(answer: dict[str, Any], *, marked: bool = True, exact: bool = True) -> None:
    """R-234, R-237, R-242: a picture of the same size, changed where the mask is white."""
    assert UUID.fullmatch(answer["RequestId"])
    file = base64.b64decode(answer["ResultImage"], validate=True)
    check_file(file, marked=marked, exact=exact)


def verify_link(answer: dict[str, Any], server: Front) -> None:
    """R-241: behind the address in the answer, which is that of the host the SDK called."""
    assert UUID.fullmatch(answer["RequestId"])
    found = re.fullmatch(r"https://[a-z0-9.:]+(/results/.*)", answer["ResultImage"])
    assert found, answer
    picture = server.server.client.get(found[1])
    assert picture.status_code == 200 and picture.headers["content-type"] == "image/jpeg"
    check_file(picture.content, exact=False)


def check_file(file: bytes, *, marked: bool = True, exact: bool = True) -> None:
    result, before = decode(file).rgb.astype(int), pixels("photo").astype(int)
    assert result.shape == (HEIGHT, WIDTH, 3)
    off = np.abs(result - before).max(axis=2)
    assert off[mask() > 0].mean() > 5
    kept = mask() == 0
    corner = np.s_[HEIGHT - 30 :, WIDTH - 130 :]
    assert (off[corner].max() > 60) == marked and (b"AIGC" in file) == marked
    kept[corner] = False
    if exact:
        assert off[kept].max() == 0
    else:  # the test's own JPEG, and ours
        assert off[kept].mean() < 8


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
