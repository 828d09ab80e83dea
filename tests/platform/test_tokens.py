import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.platform.conftest import TurnableClock
from xiutu.contract import operator_ids
from xiutu.errors import (
    AppDeleted,
    NoCredentials,
    PlatformError,
    TokenExpired,
    TokenInvalid,
)
from xiutu.platform.facade import Platform
from xiutu.platform.models import Credentials
from xiutu.platform.tokens import TokenRefused

SAMPLE = "24.f9ba9c5241b67688bb4adbed8bc91dec.2592000.1485570332.282335-8574074"


def token_of(platform: Platform, keys: Credentials) -> str:
    return platform.tokens.issue(keys.api_key, keys.secret_key).access_token


def test_a_grant_is_what_the_sdks_need(
    platform: Platform, keys: Credentials, clock: TurnableClock
) -> None:
    grant = platform.tokens.issue(keys.api_key, keys.secret_key)
    shape = r"24\.[0-9a-f]{32}\.2592000\.(\d+)\.(\d+)-(\d+)"
    expiry, account, app_id = re.fullmatch(shape, grant.access_token).groups()  # type: ignore[union-attr]
    assert int(expiry) == int(clock.now.timestamp()) + 2_592_000
    assert (int(account), app_id) == (keys.app.account.id, keys.app.app_id)
    assert grant.expires_in == 2_592_000
    assert "brain_all_scope" in grant.scope.split(" ")
    for text in (grant.refresh_token, grant.session_key, grant.session_secret):
        assert text
        assert grant.access_token not in text
        assert text not in repr(grant)
        with pytest.raises(PlatformError):
            platform.tokens.verify(text)


def test_verify_says_who_calls(platform: Platform, keys: Credentials) -> None:
    assert platform.tokens.verify(token_of(platform, keys)) == keys.principal()


@pytest.mark.parametrize("operators", [None, operator_ids(), ("segment",)])
def test_scope_with_image_operators(platform: Platform, operators: tuple[str, ...] | None) -> None:
    keys = platform.apps.create("x", operators=operators)
    assert "brain_all_scope" in platform.tokens.issue(keys.api_key, keys.secret_key).scope.split()


def test_scope_without_any_operator(platform: Platform) -> None:
    keys = platform.apps.create("x", operators=[])
    scope = platform.tokens.issue(keys.api_key, keys.secret_key).scope
    # The Java SDK takes any of these three as a sign that tokens can be used.
    sought = {"brain_all_scope", "audio_voice_assistant_get", "audio_tts_post"}
    assert sought.isdisjoint(scope.split())


def test_wrong_keys_are_refused(platform: Platform, keys: Credentials) -> None:
    other = platform.apps.create("other")
    for api_key in ("", "x" * 24, keys.api_key.lower() + "x", other.app.app_id, "中", "\ud800"):
        with pytest.raises(TokenRefused, match=r"^unknown client id$") as caught:
            platform.tokens.issue(api_key, keys.secret_key)
        assert caught.value.error == "invalid_client"
    for secret in ("", "x", other.secret_key, keys.secret_key + " ", "中", "\ud800"):
        with pytest.raises(TokenRefused, match=r"^Client authentication failed$") as caught:
            platform.tokens.issue(keys.api_key, secret)
        assert caught.value.error == "invalid_client"
        assert keys.secret_key not in repr(caught.value)


def test_a_dead_app_gets_no_token(platform: Platform, keys: Credentials) -> None:
    platform.apps.update(keys.app.app_id, enabled=False)
    with pytest.raises(TokenRefused, match="unknown client id"):
        token_of(platform, keys)
    platform.apps.update(keys.app.app_id, enabled=True)
    token_of(platform, keys)
    platform.apps.delete(keys.app.app_id)
    with pytest.raises(TokenRefused, match="unknown client id"):
        token_of(platform, keys)


def test_lifetime_to_the_second(
    platform: Platform, keys: Credentials, clock: TurnableClock
) -> None:
    """R-024."""
    clock.now = clock.now.replace(microsecond=0)
    token = token_of(platform, keys)
    clock.turn(seconds=2_592_000 - 1)
    platform.tokens.verify(token)
    clock.turn(seconds=1)
    with pytest.raises(TokenExpired):
        platform.tokens.verify(token)


def test_older_tokens_stay_valid(
    platform: Platform, keys: Credentials, clock: TurnableClock
) -> None:
    first = token_of(platform, keys)
    clock.turn(days=1)
    second = token_of(platform, keys)
    assert first != second
    assert platform.tokens.verify(first) == platform.tokens.verify(second)


