"""TC3-HMAC-SHA256: who is let in and what the others are told."""

import json
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.tencent.house import House, b64, code, hole, pixels, response, scene, values
from tests.pictures import encoded
from xiutu.gateway.tencent.errors import Refusal
from xiutu.gateway.tencent.tc3 import parse_authorization, verify

UNSIGNED = b"UNSIGNED-PAYLOAD"


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"content_type": "application/json; charset=utf-8"},
        {"signed": "content-type;host;x-tc-action"},
        {"signed": "content-type;host;x-tc-action;x-tc-timestamp;x-tc-version"},
        {"payload": UNSIGNED, "X_TC_Content_SHA256": UNSIGNED.decode()},
        {"offset": -290},
        {"offset": 290},
        {"X_TC_Language": "zh-CN", "X_TC_TraceId": "1", "X_TC_RequestClient": "SDK"},
        {"host": "pictures.example.com"},
        {"host": "Pictures.example.com:8000"},
        {"host": "127.0.0.1:8000", "signed_host": "127.0.0.1", "service": "127"},
    ],
)
def test_every_way_to_sign(house: House, how: dict[str, Any]) -> None:
    """R-233, R-234, R-247: with own hosts, ports and whatever the SDKs sign or leave out."""
    told = house.tc3(values(), **how)
    assert code(told) == "", told


def test_get(house: House, web: str) -> None:
    """Parameters in the query, an empty body; the content type is signed all the same."""
    query = urlencode({"InputUrl": f"{web}/image.png", "MaskUrl": f"{web}/mask.png", "LogoAdd": 0})
    form = "application/x-www-form-urlencoded"
    body, headers = house.signed(b"", method="GET", query=query, content_type=form)
    told = response(house.ask("GET", f"/?{query}", body, headers))
    assert np.array_equal(pixels(told)[hole() == 0], scene()[hole() == 0])
    told = response(house.ask("GET", f"/?{query}1", body, headers))
    assert code(told) == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"secret": "0" * 32}, "AuthFailure.SignatureFailure"),
        ({"payload": b"{}"}, "AuthFailure.SignatureFailure"),
        ({"secret_id": "A" * 24}, "AuthFailure.SecretIdNotFound"),
        ({"secret_id": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"}, "AuthFailure.SecretIdNotFound"),
        ({"offset": -301}, "AuthFailure.SignatureExpire"),
        ({"offset": 301}, "AuthFailure.SignatureExpire"),
        ({"X_TC_Timestamp": "soon"}, "InvalidParameterValue"),
        ({"X_TC_Timestamp": None}, "MissingParameter"),
        ({"X_TC_Token": "temporary"}, "AuthFailure.TokenFailure"),
        ({"service": "cvm"}, "AuthFailure.InvalidAuthorization"),
        ({"signed": "content-type;x-tc-action"}, "AuthFailure.InvalidAuthorization"),
        ({"X_TC_Action": "RemoveAll"}, "InvalidAction"),
        ({"X_TC_Action": None}, "MissingParameter"),
        ({"X_TC_Version": "2017-03-12"}, "NoSuchVersion"),
        ({"X_TC_Version": None}, "MissingParameter"),
        ({"X_TC_Region": "ap-nowhere"}, "UnsupportedRegion"),
        ({"X_TC_Region": ""}, "InvalidParameterValue"),
        ({"X_TC_Region": None}, "MissingParameter"),
    ],
)
def test_refusals(house: House, how: dict[str, Any], expected: str) -> None:
    """R-233, R-234, R-246."""
    assert code(house.tc3(values(), **how)) == expected


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "SKIP",
        "Bearer abc",
        "TC3-HMAC-SHA256",
        "TC3-HMAC-SHA256 Credential=a/2022-12-29/aiart/tc3_request, SignedHeaders=, Signature=ab",
        "x" * 5000,
    ],
)
def test_missing_or_malformed(house: House, header: str | None) -> None:
    """R-246: also what the SDKs send when they are told not to sign."""
    body, headers = house.signed(b"{}")
    headers |= {"Authorization": header or ""}
    if header is None:
        del headers["Authorization"]
    told = response(house.ask("POST", "/", body, headers))
    assert code(told) == "AuthFailure.InvalidAuthorization"


def test_the_vendors_words(house: House) -> None:
    """English unless Chinese is asked for, by header."""
    english = house.tc3({}, secret="0" * 32)["Error"]
    chinese = house.tc3({}, secret="0" * 32, X_TC_Language="zh-CN")["Error"]
    assert english["Message"] == (
        "The provided credentials could not be validated. Please check your signature is correct."
    )
    assert chinese["Message"] == "请求签名验证失败，请检查您的签名计算是否正确。"
    assert english["Code"] == chinese["Code"]
    missing = house.tc3({})["Error"]
    assert missing["Message"] == "The request is missing a required parameter `InputImage`."


def test_a_signed_header_twice(house: House) -> None:
    _, headers = house.signed(json.dumps(values()).encode())
    pairs = [*headers.items(), ("Host", "other.example.com")]
    scope_headers = [(name.lower().encode(), value.encode()) for name, value in pairs]
    authorization = parse_authorization(headers["Authorization"], "aiart")
    with pytest.raises(Refusal) as caught:
        verify(  # the unit itself: clients cannot send this
            authorization,
            house.keys.secret_key,
            method="POST",
            raw_query=b"",
            headers=scope_headers,
            body_hash="",
            timestamp=int(headers["X-TC-Timestamp"]),
        )
    assert caught.value.code == "AuthFailure.SignatureFailure"


def test_an_app_that_may_not(house: House) -> None:
    """The service is ticked by itself; a disabled app is as good as unknown."""
    others = house.platform.apps.create("others", operators=["dehaze"])
    only = house.platform.apps.create("only", operators=["tencent_inpainting"])
    how = {"secret_id": others.api_key, "secret": others.secret_key}
    assert code(house.tc3(values(), **how)) == "AuthFailure.UnauthorizedOperation"
    how = {"secret_id": only.api_key, "secret": only.secret_key}
    assert code(house.tc3(values(), **how)) == ""
    house.platform.apps.update(only.app.app_id, enabled=False)
    assert code(house.tc3(values(), **how)) == "AuthFailure.SecretIdNotFound"


def test_trace_id_comes_back(house: House) -> None:
    """The Node.js SDK puts it into its errors."""
    body, headers = house.signed(b"{}", X_TC_TraceId="trace-1")
    assert house.ask("POST", "/", body, headers).headers["x-tc-traceid"] == "trace-1"


@given(st.text(st.characters(max_codepoint=255), max_size=200))
def test_no_header_breaks_it(text: str) -> None:
    for header in (text, f"TC3-HMAC-SHA256 {text}", f"TC3-HMAC-SHA256 Credential={text}"):
        with pytest.raises(Refusal):
            parse_authorization(header, "aiart")


def test_format_of_the_result(house: House) -> None:
    """A-88: JPEG for JPEG, PNG for the others."""
    jpeg = house.tc3(values(InputImage=b64(encoded(scene(), "JPEG"))))["ResultImage"]
    png = house.tc3(values(InputImage=b64(encoded(scene(), "WEBP"))))["ResultImage"]
    assert jpeg.startswith("/9j/") and png.startswith("iVBOR")
