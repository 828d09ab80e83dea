"""The PHP SDK's requests (php-sdk 2_2_17 over libcurl), byte for byte.

libcurl: Host and Accept, then the SDK's own lines ("Name:value", no blank), Content-Length, the
default Content-Type, and for bodies over 1 MiB ``Expect: 100-continue``.
"""

import base64
import json
import time
from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.pictures import encoded, noise
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
    utc,
)

EXPECT_ABOVE = 1024 * 1024
STALE = "24." + "0" * 32 + f".2592000.{int(time.time()) + 1_000_000}.1-1"
METHODS = (
    "colourize", "style_trans", "selfie_anime", "dehaze", "contrast_enhance", "sky_seg",
    "image_quality_enhance", "stretch_restore", "image_definition_enhance", "color_enhance",
)  # fmt: skip


def http_build_query(fields: dict[str, str]) -> str:
    return "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in fields.items())


def json_encode(fields: dict[str, Any]) -> bytes:
    """PHP writes "/" as "\\/"."""
    return json.dumps(fields, separators=(",", ":")).replace("/", "\\/").encode()


def libcurl(method: str, target: str, own: list[str], body: bytes | None = None) -> bytes:
    """``own``: lines of CURLOPT_HTTPHEADER. A Host among them takes the place of libcurl's."""
    hosts = [line for line in own if line.startswith("Host:")]
    headers = [hosts[0] if hosts else f"Host: {HOST}", "Accept: */*"]
    headers += [line for line in own if line not in hosts]
    if body is not None:
        headers.append(f"Content-Length: {len(body)}")
        if not any(line.startswith("Content-Type:") for line in own):
            headers.append(f"Content-Type: {FORM}")
        if len(body) > EXPECT_ABOVE:
            headers.append("Expect: 100-continue")
    return message(f"{method} {target}", headers, body or b"")


def token_request(keys: list[str]) -> bytes:
    fields = {
        "grant_type": "client_credentials",
        "client_id": keys[1],
        "client_secret": keys[2],
    }
    return libcurl("GET", f"{TOKEN_PATH}?{http_build_query(fields)}", [])


def token_call(operator: str, token: str, body: bytes, *own: str) -> bytes:
    params = {"access_token": token, "aipSdk": "php", "aipSdkVersion": "2_2_17"}
    return libcurl("POST", f"{PATH}{operator}?{http_build_query(params)}", list(own), body)


def cloud_call(operator: str, keys: list[str], body: bytes, content_type: str = "") -> bytes:
    """AipSampleSigner: all headers set so far, listed in the order in which they were set."""
    params = {"aipSdk": "php", "aipSdkVersion": "2_2_17"}
    headers = {"Content-Type": content_type} if content_type else {}
    headers |= {"Host": HOST, "x-bce-date": utc()}
    prefix = f"bce-auth-v1/{keys[1]}/{headers['x-bce-date']}/1800"
    query = "&".join(sorted(f"{rfc3986(k)}={rfc3986(v)}" for k, v in params.items()))
    canonical = "\n".join(["POST", f"{PATH}{operator}", query, header_lines(headers)])
    listed = ";".join(headers).lower()
    headers["authorization"] = f"{prefix}/{listed}/{signature(keys[2], prefix, canonical)}"
    own = [f"{name}:{value}" for name, value in headers.items()]
    return libcurl("POST", f"{PATH}{operator}?{http_build_query(params)}", own, body)


def token_of(front: Front) -> str:
    """Every request of this SDK has a connection of its own."""
    with Link(front) as link:
        answer = link.exchange(token_request(front.keys))
    assert "brain_all_scope" in answer["scope"].split(" ") and int(answer["expires_in"]) > 0
    return str(answer["access_token"])


def once(front: Front, request: bytes) -> dict[str, Any]:
    with Link(front) as link:
        return link.exchange(request)


@pytest.mark.parametrize("operator", METHODS)
def test_methods(tls_server: Front, operator: str) -> None:
    """R-211, R-018, R-027, R-038, R-040: token by GET, then a form with the token."""
    fields = {"image": image_text(operator)}
    if operator == "style_trans":
        fields["option"] = "pencil"
    body = http_build_query(fields).encode()
    verify(operator, once(tls_server, token_call(operator, token_of(tls_server), body)))