def test_rotation_revokes(platform: Platform, keys: Credentials, clock: TurnableClock) -> None:
    token = token_of(platform, keys)
    rotated = platform.apps.rotate(keys.app.app_id)
    with pytest.raises(TokenInvalid):
        platform.tokens.verify(token)
    with pytest.raises(TokenRefused, match="Client authentication failed"):
        platform.tokens.issue(keys.api_key, keys.secret_key)
    platform.tokens.verify(token_of(platform, rotated))
    clock.turn(days=31)
    with pytest.raises(TokenInvalid):  # revoked, whatever its age: the SDKs refetch on 110 only
        platform.tokens.verify(token)


def test_a_genuine_token_of_a_dead_app(
    platform: Platform, keys: Credentials, clock: TurnableClock
) -> None:
    token = token_of(platform, keys)
    platform.apps.update(keys.app.app_id, enabled=False)
    with pytest.raises(AppDeleted):
        platform.tokens.verify(token)
    platform.apps.update(keys.app.app_id, enabled=True)
    platform.tokens.verify(token)
    platform.apps.delete(keys.app.app_id)
    with pytest.raises(AppDeleted):
        platform.tokens.verify(token)
    forged = token.replace(token[3:35], "0" * 32)
    with pytest.raises(TokenInvalid):
        platform.tokens.verify(forged)
    clock.turn(days=30)
    with pytest.raises(TokenExpired):
        platform.tokens.verify(token)


@pytest.mark.parametrize(
    "token",
    [
        "",
        " ",
        "null",
        "24",
        "24....",
        SAMPLE + " ",
        SAMPLE + "\n",
        SAMPLE[:-8],
        SAMPLE.upper(),
        SAMPLE.replace("-", "\N{EN DASH}"),
        SAMPLE.replace("8574074", "٨٥٧٤٠٧٤"),
        SAMPLE.replace(".", ".."),
        SAMPLE + "9" * 5000,
        "x" * 100_000,
        "\0",
        "\ud800",
    ],
)
def test_what_is_no_token(platform: Platform, token: str) -> None:
    with pytest.raises(NoCredentials):
        platform.tokens.verify(token)


def test_a_token_of_another_server(platform: Platform) -> None:
    with pytest.raises(TokenInvalid):
        platform.tokens.verify(SAMPLE)


def test_no_part_of_a_token_can_be_varied(platform: Platform, keys: Credentials) -> None:
    other = platform.apps.create("other")
    token = token_of(platform, keys)
    head, proof, life, expiry, owner = token.split(".")
    account, app_id = owner.split("-")
    varied = [
        (head, proof, life, str(int(expiry) + 1), owner),
        (head, proof, life, "0" + expiry, owner),
        (head, proof, "2592001", expiry, owner),
        (head, proof, "02592000", expiry, owner),
        ("25", proof, life, expiry, owner),
        ("024", proof, life, expiry, owner),
        (head, proof, life, expiry, f"{account}-{other.app.app_id}"),
        (head, proof, life, expiry, f"{int(account) + 1}-{app_id}"),
        (head, proof, life, expiry, f"0{account}-{app_id}"),
        (head, proof, life, expiry, f"{account}-0{app_id}"),
        (head, proof[:-1] + ("0" if proof[-1] != "0" else "1"), life, expiry, owner),
    ]
    for parts in varied:
        with pytest.raises(TokenInvalid):
            platform.tokens.verify(".".join(parts))
    platform.tokens.verify(token)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_changed_token_is_accepted(
    platform: Platform, data: st.DataObject, shared: dict[str, str]
) -> None:
    if not shared:
        shared["token"] = token_of(platform, platform.apps.create("one"))
    token = shared["token"]
    place = data.draw(st.integers(0, len(token) - 1))
    alphabet = st.one_of(st.sampled_from("0123456789abcdef.-"), st.characters())
    changed = token[:place] + data.draw(st.one_of(st.just(""), alphabet)) + token[place + 1 :]
    if changed != token:
        with pytest.raises((TokenInvalid, NoCredentials)):
            platform.tokens.verify(changed)


@pytest.fixture
def shared() -> dict[str, str]:
    return {}


def test_any_node_checks_any_token(
    opened: Callable[[], Platform], platform: Platform, keys: Credentials
) -> None:
    token = token_of(platform, keys)
    other = opened()
    assert other.tokens.verify(token) == keys.principal()
    other.apps.rotate(keys.app.app_id)
    with pytest.raises(TokenInvalid):
        platform.tokens.verify(token)


def test_only_harmless_characters(platform: Platform, keys: Credentials) -> None:
    grant = platform.tokens.issue(keys.api_key, keys.secret_key)
    for text in (grant.access_token, grant.refresh_token, grant.session_key, grant.session_secret):
        assert re.fullmatch(r"[A-Za-z0-9._-]+", text)
