import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.platform.conftest import TurnableClock
from xiutu.errors import AccountNotFound, AppDeleted, AppNotFound, InvalidParameter, NameTaken
from xiutu.platform.facade import Platform
from xiutu.platform.models import Credentials
from xiutu.platform.tables import apps

LETTERS = set(string.ascii_letters + string.digits)


def test_keys_look_like_the_vendors(platform: Platform) -> None:
    made = [platform.apps.create(f"app {number}") for number in range(20)]
    for keys in made:
        assert len(keys.api_key) == 24
        assert len(keys.secret_key) == 32
        assert LETTERS.issuperset(keys.api_key + keys.secret_key)
        assert keys.app.app_id.isdecimal()
        assert len(keys.app.app_id) == 9
    for values in zip(*((k.app.app_id, k.api_key, k.secret_key) for k in made), strict=True):
        assert len(set(values)) == len(made)


def test_read_back(platform: Platform, keys: Credentials) -> None:
    app_id = keys.app.app_id
    assert platform.apps.get(app_id) == keys.app
    assert platform.apps.keys(app_id) == keys
    assert platform.apps.credentials(keys.api_key) == keys
    assert platform.apps.find("mine") == platform.apps.find(app_id) == keys.app
    assert keys.app.operators == frozenset({"dehaze", "denoise"})
    assert platform.apps.create("every").app.operators is None
    assert platform.apps.create("none", operators=[]).app.operators == frozenset()


def test_an_account_has_a_name_once(
    platform: Platform, keys: Credentials, clock: TurnableClock
) -> None:
    clock.turn(seconds=1)
    with pytest.raises(NameTaken, match="mine"):
        platform.apps.create("mine")
    platform.accounts.create("acme")
    other = platform.apps.create("mine", account="acme")
    assert other.app.account.name == "acme"
    with pytest.raises(AppNotFound, match=r"several accounts \(default, acme\)"):
        platform.apps.find("mine")
    assert platform.apps.find("mine", "acme") == other.app
    with pytest.raises(AppNotFound):
        platform.apps.find(keys.app.app_id, "acme")


def test_an_app_id_wins_over_a_name(platform: Platform, keys: Credentials) -> None:
    platform.apps.create(keys.app.app_id)
    assert platform.apps.find(keys.app.app_id) == keys.app


def test_list(platform: Platform, keys: Credentials, clock: TurnableClock) -> None:
    platform.accounts.create("acme")
    clock.turn(seconds=1)
    other = platform.apps.create("other", account="acme")
    assert platform.apps.all() == (keys.app, other.app)
    assert platform.apps.all("acme") == (other.app,)
    platform.apps.delete(keys.app.app_id)
    assert platform.apps.all() == (other.app,)
    with pytest.raises(AccountNotFound):
        platform.apps.all("nobody")


def test_impossible_values(platform: Platform, keys: Credentials) -> None:
    with pytest.raises(InvalidParameter, match=r"unknown operator sharpen; there are colourize"):
        platform.apps.create("x", operators=["dehaze", "sharpen"])
    with pytest.raises(InvalidParameter):
        platform.apps.update(keys.app.app_id, operators=["sharpen"])
    with pytest.raises(InvalidParameter):
        platform.apps.create("x" * 65)
    for description in ("x" * 1001, "a\0b", "\ud800", "\x1b[31m"):
        with pytest.raises(InvalidParameter):
            platform.apps.create("x", description=description)
    for name in ("", "a\0b", "\ud800", "%", "mine "):
        with pytest.raises(AppNotFound):
            platform.apps.find(name)
        with pytest.raises(AppNotFound):
            platform.apps.get(name)
    with pytest.raises(AccountNotFound):
        platform.apps.create("x", account="nobody")
    assert [app.name for app in platform.apps.all()] == ["mine"]


def test_update_changes_what_is_given(
    platform: Platform, keys: Credentials, clock: TurnableClock
) -> None:
    app_id = keys.app.app_id
    clock.turn(hours=1)
    changed = platform.apps.update(app_id, operators=["segment"])
    assert changed.operators == frozenset({"segment"})
    assert (changed.name, changed.description) == ("mine", "")
    assert (changed.created_at, changed.updated_at) == (keys.app.created_at, clock.now)
    changed = platform.apps.update(app_id, name="yours", description="for\ntests", operators=None)
    assert (changed.name, changed.description, changed.operators) == ("yours", "for\ntests", None)
    assert platform.apps.get(app_id) == changed
    assert platform.apps.keys(app_id).secret_key == keys.secret_key


