"""PyPI ``bce-python-sdk``, unmodified: its BceV1Signer and HTTP client against the operators.

With an https endpoint it sends and signs ``Host: aip.baidubce.com:443``.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.child import BCE, Child
from tests.sdk.front import PATH, Front
from tests.sdk.results import RECTANGLE, image_text, verify

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def form(operator: str = "dehaze") -> bytes:
    from urllib.parse import urlencode

    return urlencode({"image": image_text(operator)}).encode()


def job(keys: list[str], body: bytes, operator: str = "dehaze", **extra: Any) -> dict[str, Any]:
    """A job of the driver; ``extra``: sign, headers, params."""
    headers = {"Content-Type": JSON if body.startswith(b"{") else FORM} | extra.get("headers", {})
    return {
        "keys": keys[1:],
        "path": f"{PATH}{operator}",
        "params": extra.get("params", {}),
        "headers": headers,
        "body": base64.b64encode(body).decode(),
        "sign": extra.get("sign"),
    }


@pytest.mark.parametrize(
    "signed",
    [
        pytest.param(None, id="default set, empty list"),
        pytest.param(["host"], id="host alone, x-bce-date signed unlisted"),
        pytest.param(["host", "x-bce-date"], id="host;x-bce-date"),
        pytest.param(["content-type", "host"], id="content-type;host"),
        pytest.param(
            ["host", "content-length", "content-type", "x-bce-date"], id="content-length too"
        ),
    ],
)
def test_signed_header_lists(bce_sdk: Child, tls_server: Front, signed: list[str] | None) -> None:
    """R-031, R-032, R-035, R-036, R-216: every list, Host with its port."""
    result = bce_sdk.ask(job(tls_server.keys, form(), sign=signed))
    verify("dehaze", result["answer"])
    assert tls_server.credential(result["answer"]) == "signature"
    assert result["headers"]["Host"] == "aip.baidubce.com:443"
    listed = result["headers"]["Authorization"].split("/")[4]
    assert listed == ";".join(signed or [])


def test_parameters_md5_and_request_id(bce_sdk: Child, tls_server: Front) -> None:
    """R-032, R-036, R-038: content-md5, further x-bce-* headers and odd query values are signed too."""
    body = form()
    headers = {
        "Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode(),
        "x-bce-request-id": "73c4e74c-3101-4a00-bf44-fe246959c05e",
    }
    params = {"aipSdk": "python", "empty": "", "note": "a b+c/d=é"}
    result = bce_sdk.ask(job(tls_server.keys, body, headers=headers, params=params))
    verify("dehaze", result["answer"])


def test_json_operator(bce_sdk: Child, tls_server: Front) -> None:
    """R-037, R-041, R-093."""
    body = json.dumps({"image": image_text("photo"), "rectangle": RECTANGLE}).encode()
    verify("inpainting", bce_sdk.ask(job(tls_server.keys, body, "inpainting"))["answer"])


def test_errors_pass_as_data(bce_sdk: Child, tls_server: Front) -> None:
    """R-033, R-039, R-044, R-126, R-128: HTTP 200 with error_code, which this SDK hands to its caller."""
    wrong = bce_sdk.ask(job(tls_server.wrong_keys, form()))["answer"]
    assert wrong == {"error_code": 14, "error_msg": "IAM Certification failed"}
    empty = bce_sdk.ask(job(tls_server.keys, b"image="))["answer"]
    assert empty == {"error_code": 216200, "error_msg": "empty image"}
    refused = bce_sdk.ask(job(tls_server.bare_keys, form()))["answer"]
    assert refused == {"error_code": 6, "error_msg": "No permission to access data"}


def test_the_sdk_verifies(tls_server: Front, logs: Path) -> None:
    """R-216: without our CA this client refuses the server."""
    with Child("bce-python-sdk", BCE, tls_server.port, logs / "untrusted.log") as child:
        result = child.ask(job(tls_server.keys, form()))
    assert "CERTIFICATE_VERIFY_FAILED" in result["exception"]
