"""Parameters of ImageInpaintingRemoval: which are needed, which wins, what is refused."""

import json
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.gateway.tencent.house import House, b64, code, hole, pixels, response, scene, values
from tests.pictures import blank, encoded

LIMIT = 6 * 1024 * 1024


def test_area_is_repainted_and_the_rest_is_kept(house: House) -> None:
    """R-237: white is removed and repainted, black comes back pixel by pixel."""
    mask = hole()
    result = pixels(house.tc3(values(LogoAdd=0)))
    assert np.array_equal(result[mask == 0], scene()[mask == 0])
    assert np.abs(result[mask > 0].astype(int) - scene()[mask > 0]).mean() > 2


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"InputImage": None}, "InputImage"),
        ({"Mask": None}, "Mask"),
        ({"InputImage": None, "Mask": None}, "InputImage"),
    ],
)
def test_one_of_each_pair_is_needed(house: House, more: dict[str, Any], name: str) -> None:
    """R-235, R-236."""
    told = house.tc3(values(**more))["Error"]
    assert told["Code"] == "MissingParameter" and f"`{name}`" in told["Message"]


def test_the_address_wins(house: House, web: str) -> None:
    """R-235, R-236, A-84: also over a broken picture, and without a way back when it fails."""
    call = {"InputUrl": f"{web}/image.png", "MaskUrl": f"{web}/mask.png", "LogoAdd": 0}
    by_url = house.tc3({"InputImage": "*", "Mask": "*", **call})
    assert np.array_equal(pixels(by_url), pixels(house.tc3(values(LogoAdd=0))))
    assert code(house.tc3(values(InputUrl=f"{web}/none.png"))) == "InvalidParameterValue"
    assert code(house.tc3(values(MaskUrl=f"{web}/page.html"))) == "InvalidParameterValue"
    assert code(house.tc3(values(InputUrl=""))) == ""  # an empty one is none
    assert (
        code(house.tc3(values(InputUrl="file:///etc/passwd"))) == "InvalidParameterValue.UrlIllegal"
    )
    assert (
        code(house.tc3(values(InputUrl="http://10.0.0.1/a"))) == "InvalidParameterValue.UrlIllegal"
    )


def test_the_vendors_sample(house: House, web: str) -> None:
    """R-248: InputUrl, MaskUrl and RspImgType=url."""
    sample = {"InputUrl": f"{web}/image.jpg", "MaskUrl": f"{web}/mask.png", "RspImgType": "url"}
    link = house.tc3(sample)["ResultImage"]
    assert link.startswith("https://aiart.tencentcloudapi.com/") and ".jpg?" in link
    picture = house.ask("GET", link)
    assert picture.headers["content-type"] == "image/jpeg"
    assert Image.open(BytesIO(picture.content)).size == (96, 72)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"RspImgType": "png"}, "InvalidParameterValue"),
        ({"RspImgType": ""}, "InvalidParameterValue"),
        ({"RspImgType": 1}, "InvalidParameter"),
        ({"InputImage": 5}, "InvalidParameter"),
        ({"InputImage": ""}, "InvalidParameterValue.ImageEmpty"),
        ({"InputImage": "***"}, "InvalidParameterValue"),
        ({"InputImage": b64(b"no picture at all")}, "InvalidParameterValue"),
        ({"InputImage": b64(encoded(scene(), "GIF"))}, "InvalidParameterValue"),
        ({"InputImage": b64(encoded(scene())[:2000])}, "FailedOperation.ImageDecodeFailed"),
        ({"Mask": b64(encoded(hole(95, 72)))}, "InvalidParameterValue"),
        ({"Mask": b64(encoded(hole(72, 96)))}, "InvalidParameterValue"),
        ({"LogoAdd": "yes"}, "InvalidParameter"),
        ({"LogoAdd": True}, "InvalidParameter"),
        ({"LogoAdd": 1.5}, "InvalidParameter"),
        ({"LogoParam": "text"}, "InvalidParameter"),
        ({"LogoParam": {"LogoRect": {"X": "left"}}}, "InvalidParameter"),
        ({"LogoParam": {"LogoRect": {"X": -1}}}, "InvalidParameterValue.LogoParamErr"),
        ({"LogoParam": {"LogoRect": {"Width": 0}}}, "InvalidParameterValue.LogoParamErr"),
        ({"LogoParam": {"Logo": "x"}}, "UnknownParameter"),
        ({"Prompt": "a cat"}, "UnknownParameter"),
        ({"inputImage": "x"}, "UnknownParameter"),
        ({"DryRun": "perhaps"}, "InvalidParameter"),
        ({"DryRun": True}, "DryRunOperation"),
        ({"DryRun": True, "Mask": b64(encoded(hole(95, 72)))}, "InvalidParameterValue"),
    ],
)
def test_refusals(house: House, more: dict[str, Any], expected: str) -> None:
    """R-238, R-239, and what the SDKs' documentation lists."""
    assert code(house.tc3(values(**more))) == expected


