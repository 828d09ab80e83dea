"""npm ``tencentcloud-sdk-nodejs``, unmodified: AiartClient over verified TLS to the vendor's host name."""

from typing import Any

import pytest

from tests.sdk.child import Child
from tests.sdk.front import Front
from tests.sdk.removal import UUID, by_base64, by_url, slow, verify, verify_link
from tests.sdk.test_tencent_python_sdk import SIGNATURES, ask


@pytest.mark.parametrize("sign", SIGNATURES)
def test_by_base64(tencent_node_sdk: Child, tls_server: Front, sign: str) -> None:
    """R-233, R-247: every sign method by POST; null members are left out by the SDK."""
    verify(ask(tencent_node_sdk, tls_server, by_base64(LogoParam=None), sign=sign))
    verify(ask(tencent_node_sdk, tls_server, by_base64(LogoAdd=0), sign=sign), marked=False)


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("sign", SIGNATURES)
def test_by_url(
    tencent_node_sdk: Child, tls_server: Front, picture_url: str, sign: str, method: str
) -> None:
    """R-248, R-241: the vendor's sample, also by GET."""
    sample = by_url(picture_url, RspImgType="url")
    verify_link(ask(tencent_node_sdk, tls_server, sample, sign=sign, method=method), tls_server)


@pytest.mark.parametrize("sign", SIGNATURES)
def test_only_the_endpoint_changed(tencent_node_sdk: Child, tls_server: Front, sign: str) -> None:
    """R-247: it signs the host without its port, and takes the service from the end point's name."""
    endpoint = f"127.0.0.1:{tls_server.port}"
    verify(ask(tencent_node_sdk, tls_server, by_base64(), endpoint=endpoint, sign=sign))


@pytest.mark.parametrize("sign", SIGNATURES)
def test_who_is_not_let_in(tencent_node_sdk: Child, tls_server: Front, sign: str) -> None:
    """R-246: wrong key, unknown key, clocks that are off; the trace id comes back."""
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"keys": [tls_server.pair[0], "0" * 32]}, "AuthFailure.SignatureFailure"),
        ({"keys": ["x" * 24, "y"]}, "AuthFailure.SecretIdNotFound"),
        ({"clock": -310}, "AuthFailure.SignatureExpire"),
        ({"clock": 310}, "AuthFailure.SignatureExpire"),
    ]
    for how, code in wrong:
        answer = ask(tencent_node_sdk, tls_server, by_base64(), sign=sign, **how)
        assert answer["code"] == code and UUID.fullmatch(answer["request_id"])
    answer = ask(
        tencent_node_sdk,
        tls_server,
        by_base64(),
        sign=sign,
        language="zh-CN",
        keys=[tls_server.pair[0], "0" * 32],
        headers={"X-TC-TraceId": "trace-1"},
    )
    assert answer["message"] == "请求签名验证失败，请检查您的签名计算是否正确。"
    assert answer["trace"] == "trace-1"


def test_bad_mask_and_region(tencent_node_sdk: Child, tls_server: Front) -> None:
    """R-238, R-233: region undefined sends no header."""
    for params, how, code in (
        (by_base64(Mask=slow()["Mask"]), {}, "InvalidParameterValue"),
        (by_base64(Unheard=1), {}, "UnknownParameter"),
        (by_base64(), {"region": None}, "MissingParameter"),
    ):
        assert ask(tencent_node_sdk, tls_server, params, **how)["code"] == code


def test_concurrency(tencent_node_sdk: Child, tls_server: Front) -> None:
    """R-245."""
    answers = ask(tencent_node_sdk, tls_server, slow(), times=2)
    codes = sorted(answer.get("code", "") for answer in answers)
    assert codes == ["", "RequestLimitExceeded.JobNumExceed"]
