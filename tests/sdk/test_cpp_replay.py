"""The C++ SDK's requests (aip-cpp-sdk 0.3.3 over libcurl), byte for byte.

Parameters and headers live in a std::map, so they come in byte order; every query and every form
ends in "&".
"""

import json
from typing import Any

import pytest

from tests.sdk.front import HOST, PATH, Front
from tests.sdk.results import RECTANGLE, image_text, verify
from tests.sdk.test_php_replay import libcurl
from tests.sdk.wire import (
    FORM,
    IAM_FAILED,
    TOKEN_PATH,
    Link,
    header_lines,
    rfc3986,
    signature,
    utc,
)

SDK = {"aipSdk": "C", "aipSdkVersion": "0.3.3"}
METHODS = {
    "colourize": {},
    "style_trans": {"option": "pencil"},
    "selfie_anime": {"type": "anime"},
    "dehaze": {},
    "contrast_enhance": {},
    "image_quality_enhance": {},
    "stretch_restore": {},
    "image_definition_enhance": {},
    "color_enhance": {},
    "sky_seg": {},
    "customize_stylization": {"style_id": "1"},
    "denoise": {"option": "20"},
    "doc_repair": {},
    "remove_moire": {},
}


def encoded(fields: dict[str, str]) -> str:
    """makeUrlencodedForm: in byte order, with a trailing "&"."""
    return "".join(f"{rfc3986(k)}={rfc3986(v)}&" for k, v in sorted(fields.items()))


def lines(headers: dict[str, str]) -> list[str]:
    return [f"{name}:{value}" for name, value in sorted(headers.items())]


def json_body(fields: dict[str, Any]) -> bytes:
    """jsoncpp's StreamWriter: tabs, " : ", brackets on lines of their own, names in byte order."""

    def write(value: Any, depth: int) -> str:
        tabs = "\t" * (depth + 1)
        if isinstance(value, dict):
            rows = []
            for name in sorted(value):
                item = value[name]
                gap = f"\n{tabs}" if isinstance(item, dict | list) else ""
                rows.append(f"{tabs}{json.dumps(name)} : {gap}{write(item, depth + 1)}")
            return "{\n" + ",\n".join(rows) + "\n" + "\t" * depth + "}"
        if isinstance(value, list):
            rows = [tabs + write(item, depth + 1) for item in value]
            return "[\n" + ",\n".join(rows) + "\n" + "\t" * depth + "]"
        return json.dumps(value)

    return write(fields, 0).encode()


def test_json_body() -> None:
    assert json_body({"b": [{"y": 1, "x": 2}], "a": "/"}).decode() == (
        '{\n\t"a" : "/",\n\t"b" : \n\t[\n\t\t{\n\t\t\t"x" : 2,\n\t\t\t"y" : 1\n\t\t}\n\t]\n}'
    )


def token_of(front: Front, keys: list[str] | None = None) -> str:
    """An answer without access_token or without brain_all_scope means signing."""
    _, api_key, secret = keys or front.keys
    fields = {"grant_type": "client_credentials", "client_id": api_key, "client_secret": secret}
    target = f"{TOKEN_PATH}?{encoded(fields)}"
    assert target.endswith("grant_type=client_credentials&")
    with Link(front) as link:
        answer = link.exchange(libcurl("GET", target, []))
    assert "brain_all_scope" in answer["scope"] and isinstance(answer["expires_in"], int)
    return str(answer["access_token"])


def once(front: Front, target: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    with Link(front) as link:
        return link.exchange(libcurl("POST", target, lines(headers), body))


def signed(
    target: str, params: dict[str, str], keys: list[str], headers: dict[str, str]
) -> dict[str, str]:
    """utils.h: all headers set so far, and Host and x-bce-date; listed in byte order."""
    headers = headers | {"Host": HOST, "x-bce-date": utc()}
    prefix = f"bce-auth-v1/{keys[1]}/{headers['x-bce-date']}/1800"
    query = "&".join(sorted(f"{rfc3986(k)}={rfc3986(v)}" for k, v in params.items()))
    canonical = "\n".join(["POST", target, query, header_lines(headers)])
    listed = ";".join(sorted(headers)).lower()
    value = f"{prefix}/{listed}/{signature(keys[2], prefix, canonical)}"
    return headers | {"authorization": value}


@pytest.mark.parametrize("operator", list(METHODS))
def test_methods(tls_server: Front, operator: str) -> None:
    """R-214, R-218, R-018, R-027, R-038, R-040: token by GET, trailing "&" in query and form."""
    body = encoded({"image": image_text(operator), **METHODS[operator]}).encode()
    query = encoded({"access_token": token_of(tls_server), **SDK})
    assert query.endswith("&") and body.endswith(b"&")
    verify(operator, once(tls_server, f"{PATH}{operator}?{query}", {}, body))


@pytest.mark.parametrize("operator", ["color_enhance", "dehaze", "style_trans"])
def test_url_methods(tls_server: Front, picture_url: str, operator: str) -> None:
    """R-048, R-214."""
    body = encoded({"url": picture_url, **METHODS[operator]}).encode()
    query = encoded({"access_token": token_of(tls_server), **SDK})
    verify(operator, once(tls_server, f"{PATH}{operator}?{query}", {}, body))


def test_image_inpainting(tls_server: Front) -> None:
    """R-041, R-093, R-214: access_token twice in the query, JSON with tabs."""
    token = token_of(tls_server)
    target = f"{PATH}inpainting?access_token={token}&{encoded({'access_token': token, **SDK})}"
    body = json_body({"image": image_text("photo"), "rectangle": RECTANGLE})
    headers = {"Content-Type": "application/json"}
    verify("inpainting", once(tls_server, target, headers, body))


def test_raw_body_with_charset(tls_server: Front) -> None:
    """R-038, R-214: calls with a body of the caller's add charset=UTF-8 to the query."""
    token = token_of(tls_server)
    query = encoded({"access_token": token, "charset": "UTF-8", **SDK})
    body = json_body({"image": image_text("photo"), "rectangle": RECTANGLE})
    verify("inpainting", once(tls_server, f"{PATH}inpainting?{query}", {}, body))


@pytest.mark.parametrize("content_type", ["", FORM])
def test_cloud_user(tls_server: Front, content_type: str) -> None:
    """R-031, R-035, R-037, R-214: host;x-bce-date, with a Content-Type of the SDK's own before it."""
    path = f"{PATH}dehaze"
    body = encoded({"image": image_text("dehaze")}).encode()
    own = {"Content-Type": content_type} if content_type else {}
    headers = signed(path, SDK, tls_server.keys, own)
    answer = once(tls_server, f"{path}?{encoded(SDK)}", headers, body)
    verify("dehaze", answer)
    assert tls_server.credential(answer) == "signature"
    forged = signed(path, SDK, tls_server.wrong_keys, own)
    assert once(tls_server, f"{path}?{encoded(SDK)}", forged, body) == IAM_FAILED


def test_cloud_user_inpainting(tls_server: Front) -> None:
    """R-031, R-214: an empty access_token next to the signature; twice on the wire, signed once."""
    path = f"{PATH}inpainting"
    params = {"access_token": "", **SDK}
    body = json_body({"image": image_text("photo"), "rectangle": RECTANGLE})
    # Content-Type is added after signing.
    headers = signed(path, params, tls_server.keys, {}) | {"Content-Type": "application/json"}
    answer = once(tls_server, f"{path}?access_token=&{encoded(params)}", headers, body)
    verify("inpainting", answer)
    assert tls_server.credential(answer) == "signature"
