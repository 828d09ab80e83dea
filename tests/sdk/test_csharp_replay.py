"""The C# SDK's requests (dotnet-sdk over HttpWebRequest), byte for byte.

Expect is switched off; a connection is kept alive and says so in its first request only.
"""

import json
from typing import Any

import pytest

from tests.sdk.front import HOST, PATH, Front
from tests.sdk.results import RECTANGLE, image_text, verify
from tests.sdk.wire import FORM, IAM_FAILED, TOKEN_PATH, Link, message, rfc3986, signature, utc

METHODS = (
    "colourize", "style_trans", "selfie_anime", "dehaze", "contrast_enhance", "sky_seg",
    "image_quality_enhance", "stretch_restore", "image_definition_enhance", "color_enhance",
)  # fmt: skip
KEEP = ["Connection: Keep-Alive"]


def token_request(keys: list[str]) -> bytes:
    """Parameters are not percent-encoded; no header but these two."""
    query = f"grant_type=client_credentials&client_id={keys[1]}&client_secret={keys[2]}"
    return message(f"GET {TOKEN_PATH}?{query}", [f"Host: {HOST}", *KEEP])


def form_body(fields: dict[str, str]) -> bytes:
    """UriEncode leaves "/" as it is."""
    return "&".join(f"{name}={rfc3986(fields[name], '/')}" for name in fields).encode()


def web_request(target: str, headers: list[str], body: bytes, first: bool = True) -> bytes:
    tail = [f"Host: {HOST}", f"Content-Length: {len(body)}", *(KEEP if first else [])]
    return message(f"POST {target}", [*headers, *tail], body)


def token_call(operator: str, token: str, body: bytes, content_type: str = FORM) -> bytes:
    target = f"{PATH}{operator}?aipSdk=CSharp&access_token={token}"
    return web_request(target, [f"Content-Type: {content_type}"], body)


def cloud_call(operator: str, keys: list[str], body: bytes, content_type: str = FORM) -> bytes:
    """Auth.CloudRequest: 1200 s, content-type;host; x-bce-date is sent but not signed."""
    stamp = utc()
    prefix = f"bce-auth-v1/{keys[1]}/{stamp}/1200"
    lines = f"content-type:{rfc3986(content_type)}\nhost:{HOST}"
    canonical = "\n".join(["POST", f"{PATH}{operator}", "aipSdk=CSharp", lines])
    signed = f"{prefix}/content-type;host/{signature(keys[2], prefix, canonical)}"
    headers = [f"Content-Type: {content_type}", f"x-bce-date: {stamp}", f"Authorization: {signed}"]
    return web_request(f"{PATH}{operator}?aipSdk=CSharp", headers, body)


def token_of(link: Link, keys: list[str]) -> str:
    answer = link.exchange(token_request(keys))
    assert isinstance(answer["expires_in"], int) and "brain_all_scope" in answer["scope"].split(" ")
    return str(answer["access_token"])


def test_methods_on_one_connection(tls_server: Front) -> None:
    """R-212, R-014, R-018, R-027, R-038, R-059: no App ID anywhere, "/" raw in the form."""
    with Link(tls_server) as link:
        token = token_of(link, tls_server.keys)
        for operator in METHODS:
            fields = {"image": image_text(operator)}
            if operator == "style_trans":
                fields["option"] = "pencil"
            body = form_body(fields)
            assert b"/" in body and b"+" not in body
            verify(operator, link.exchange(token_call(operator, token, body)))


def test_url_method(tls_server: Front, picture_url: str) -> None:
    """R-048, R-212: ...Url methods; the slashes of the address stay raw."""
    with Link(tls_server) as link:
        token = token_of(link, tls_server.keys)
        body = form_body({"url": picture_url})
        verify("color_enhance", link.exchange(token_call("color_enhance", token, body)))


def test_image_inpainting(tls_server: Front) -> None:
    """R-041, R-212: ImageInpainting posts JSON of Newtonsoft."""
    fields: dict[str, Any] = {"image": image_text("photo"), "rectangle": RECTANGLE}
    body = json.dumps(fields, separators=(",", ":")).encode()
    with Link(tls_server) as link:
        token = token_of(link, tls_server.keys)
        request = token_call("inpainting", token, body, "application/json")
        verify("inpainting", link.exchange(request))


def test_segment_sample_without_content_type(tls_server: Front) -> None:
    """R-042, R-120: the documents' C# sample of segment sends JSON and no Content-Type at all.

    It also writes the method in lower case and .NET makes it POST.
    """
    fields = {"image": image_text("photo"), "method": "auto", "refine_mask": "true"}
    body = json.dumps(fields | {"return_form": "rgba"}).encode()
    rectangle = json.dumps({"image": image_text("photo"), "rectangle": RECTANGLE}).encode()
    with Link(tls_server) as link:
        token = token_of(link, tls_server.keys)
        for operator, content in (("segment", body), ("inpainting", rectangle)):
            target = f"{PATH}{operator}?access_token={token}"
            verify(operator, link.exchange(web_request(target, [], content)))


@pytest.mark.parametrize("content_type", [FORM, "application/json"])
def test_cloud_user(tls_server: Front, content_type: str) -> None:
    """R-031, R-034, R-037, R-212: validity 1200, signed list content-type;host."""
    operator = "dehaze" if content_type == FORM else "inpainting"
    fields: dict[str, Any] = {"image": image_text("photo"), "rectangle": RECTANGLE}
    body = (
        form_body({"image": fields["image"]})
        if content_type == FORM
        else json.dumps(fields, separators=(",", ":")).encode()
    )
    with Link(tls_server) as link:
        answer = link.exchange(cloud_call(operator, tls_server.keys, body, content_type))
        verify(operator, answer)
        assert tls_server.credential(answer) == "signature"
        forged = cloud_call(operator, tls_server.wrong_keys, body, content_type)
        assert link.exchange(forged) == IAM_FAILED


def test_wrong_secret(tls_server: Front) -> None:
    """R-022: anything but a 200 with access_token and expires_in makes this SDK sign."""
    with Link(tls_server) as link:
        assert "access_token" not in link.exchange(token_request(tls_server.wrong_keys), status=401)
