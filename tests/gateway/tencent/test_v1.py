"""The older signing: everything is text in a form or query, nested names have dots."""

import json
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest

from tests.gateway.tencent.house import HOST, House, code, hole, pixels, response, scene, values

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("algorithm", ["HmacSHA1", "HmacSHA256", None])
def test_form(house: House, algorithm: str | None) -> None:
    """Without SignatureMethod it is HmacSHA1; the raw base64 is part of what is signed."""
    told = house.v1(values(LogoAdd="0"), algorithm=algorithm)
    assert np.array_equal(pixels(told)[hole() == 0], scene()[hole() == 0])


def test_query(house: House, web: str) -> None:
    call = {"InputUrl": f"{web}/image.png", "MaskUrl": f"{web}/mask.png"}
    assert code(house.v1(call, method="GET")) == ""
    assert code(house.v1(call, method="GET", algorithm="HmacSHA1", Language="zh-CN")) == ""


def test_dotted_names(house: House, web: str) -> None:
    """R-244 in the older way: LogoParam.LogoRect.X and so on, numbers as texts."""
    rect = {"X": "10", "Y": "8", "Width": "20", "Height": "12"}
    dotted = {f"LogoParam.LogoRect.{name}": number for name, number in rect.items()}
    told = house.v1(values(**dotted, **{"LogoParam.LogoUrl": f"{web}/logo.png"}))
    assert (pixels(told)[8:20, 10:30] == (255, 0, 0)).all()


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"secret": "0" * 32}, "AuthFailure.SignatureFailure"),
        ({"SecretId": "A" * 24}, "AuthFailure.SecretIdNotFound"),
        ({"SecretId": None}, "MissingParameter"),
        ({"Nonce": None}, "MissingParameter"),
        ({"Timestamp": None}, "MissingParameter"),
        ({"offset": -301}, "AuthFailure.SignatureExpire"),
        ({"offset": 301}, "AuthFailure.SignatureExpire"),
        ({"Token": "temporary"}, "AuthFailure.TokenFailure"),
        ({"SignatureMethod": "HmacMD5"}, "InvalidParameterValue"),
        ({"Action": "RemoveAll"}, "InvalidAction"),
        ({"Version": "2017-03-12"}, "NoSuchVersion"),
        ({"Region": "ap-nowhere"}, "UnsupportedRegion"),
        ({"Region": None}, "MissingParameter"),
        ({"Unheard": "1"}, "UnknownParameter"),
    ],
)
def test_refusals(house: House, how: dict[str, Any], expected: str) -> None:
    """R-246."""
    assert code(house.v1(values(), **how)) == expected


def test_language(house: House) -> None:
    told = house.v1(values(), secret="0" * 32, Language="zh-CN")
    assert told["Error"]["Message"] == "请求签名验证失败，请检查您的签名计算是否正确。"


def test_over_a_megabyte(house: House) -> None:
    """The vendor's words: this way of signing ends at 1 MB."""
    told = house.v1(values(InputImage="A" * 1_100_000))
    assert code(told) == "AuthFailure.SignatureFailure"
    assert "please use new signature method `TC3-HMAC-SHA256`" in told["Error"]["Message"]


def test_changed_or_repeated_parameters(house: House) -> None:
    fields = house.v1_fields(values())
    for pairs, expected in (
        ([*(fields | {"LogoAdd": "0"}).items()], "AuthFailure.SignatureFailure"),
        ([*fields.items(), ("LogoAdd", "1")], "AuthFailure.SignatureFailure"),
        ([*fields.items(), ("Mask", "x")], "InvalidParameter"),
        ([*fields.items(), ("Mask.X", "x")], "InvalidParameter"),
    ):
        told = response(house.ask("POST", "/", urlencode(pairs).encode(), FORM))
        assert code(told) == expected


def test_a_form_that_is_not_for_this_interface(house: House) -> None:
    """At another host name a form without Action is an unknown path, as any other."""
    url = "https://pictures.example.com/"
    other = house.ask("POST", url, b"image=abc", FORM)
    assert other.json() == {"error_code": 3, "error_msg": "Unsupported openapi method"}
    told = response(house.ask("POST", "/", b"image=abc", FORM))
    assert code(told) == "AuthFailure.InvalidAuthorization"
    body = urlencode(house.v1_fields(values())).encode()
    elsewhere = response(house.ask("POST", url, body, FORM))
    assert (
        code(elsewhere) == "AuthFailure.SignatureFailure"
    )  # the host is signed: here it is another
    assert HOST not in url


def test_a_signed_query_vouches_for_no_json_body(house: House) -> None:
    """The older signature covers its own parameters only: they alone are read."""
    fields = house.v1_fields({}, offset=-4000)
    fresh = house.v1_fields({})
    body = json.dumps({**fresh, **values()}).encode()
    headers = {"Content-Type": "application/json"}
    for query in (urlencode(fields), urlencode(fresh)):
        told = response(house.ask("POST", f"/?{query}", body, headers))
        assert code(told) == "AuthFailure.InvalidAuthorization"


def test_what_else_is_at_the_root(house: House) -> None:
    page = house.ask("GET", "https://pictures.example.com/")
    assert page.status_code in (200, 302, 303, 307) and "Response" not in page.text
    told = response(house.ask("GET", "https://pictures.example.com/?Action=ImageInpaintingRemoval"))
    assert code(told) == "AuthFailure.InvalidAuthorization"
    told = response(house.ask("PUT", "/", b""))
    assert code(told) == "UnsupportedProtocol"
    told = response(house.ask("GET", f"/?Action=a&x={'1' * 40_000}"))
    assert code(told) == "RequestSizeLimitExceeded"
