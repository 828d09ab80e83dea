"""The mark: when, where, what; and the tag that goes with it."""

import base64
from typing import Any

import numpy as np
import pytest

from tests.gateway.tencent.house import House, b64, code, pixels, values
from tests.pictures import encoded

GREY = np.full((300, 400, 3), 128, np.uint8)
NOTHING = np.zeros((300, 400), np.uint8)
BLUE = np.zeros((8, 16, 3), np.uint8) + np.array([0, 0, 255], np.uint8)


def call(**more: Any) -> dict[str, Any]:
    """Nothing is removed, so that all that changes is the mark."""
    return values(InputImage=b64(encoded(GREY)), Mask=b64(encoded(NOTHING)), **more)


@pytest.mark.parametrize("add", [None, 1, "1", 2, -7, 100])
def test_marked_unless_told_otherwise(house: House, add: object) -> None:
    """R-242, R-243: text in the lower right corner, nothing anywhere else; and the metadata tag."""
    told = house.tc3(call(LogoAdd=add))
    changed = np.argwhere((pixels(told) != 128).any(axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert top > 300 * 0.85 and left > 400 * 0.6 and bottom < 299 and right < 399
    assert 100 < len(changed) < 3000
    assert b"DigitalSourceType" in base64.b64decode(told["ResultImage"])


@pytest.mark.parametrize("add", [0, "0"])
def test_not_marked(house: House, add: object, web: str) -> None:
    """R-242: neither mark nor tag, and a logo is not even fetched."""
    told = house.tc3(call(LogoAdd=add, LogoParam={"LogoUrl": f"{web}/none.png"}))
    assert (pixels(told) == 128).all()
    file = base64.b64decode(told["ResultImage"])
    assert b"DigitalSourceType" not in file and b"AIGC" not in file and b"iTXt" not in file


def test_the_tag_names_the_request(house: House) -> None:
    """Also in a JPEG."""
    jpeg = b64(encoded(GREY, "JPEG"))
    for told in (house.tc3(call()), house.tc3(call() | {"InputImage": jpeg})):
        file = base64.b64decode(told["ResultImage"])
        assert told["RequestId"].encode() in file and b'"Label":"1"' in file


def test_own_picture_in_its_rectangle(house: House, web: str) -> None:
    """R-244: stretched to X, Y, Width, Height, in place of the text; the sample's numbers."""
    rect = {"X": 10, "Y": 10, "Width": 20, "Height": 20}
    for logo in (
        {"LogoUrl": f"{web}/logo.png", "LogoImage": "*"},
        {"LogoImage": b64(encoded(BLUE))},
    ):
        shown = pixels(house.tc3(call(LogoParam={**logo, "LogoRect": rect}))).copy()
        colour = (255, 0, 0) if "LogoUrl" in logo else (0, 0, 255)
        assert (shown[10:30, 10:30] == colour).all()
        shown[10:30, 10:30] = 128
        assert (shown == 128).all()


def test_without_rectangle(house: House) -> None:
    """A-86: its own size, lower right; and the text where no picture is named."""
    shown = pixels(house.tc3(call(LogoParam={"LogoImage": b64(encoded(BLUE))})))
    changed = np.argwhere((shown != 128).any(axis=2))
    assert len(changed) == 8 * 16
    assert changed.min() > 200
    text = pixels(house.tc3(call(LogoParam={"LogoRect": {"X": 1, "Y": 1}})))
    assert np.array_equal(text, pixels(house.tc3(call())))
    assert np.array_equal(text, pixels(house.tc3(call(LogoParam={}))))


def test_across_the_border(house: House) -> None:
    """What lies beyond is cut off; a mark nobody would see is refused."""
    rect = {"X": 390, "Y": 290, "Width": 1000, "Height": 900_000}
    logo = {"LogoImage": b64(encoded(BLUE))}
    shown = pixels(house.tc3(call(LogoParam={**logo, "LogoRect": rect})))
    assert (shown[290:, 390:] == (0, 0, 255)).all() and (shown[:290] == 128).all()
    for beyond in ({"X": 400}, {"Y": 300}):
        told = house.tc3(call(LogoParam={**logo, "LogoRect": beyond}))
        assert code(told) == "InvalidParameterValue.LogoParamErr"


def test_broken_logo(house: House, web: str) -> None:
    for logo in ({"LogoUrl": f"{web}/none.png"}, {"LogoImage": "***"}, {"LogoImage": b64(b"text")}):
        told = house.tc3(call(LogoParam=logo))["Error"]
        assert told["Code"] == "InvalidParameterValue" and "LogoParam." in told["Message"]