@pytest.mark.parametrize("null", ["InputUrl", "MaskUrl", "RspImgType", "LogoAdd", "LogoParam"])
def test_null_is_absent(house: House, null: str) -> None:
    body = json.dumps({**values(), null: None}).encode()
    assert code(response(house.ask("POST", "/", *house.signed(body)))) == ""


@pytest.mark.parametrize("name", ["JPEG", "PNG", "BMP", "TIFF", "WEBP"])
def test_formats(house: House, name: str) -> None:
    """R-071, R-240: also for the mask."""
    told = house.tc3(
        values(InputImage=b64(encoded(scene(), name)), Mask=b64(encoded(hole(), name)))
    )
    assert code(told) == ""


def test_sides(house: House) -> None:
    """R-071, R-239: 4999 passes, 5000 does not; whichever side."""
    for width, height, expected in ((4999, 8, ""), (5000, 8, "InvalidParameterValue")):
        for size in ((width, height), (height, width)):
            mask = np.zeros(size[::-1], np.uint8)
            mask[3:5, 3:5] = 255
            told = house.tc3(values(InputImage=b64(blank(*size)), Mask=b64(encoded(mask))))
            assert code(told) == expected, size


@pytest.mark.parametrize("name", ["InputImage", "Mask"])
def test_base64_below_six_megabytes(house: House, name: str) -> None:
    """R-071, R-239, A-83: strict, for both pictures; white space does not count."""
    file = encoded(scene() if name == "InputImage" else hole())
    fits = LIMIT // 4 * 3 - 3
    padded = {size: b64(file + bytes(size - len(file))) for size in (fits, fits + 1)}
    assert len(padded[fits]) == LIMIT - 4 and len(padded[fits + 1]) == LIMIT
    assert code(house.tc3(values(**{name: padded[fits] + "\n" * 8}))) == ""
    assert code(house.tc3(values(**{name: padded[fits + 1]}))) == "InvalidParameterValue"


def test_bodies(house: House) -> None:
    for body, expected in (
        (b"", "MissingParameter"),
        (b"[]", "InvalidParameter"),
        (b"{", "InvalidParameter"),
        (b'"text"', "InvalidParameter"),
        (b"{" + b'"a":1,' * 60_000 + b'"b":1}', "InvalidParameter"),
    ):
        assert code(response(house.ask("POST", "/", *house.signed(body)))) == expected
    form = {"content_type": "multipart/form-data; boundary=x"}
    told = response(house.ask("POST", "/", *house.signed(b"--x--", **form)))
    assert code(told) == "InvalidParameter"
    told = house.tc3({"InputImage": "A" * (20 * 1024 * 1024)})
    assert code(told) == "RequestSizeLimitExceeded"


def test_common_parameters_in_the_body(house: House) -> None:
    """A-89: headers first, then the body."""
    body = json.dumps({**values(), "Action": "x", "Version": "2022-12-29", "Region": "x"}).encode()
    told = response(house.ask("POST", "/", *house.signed(body, X_TC_Version=None)))
    assert code(told) == ""


def test_a_turned_photo(house: House) -> None:
    """The mask may be painted over the picture as it is seen or over its stored pixels."""
    stored, out = Image.fromarray(scene()), BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    stored.save(out, "PNG", exif=exif)
    seen, results = np.rot90(scene(), -1), []
    for mask in (hole(), np.ascontiguousarray(np.rot90(hole(), -1))):
        call = values(InputImage=b64(out.getvalue()), Mask=b64(encoded(mask)), LogoAdd=0)
        results.append(pixels(house.tc3(call)))
    assert np.array_equal(results[0], results[1])
    kept = np.rot90(hole(), -1) == 0
    assert np.array_equal(results[0][kept], seen[kept])
