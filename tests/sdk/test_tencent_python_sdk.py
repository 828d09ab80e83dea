"""PyPI ``tencentcloud-sdk-python``, unmodified: AiartClient over verified TLS to the vendor's host name."""

from pathlib import Path
from typing import Any

import pytest

from tests.sdk.child import TENCENT, Child
from tests.sdk.front import Front
from tests.sdk.removal import UUID, by_base64, by_url, slow, verify, verify_link

SIGNATURES = ("TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256")
FAILED = "The provided credentials could not be validated. Please check your signature is correct."


def ask(sdk: Child, server: Front, params: dict[str, Any], **how: Any) -> Any:
    return sdk.ask({"keys": server.pair, "params": params, **how}, how.get("times", 1))


@pytest.mark.parametrize("sign", SIGNATURES)
def test_by_base64(tencent_sdk: Child, tls_server: Front, sign: str) -> None:
    """R-233, R-247: every sign method by POST; LogoAdd as a number and, in the older ways, as text."""
    verify(ask(tencent_sdk, tls_server, by_base64(), sign=sign))
    verify(ask(tencent_sdk, tls_server, by_base64(LogoAdd=0), sign=sign), marked=False)


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("sign", SIGNATURES)
def test_by_url(
    tencent_sdk: Child, tls_server: Front, picture_url: str, sign: str, method: str
) -> None:
    """R-248, R-241: the vendor's sample, also by GET; nested parameters have dots there."""
    rect = {"X": 190, "Y": 160, "Width": 40, "Height": 15}
    logo = {"LogoUrl": picture_url.replace("photo", "mask"), "LogoRect": rect}
    sample = by_url(picture_url, RspImgType="url", LogoParam=logo)
    verify_link(ask(tencent_sdk, tls_server, sample, sign=sign, method=method), tls_server)


def test_unsigned_payload(tencent_sdk: Child, tls_server: Front) -> None:
    verify(ask(tencent_sdk, tls_server, by_base64(), unsigned=True))


def test_only_the_endpoint_changed(tencent_sdk: Child, tls_server: Front) -> None:
    """R-247: HttpProfile.endpoint with a port, and no other change."""
    endpoint = f"127.0.0.1:{tls_server.port}"
    for sign in SIGNATURES:
        verify(ask(tencent_sdk, tls_server, by_base64(), endpoint=endpoint, sign=sign))


@pytest.mark.parametrize("sign", SIGNATURES)
def test_wrong_key(tencent_sdk: Child, tls_server: Front, sign: str) -> None:
    """R-246: in the caller's language."""
    wrong = {"keys": [tls_server.pair[0], "0" * 32], "sign": sign}
    english = ask(tencent_sdk, tls_server, by_base64(), **wrong)
    assert UUID.fullmatch(english.pop("request_id"))
    assert english == {"code": "AuthFailure.SignatureFailure", "message": FAILED}
    chinese = ask(tencent_sdk, tls_server, by_base64(), **wrong, language="zh-CN")
    assert chinese["message"] == "请求签名验证失败，请检查您的签名计算是否正确。"
    unknown = ask(tencent_sdk, tls_server, by_base64(), keys=["x" * 24, "y"], sign=sign)
    assert unknown["code"] == "AuthFailure.SecretIdNotFound"


@pytest.mark.parametrize("sign", SIGNATURES)
@pytest.mark.parametrize("clock", [-310, 310])
def test_expired_time(tencent_sdk: Child, tls_server: Front, sign: str, clock: int) -> None:
    """R-246: a clock that is more than five minutes off."""
    answer = ask(tencent_sdk, tls_server, by_base64(), sign=sign, clock=clock)
    assert answer["code"] == "AuthFailure.SignatureExpire"


def test_bad_calls(tencent_sdk: Child, tls_server: Front, picture_url: str) -> None:
    """R-235, R-236, R-238: a mask of another size, no mask, no picture, wrong region, token."""
    other_mask = slow()["Mask"]
    for params, how, code in (
        (by_base64(Mask=other_mask), {}, "InvalidParameterValue"),
        (by_base64(Mask="*"), {}, "InvalidParameterValue"),
        ({"InputUrl": picture_url}, {}, "MissingParameter"),
        ({"MaskUrl": picture_url}, {}, "MissingParameter"),
        (by_base64(), {"region": "ap-nowhere"}, "UnsupportedRegion"),
        (by_base64(), {"region": ""}, "MissingParameter"),
        (by_base64(), {"token": "temporary"}, "AuthFailure.TokenFailure"),
    ):
        answer = ask(tencent_sdk, tls_server, params, **how)
        assert answer["code"] == code and UUID.fullmatch(answer["request_id"])


def test_concurrency(tencent_sdk: Child, tls_server: Front) -> None:
    """R-245: one task at a time; afterwards the next one is served."""
    answers = ask(tencent_sdk, tls_server, slow(), times=2)
    assert sorted(answer.get("code", "") for answer in answers) == [
        "",
        "RequestLimitExceeded.JobNumExceed",
    ]
    verify(ask(tencent_sdk, tls_server, by_base64()))


def test_the_sdk_verifies(tls_server: Front, logs: Path) -> None:
    """Without our CA this client refuses the server, so the tests above do prove TLS."""
    sdk = "tencentcloud-sdk-python"
    with Child(sdk, TENCENT, tls_server.port, logs / "untrusted-tencent.log") as child:
        answer = ask(child, tls_server, by_base64())
    assert (
        answer["code"] == "ClientNetworkError" and "CERTIFICATE_VERIFY_FAILED" in answer["message"]
    )
