"""The Java SDK's requests (java-sdk over HttpURLConnection of Java 8), byte for byte.

Header lines the SDK sets come first, in the order of a HashMap, then those of HttpURLConnection.
Content-Length and Host, which the SDK sets for signing, are written by HttpURLConnection.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sdk.front import HOST, PATH, Front
from tests.sdk.results import RECTANGLE, image_text, verify
from tests.sdk.wire import (
    FORM,
    IAM_FAILED,
    TOKEN_PATH,
    Link,
    header_lines,
    message,
    rfc3986,
    signature,
)
from xiutu.operators._registry import implemented

DEFAULTS = ["User-Agent: Java/1.8.0_392", f"Host: {HOST}"]
ACCEPT_ALL = "Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
TEN = (  # AipImageProcess of the documents
    "colourize", "style_trans", "selfie_anime", "dehaze", "contrast_enhance", "sky_seg",
    "image_quality_enhance", "stretch_restore", "image_definition_enhance", "color_enhance",
)  # fmt: skip


def hash_map(names: Iterable[str]) -> list[str]:
    """Names in the order in which a java.util.HashMap of 16 buckets hands them out."""

    def bucket(name: str) -> int:
        code = 0
        for character in name:
            code = (31 * code + ord(character)) & 0xFFFFFFFF
        return (code ^ code >> 16) & 15

    return sorted(names, key=bucket)


def test_hash_map_order() -> None:
    """An order that every Java tutorial shows."""
    assert hash_map(["banana", "apple", "cherry"]) == ["banana", "apple", "cherry"]


def form_body(fields: dict[str, str]) -> bytes:
    """AipRequest.getBodyStr: a key with an empty value is written without "="."""
    pairs = [
        f"{rfc3986(name)}={rfc3986(fields[name])}" if fields[name] else rfc3986(name)
        for name in hash_map(fields)
    ]
    return "&".join(pairs).encode()


def token_request(keys: list[str]) -> bytes:
    fields = {
        "grant_type": "client_credentials",
        "client_id": keys[1],
        "client_secret": keys[2],
    }
    body = form_body(fields)
    headers = [*DEFAULTS, ACCEPT_ALL, "Connection: keep-alive"]
    headers += [f"Content-type: {FORM}", f"Content-Length: {len(body)}"]
    return message(f"POST {TOKEN_PATH}", headers, body)


def query_of(params: dict[str, str]) -> str:
    """AipRequest.getParamStr: nothing is percent-encoded."""
    return "&".join(f"{name}={params[name]}" for name in hash_map(params))


def call_request(operator: str, params: dict[str, str], own: dict[str, str], body: bytes) -> bytes:
    """``own``: the header lines of the SDK that HttpURLConnection lets through."""
    headers = [f"{name}: {own[name]}" for name in hash_map(own)]
    headers += [*DEFAULTS, "Connection: keep-alive", f"Content-Length: {len(body)}"]
    return message(f"POST {PATH}{operator}?{query_of(params)}", headers, body)


def token_call(operator: str, token: str, body: bytes, **extra: str) -> bytes:
    own = {"Content-Type": FORM, "accept": "*/*"} | extra
    return call_request(operator, {"aipSdk": "java", "access_token": token}, own, body)


def cloud_call(
    operator: str,
    keys: list[str],
    body: bytes,
    stamp: str,
    content_type: str = FORM,
    params: dict[str, str] | None = None,
) -> bytes:
    """CloudAuth.sign: empty list of signed headers, Content-MD5 in hex, all x-bce-*."""
    params = {"aipSdk": "java"} if params is None else params
    signed = {
        "Content-Length": str(len(body)),
        "Content-MD5": hashlib.md5(body).hexdigest(),
        "Content-Type": content_type,
        "Host": HOST,
        "x-bce-date": stamp,
    }
    prefix = f"bce-auth-v1/{keys[1]}/{stamp}/1800"
    query = "&".join(sorted(f"{rfc3986(k)}={rfc3986(v)}" for k, v in params.items()))
    canonical = "\n".join(["POST", f"{PATH}{operator}", query, header_lines(signed)])
    own = {name: signed[name] for name in ("Content-MD5", "Content-Type", "x-bce-date")} | {
        "accept": "*/*",
        "Authorization": f"{prefix}//{signature(keys[2], prefix, canonical)}",
    }
    return call_request(operator, params, own, body)


def twelve_hour(moment: datetime) -> str:
    """Util.getCanonicalTime: the hour is formatted with "hh", without am or pm."""
    return moment.strftime("%Y-%m-%dT%I:%M:%SZ")


def token_of(link: Link, keys: list[str]) -> str:
    """DevAuth: with access_token, expires_in (int) and scope (string) are mandatory."""
    answer = link.exchange(token_request(keys))
    assert isinstance(answer["expires_in"], int) and answer["expires_in"] > 86_400
    assert "brain_all_scope" in answer["scope"].split(" ")
    return str(answer["access_token"])


def options_of(operator: str) -> dict[str, str]:
    if operator == "style_trans":
        return {"option": "pencil"}
    return {"type": "anime", "mask_id": "3"} if operator == "selfie_anime" else {}


def test_token_and_calls_on_one_connection(tls_server: Front) -> None:
    """R-209, R-017, R-027, R-038, R-040, R-059: token by POST form, ten methods, keep-alive."""
    with Link(tls_server) as link:
        token = token_of(link, tls_server.keys)
        for operator in TEN:
            fields = {"image": image_text(operator), **options_of(operator)}
            verify(operator, link.exchange(token_call(operator, token, form_body(fields))))


def test_options_with_empty_value(tls_server: Front) -> None:
    """R-209, R-076: an empty option is a key without "=" and counts as absent."""
    fields = {"image": image_text("photo"), "option": "", "note": ""}
    body = form_body(fields)
    assert b"option&" in body or body.endswith(b"option")
    with Link(tls_server) as link:
        token = token_of(link, tls_server.keys)
        verify("style_trans", link.exchange(token_call("style_trans", token, body)))


def test_url_instead_of_image(tls_server: Front, picture_url: str) -> None:
    """R-048, R-209: colorEnhanceUrl and its like."""
    with Link(tls_server) as link:
        token = token_of(link, tls_server.keys)
        body = form_body({"url": picture_url})
        verify("color_enhance", link.exchange(token_call("color_enhance", token, body)))


def test_json_with_content_encoding(tls_server: Front) -> None:
    """R-041, R-209: inpaintingByMask and EasyDL send JSON with ``Content-Encoding: UTF8``."""
    fields: dict[str, Any] = {"image": image_text("photo"), "rectangle": RECTANGLE}
    body = json.dumps(fields, separators=(",", ":")).encode()
    extra = {"Content-Type": "application/json", "Content-Encoding": "UTF8"}
    with Link(tls_server) as link:
        token = token_of(link, tls_server.keys)
        verify("inpainting", link.exchange(token_call("inpainting", token, body, **extra)))


@pytest.mark.parametrize("content_type", [FORM, "application/json"])
def test_cloud_user(tls_server: Front, content_type: str) -> None:
    """R-031, R-036, R-032, R-209: empty list of signed headers, md5 in hex."""
    if content_type == FORM:
        operator, body = "dehaze", form_body({"image": image_text("dehaze")})
    else:
        operator = "inpainting"
        body = json.dumps({"image": image_text("photo"), "rectangle": RECTANGLE}).encode()
    stamp = twelve_hour(datetime.now(UTC))
    with Link(tls_server) as link:
        answer = link.exchange(cloud_call(operator, tls_server.keys, body, stamp, content_type))
        verify(operator, answer)
        assert tls_server.credential(answer) == "signature"
        forged = cloud_call(operator, tls_server.wrong_keys, body, stamp, content_type)
        assert link.exchange(forged) == IAM_FAILED


@pytest.mark.parametrize("hours", [-12, 0, 12])
def test_twelve_hour_clock_is_allowed_for(tls_server: Front, hours: int) -> None:
    """R-034, A-09: from 13:00 UTC on its stamps are 12 h old, from 00:00 to 00:59 12 h ahead.

    The allowance hangs on the signed aipSdk=java; a stamp off by any other time is 14 even then.
    """
    body = form_body({"image": image_text("dehaze")})
    shifted = datetime.now(UTC) + timedelta(hours=hours)
    stamp = shifted.strftime("%Y-%m-%dT%H:%M:%SZ")
    with Link(tls_server) as link:
        verify("dehaze", link.exchange(cloud_call("dehaze", tls_server.keys, body, stamp)))
        for params in ({}, {"aipSdk": "python"}):
            plain = cloud_call("dehaze", tls_server.keys, body, stamp, params=params)
            answer = link.exchange(plain)
            if hours:
                assert answer == IAM_FAILED
            else:
                verify("dehaze", answer)
        odd = (shifted + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert link.exchange(cloud_call("dehaze", tls_server.keys, body, odd)) == IAM_FAILED


def test_token_null(tls_server: Front) -> None:
    """R-028, R-029: where it got no token it goes on with access_token=null: a token error, HTTP 200."""
    body = form_body({"image": image_text("dehaze")})
    with Link(tls_server) as link:
        assert link.exchange(token_call("dehaze", "null", body))["error_code"] in (100, 110)


def test_wrong_secret_is_401(tls_server: Front) -> None:
    """R-022, A-07: with HTTP 401 this SDK changes to signing, and its user sees 14."""
    body = form_body({"image": image_text("dehaze")})
    stamp = twelve_hour(datetime.now(UTC))
    with Link(tls_server) as link:
        refused = link.exchange(token_request(tls_server.wrong_keys), status=401)
        assert refused["error"] == "invalid_client" and "access_token" not in refused
        assert link.exchange(cloud_call("dehaze", tls_server.wrong_keys, body, stamp)) == IAM_FAILED


def test_operators_the_sdk_reaches_by_form(tls_server: Front) -> None:
    """R-218: the operators without a method work with the same form."""
    with Link(tls_server) as link:
        token = token_of(link, tls_server.keys)
        for operator in ("doc_repair", "denoise", "customize_stylization", "remove_moire"):
            fields = {"image": image_text(operator), "option": "20", "style_id": "1"}
            answer = link.exchange(token_call(operator, token, form_body(fields)))
            verify(operator, answer)
            assert ("error_code" in answer) == (operator not in implemented())
