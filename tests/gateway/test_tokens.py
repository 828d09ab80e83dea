"""The token endpoint as every documented client calls it (R-017 to R-026)."""

import re

import httpx2
import pytest

from tests.server import RunningServer

PATH = "/oauth/2.0/token"


def _parameters(keys: dict[str, str], **changes: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": keys["api_key"],
        "client_secret": keys["secret_key"],
    } | changes


def _ways(server: RunningServer, parameters: dict[str, str]) -> dict[str, httpx2.Response]:
    client = server.client
    query = "&".join(f"{k}={v}" for k, v in sorted(parameters.items()))
    json_type = {"content-type": "application/json"}
    return {
        "form": client.post(PATH, data=parameters),
        "get": client.get(PATH, params=parameters),
        "get with trailing & (C++)": client.get(f"{PATH}?{query}&"),
        "post, query, empty json body": client.post(PATH, params=parameters, headers=json_type),
        "json body": client.post(PATH, json=parameters),
    }


def test_every_way_gives_a_token(server: RunningServer) -> None:
    """R-017, R-018, R-019, R-020, R-026."""
    for way, answer in _ways(server, _parameters(server.keys)).items():
        body = answer.json()
        assert answer.status_code == 200, way
        assert body["expires_in"] == 2_592_000
        assert "brain_all_scope" in body["scope"].split(" ")
        shape = r"24\.[0-9a-f]{32}\.2592000\.\d{10}\.\d+-\d+"
        assert re.fullmatch(shape, body["access_token"]), way
        assert {"refresh_token", "session_key", "session_secret"} <= set(body)


def test_body_wins_over_query(server: RunningServer) -> None:
    """A-05."""
    wrong = _parameters(server.keys, client_secret="wrong")
    answer = server.client.post(PATH, params=wrong, data=_parameters(server.keys))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"client_id": "nobody"}, "invalid_client", "unknown client id"),
        ({"client_secret": "wrong"}, "invalid_client", "Client authentication failed"),
        ({"client_secret": ""}, "invalid_client", "Client authentication failed"),
        ({"grant_type": "password"}, "unsupported_grant_type", None),
        ({"grant_type": ""}, "unsupported_grant_type", None),
    ],
)
def test_refusals(
    server: RunningServer, changes: dict[str, str], error: str, description: str | None
) -> None:
    """R-022, R-023, A-07: 401, so that the Java SDK falls back to signing."""
    for way, answer in _ways(server, _parameters(server.keys, **changes)).items():
        body = answer.json()
        assert (answer.status_code, body["error"]) == (401, error), way
        assert "access_token" not in body and "scope" not in body
        assert description is None or body["error_description"] == description


@pytest.mark.parametrize("body", [b"{broken", b"[1]", b"\xff\xfe\x00", b"%%%", b"{}" * 50_000])
def test_rubbish_is_refused_politely(server: RunningServer, body: bytes) -> None:
    answer = server.client.post(PATH, content=body)
    assert answer.status_code == 401
    assert set(answer.json()) == {"error", "error_description"}


def test_app_without_image_interfaces_has_no_scope(server: RunningServer) -> None:
    """R-021: the quick start prints its ability message."""
    keys = server.make_app("no-interfaces", "--operators", "")
    answer = server.client.post(PATH, data=_parameters(keys)).json()
    assert "access_token" in answer
    assert "brain_all_scope" not in answer["scope"]


def test_older_tokens_stay_valid(server: RunningServer) -> None:
    """R-025."""
    first = server.token()
    server.token()
    assert server.call("dehaze", token=first)["error_code"] == 216101