def test_url_method(tls_server: Front, picture_url: str) -> None:
    """R-048, R-211: colorEnhanceUrl."""
    body = http_build_query({"url": picture_url}).encode()
    verify(
        "color_enhance", once(tls_server, token_call("color_enhance", token_of(tls_server), body))
    )


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(("Content-Type:application/json",), id="no blank after the colon"),
        pytest.param(("Content-Type:application/json;charset=UTF-8",), id="with charset"),
        pytest.param((), id="libcurl's own form header"),
    ],
)
def test_json_with_escaped_slashes(tls_server: Front, own: tuple[str, ...]) -> None:
    """R-041, R-042, R-211: json_encode's ``\\/``, under three headers (the documents' PHP samples)."""
    body = json_encode({"image": image_text("photo"), "rectangle": RECTANGLE})
    assert b"\\/" in body
    token = token_of(tls_server)
    verify("inpainting", once(tls_server, token_call("inpainting", token, body, *own)))


def test_segment_sample(tls_server: Front) -> None:
    """R-042, R-120: the documents' PHP sample of segment sends JSON under libcurl's form header."""
    fields = {"image": image_text("photo"), "method": "auto"}
    fields |= {"refine_mask": "true", "return_form": "rgba"}
    target = f"{PATH}segment?access_token={token_of(tls_server)}"
    body = json.dumps(fields).encode()
    verify("segment", once(tls_server, libcurl("POST", target, [], body)))


@pytest.mark.parametrize("content_type", ["", "application/json"])
def test_cloud_user(tls_server: Front, content_type: str) -> None:
    """R-031, R-035, R-037, R-211: host;x-bce-date, with JSON content-type;host;x-bce-date."""
    operator = "inpainting" if content_type else "dehaze"
    fields = {"image": image_text("photo"), "rectangle": RECTANGLE}
    body = (
        json_encode(fields)
        if content_type
        else http_build_query({"image": image_text("photo")}).encode()
    )
    answer = once(tls_server, cloud_call(operator, tls_server.keys, body, content_type))
    verify(operator, answer)
    assert tls_server.credential(answer) == "signature"
    forged = cloud_call(operator, tls_server.wrong_keys, body, content_type)
    assert once(tls_server, forged) == IAM_FAILED


def test_unknown_token_is_fetched_again(tls_server: Front) -> None:
    """R-215, R-029: what the SDK does with a stale token from its cache file: 110, token, once more."""
    body = http_build_query({"image": image_text("dehaze")}).encode()
    stale = once(tls_server, token_call("dehaze", STALE, body))
    assert stale == {
        "error_code": 110,
        "error_msg": "Access token invalid or no longer valid",
    }
    verify("dehaze", once(tls_server, token_call("dehaze", token_of(tls_server), body)))


def test_expect_100_continue(tls_server: Front) -> None:
    """R-211, R-214: a body over 1 MiB is announced; the server says 100 before a byte of it is sent."""
    big = base64.b64encode(encoded(noise(640, 480), "PNG")).decode()
    body = http_build_query({"image": big}).encode()
    assert len(body) > EXPECT_ABOVE
    request = token_call("color_enhance", token_of(tls_server), body)
    head = request[: -len(body)]
    assert head.endswith(b"Expect: 100-continue\r\n\r\n")
    with Link(tls_server) as link:
        link.send(head)
        assert link.interim() == b"HTTP/1.1 100 Continue\r\n\r\n"
        answer = link.exchange(body)
    assert "image" in answer


def test_expect_100_continue_refused(tls_server: Front) -> None:
    """R-029: a call refused for its token is answered at once; the body need not be sent at all."""
    body = b"image=" + b"A" * (EXPECT_ABOVE + 1)
    request = token_call("color_enhance", STALE, body)
    with Link(tls_server) as link:
        answer = link.exchange(request[: -len(body)])
    assert answer["error_code"] == 110
