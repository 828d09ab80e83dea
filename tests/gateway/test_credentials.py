"""Which code answers which bad credential (R-027 to R-038)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.server import PREFIX, RunningServer, checked, jpeg
from xiutu.gateway.baidu import bce

PATH = f"{PREFIX}dehaze"


def test_literal_body_of_110(server: RunningServer) -> None:
    """R-029, R-044."""
    token = server.token()
    forged = token[:10] + ("0" if token[10] != "0" else "1") + token[11:]
    answer = server.client.post(PATH, params={"access_token": forged})
    assert answer.json() == {
        "error_code": 110,
        "error_msg": "Access token invalid or no longer valid",
    }


@pytest.mark.parametrize("query", ["", "?access_token=", "?access_token=abc", "?access_token=24.x"])
def test_no_token(server: RunningServer, query: str) -> None:
    """R-027, R-028."""
    assert checked(server.client.post(PATH + query))["error_code"] == 100


def test_rotation_and_deletion_revoke(server: RunningServer) -> None:
    """R-129: a rotated token is 110 (SDKs fetch a new one), a deleted app is 15."""
    keys = server.make_app("short-lived")
    token = server.token(keys)
    assert server.call("dehaze", token=token)["error_code"] == 216101
    server.cli("apps", "rotate", "short-lived", "--json")
    assert server.call("dehaze", token=token)["error_code"] == 110
    shown = json.loads(server.cli("apps", "show", "short-lived", "--json"))
    token = server.token(shown)
    server.cli("apps", "delete", "short-lived", "--yes")
    assert server.call("dehaze", token=token)["error_code"] == 15
    signed = _signed(server, shown["api_key"], shown["secret_key"])
    assert signed["error_code"] == 15


def test_unticked_interface_until_ticked(server: RunningServer) -> None:
    """R-012, R-126: effective at the next call."""
    keys = server.make_app("only-denoise", "--operators", "denoise")
    token = server.token(keys)
    assert server.call("dehaze", token=token)["error_code"] == 6
    server.cli("apps", "update", "only-denoise", "--operators", "denoise,dehaze")
    assert server.call("dehaze", token=token, image=jpeg())["image"]


def _signed(
    server: RunningServer, access_key: str, secret: str, *, age: int = 0, drop: str = ""
) -> dict[str, object]:
    """A call signed as the documents' sample: host;x-bce-date, 1800 s."""
    host = server.url.removeprefix("http://")
    when = datetime.now(UTC) - timedelta(seconds=age)
    headers = {
        "host": host,
        "x-bce-date": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "content-type": "application/x-www-form-urlencoded",
    }
    headers["authorization"] = bce.sign(
        access_key,
        secret,
        method="POST",
        path=PATH,
        query={},
        headers=headers,
        signed=("host", "x-bce-date"),
        now=when,
        validity=1800,
    )
    headers.pop(drop, None)
    return checked(server.client.post(PATH, headers=headers))


def test_signed_call_reaches_the_operator(server: RunningServer) -> None:
    """R-016, R-031, R-032, R-035, R-037: without the optional x-bce-request-id and content-length."""
    answer = _signed(server, server.keys["api_key"], server.keys["secret_key"])
    assert answer["error_code"] == 216101


@pytest.mark.parametrize("case", ["key", "secret", "old", "date", "malformed"])
def test_signature_failures(server: RunningServer, case: str) -> None:
    """R-033, R-034, R-128."""
    key, secret = server.keys["api_key"], server.keys["secret_key"]
    if case == "malformed":
        headers = {"authorization": "bce-auth-v1/nonsense"}
        assert checked(server.client.post(PATH, headers=headers))["error_code"] == 14
        return
    answer = {
        "key": lambda: _signed(server, "0" * 24, secret),
        "secret": lambda: _signed(server, key, "0" * 32),
        "old": lambda: _signed(server, key, secret, age=1900),
        "date": lambda: _signed(server, key, secret, drop="x-bce-date"),
    }[case]()
    assert answer == {"error_code": 14, "error_msg": "IAM Certification failed"}


@pytest.mark.parametrize(
    "extra",
    ["&aipSdk=python&aipVersion=4.15.13", "&aipSdk=C&aipSdkVersion=0.3.3&", "?aipSdk=node", "&x=1"],
)
def test_unknown_and_glued_query_parameters(server: RunningServer, extra: str) -> None:
    """R-038, WIRE section 3."""
    answer = server.client.post(f"{PATH}?access_token={server.token()}{extra}")
    assert checked(answer)["error_code"] == 216101


def test_token_twice(server: RunningServer) -> None:
    token = server.token()
    answer = server.client.post(f"{PATH}?access_token={token}&access_token={token}&aipSdk=C&")
    assert checked(answer)["error_code"] == 216101