def test_rename_to_a_name_that_is_taken(platform: Platform, keys: Credentials) -> None:
    platform.apps.create("other")
    with pytest.raises(NameTaken, match="other"):
        platform.apps.update(keys.app.app_id, name="other")
    assert platform.apps.get(keys.app.app_id) == keys.app


def test_rotate_gives_a_new_secret_for_the_same_api_key(
    platform: Platform, keys: Credentials
) -> None:
    rotated = platform.apps.rotate(keys.app.app_id)
    assert rotated.api_key == keys.api_key
    assert rotated.secret_key != keys.secret_key
    assert rotated.app.key_generation == keys.app.key_generation + 1
    assert platform.apps.credentials(keys.api_key) == rotated


def test_rotations_at_once_all_count(platform: Platform, keys: Credentials) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: platform.apps.rotate(keys.app.app_id), range(8)))
    assert sorted(rotated.app.key_generation for rotated in made) == list(range(2, 10))
    final = platform.apps.keys(keys.app.app_id)
    assert final.secret_key == made[[m.app.key_generation for m in made].index(9)].secret_key


def test_a_disabled_app_is_refused_until_it_is_enabled(
    platform: Platform, keys: Credentials
) -> None:
    app_id = keys.app.app_id
    assert not platform.apps.update(app_id, enabled=False).active
    found = platform.apps.credentials(keys.api_key)
    assert found is not None
    with pytest.raises(AppDeleted):
        found.principal()
    assert platform.apps.update(app_id, enabled=True).active
    found = platform.apps.credentials(keys.api_key)
    assert found is not None
    assert found.principal().app_id == app_id


def test_a_deleted_app_is_gone_but_its_keys_are_known(
    platform: Platform, keys: Credentials
) -> None:
    app_id = keys.app.app_id
    platform.apps.delete(app_id)
    actions: list[Callable[[], object]] = [
        lambda: platform.apps.get(app_id),
        lambda: platform.apps.find("mine"),
        lambda: platform.apps.find(app_id),
        lambda: platform.apps.keys(app_id),
        lambda: platform.apps.update(app_id, name="again"),
        lambda: platform.apps.update(app_id, enabled=True),
        lambda: platform.apps.rotate(app_id),
        lambda: platform.apps.delete(app_id),
    ]
    for action in actions:
        with pytest.raises(AppNotFound):
            action()
    found = platform.apps.credentials(keys.api_key)
    assert found is not None
    assert found.app.deleted
    assert found.secret_key == keys.secret_key  # a signature can still be checked
    with pytest.raises(AppDeleted):
        found.principal()
    assert platform.apps.create("mine").app.app_id != app_id  # the name is free again


@pytest.mark.parametrize("api_key", ["", "x" * 24, "a\0b", "\ud800", "%", "中" * 24, "x" * 10_000])
def test_unknown_api_keys(platform: Platform, keys: Credentials, api_key: str) -> None:
    assert platform.apps.credentials(api_key) is None


def test_principal(platform: Platform, keys: Credentials) -> None:
    principal = keys.principal()
    assert principal.account_name == "default"
    assert principal.app_name == "mine"
    assert principal.allows("dehaze")
    assert not principal.allows("segment")
    everything = platform.apps.create("every").principal()
    assert everything.allows("an operator of a later version")
    assert not platform.apps.create("none", operators=[]).principal().allows("dehaze")


def test_secrets_are_stored_sealed_and_not_printed(platform: Platform, keys: Credentials) -> None:
    assert keys.secret_key not in repr(keys) + str(keys)
    with platform._database.reading() as connection:
        rows = connection.execute(select(apps)).all()
    assert keys.secret_key not in repr(rows)
    assert keys.api_key in repr(rows)


def test_changes_of_another_process_count_at_once(
    opened: Callable[[], Platform], platform: Platform, keys: Credentials
) -> None:
    other = opened()
    assert other.apps.keys(keys.app.app_id) == keys
    other.apps.update(keys.app.app_id, operators=["segment"])
    found = platform.apps.credentials(keys.api_key)
    assert found is not None
    assert found.principal().operators == frozenset({"segment"})
