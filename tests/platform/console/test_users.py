"""Users and sessions of the console on both databases."""

import pytest

from tests.platform.conftest import TurnableClock
from xiutu.errors import AccountNotFound, InvalidParameter, NameTaken, UserNotFound
from xiutu.platform.console import passwords
from xiutu.platform.console.attempts import PER_ADDRESS, PER_NAME, WINDOW_S, Attempts
from xiutu.platform.facade import Platform

GOOD = "correct horse battery"


def test_the_first_start_makes_one_administrator(platform: Platform) -> None:
    password = platform.users.ensure_admin()
    assert password and len(password) == 16
    assert platform.users.ensure_admin() is None
    user = platform.users.verify("admin", password)
    assert user is not None and user.admin and user.account is None
    assert platform.users.verify("admin", password + "x") is None
    assert platform.users.verify("nobody", password) is None
    assert platform.users.verify("\0", password) is None


def test_the_setting_is_the_way_back_in(platform: Platform) -> None:
    platform.users.ensure_admin()
    assert platform.users.ensure_admin(GOOD) is None
    user = platform.users.verify("admin", GOOD)
    assert user is not None
    platform.users.enable(user.id, False)
    assert platform.users.verify("admin", GOOD) is None
    platform.users.ensure_admin(GOOD)
    assert platform.users.verify("admin", GOOD) == platform.users.get(user.id)
    with pytest.raises(InvalidParameter):
        platform.users.ensure_admin("short")


def test_owners_belong_to_an_account(platform: Platform) -> None:
    platform.accounts.create("acme")
    owner = platform.users.create("olga", GOOD, account="acme")
    assert (owner.admin, owner.account) == (False, "acme")
    assert platform.users.all("acme") == (owner,)
    with pytest.raises(NameTaken):
        platform.users.create("olga", GOOD)
    with pytest.raises(AccountNotFound):
        platform.users.create("paul", GOOD, account="nobody")
    with pytest.raises(InvalidParameter):
        platform.users.create("paul", "123456789")
    with pytest.raises(UserNotFound):
        platform.users.get(999)


def test_passwords_are_argon2id_and_salted() -> None:
    first, second = passwords.hashed(GOOD), passwords.hashed(GOOD)
    assert first != second and first.startswith("$argon2id$")
    assert passwords.check(first, GOOD) and not passwords.check(first, GOOD.upper())
    assert not passwords.check(None, GOOD)
    assert not passwords.check("no hash", GOOD)
    assert not passwords.check(first, "x" * 10_000)


def test_sessions_end(platform: Platform, clock: TurnableClock) -> None:
    platform.accounts.create("acme")
    user = platform.users.create("olga", GOOD, account="acme")
    one, two = platform.sessions.begin(user), platform.sessions.begin(user)
    found = platform.sessions.find(one.secret)
    assert found == one.session and found.account == "acme"
    assert one.session.form_token != two.session.form_token
    platform.sessions.end(one.session)
    assert platform.sessions.find(one.secret) is None
    clock.turn(hours=11)
    assert platform.sessions.find(two.secret) is not None
    clock.turn(hours=11)
    assert platform.sessions.find(two.secret) is not None
    clock.turn(hours=13)
    assert platform.sessions.find(two.secret) is None
    three = platform.sessions.begin(user)
    for _ in range(15):
        clock.turn(hours=11)
        platform.sessions.find(three.secret)
    clock.turn(hours=4)
    assert platform.sessions.find(three.secret) is None, "older than seven days"


def test_a_new_password_signs_the_others_out(platform: Platform) -> None:
    platform.accounts.create("acme")
    user = platform.users.create("olga", GOOD, account="acme")
    mine, other = platform.sessions.begin(user), platform.sessions.begin(user)
    platform.users.set_password(user.id, "another password", keep=mine.session.id)
    assert platform.sessions.find(mine.secret) and platform.sessions.find(other.secret) is None
    platform.users.enable(user.id, False)
    assert platform.sessions.find(mine.secret) is None


def test_an_administrator_looks_at_any_account(platform: Platform) -> None:
    password = platform.users.ensure_admin()
    assert password
    user = platform.users.verify("admin", password)
    assert user is not None
    signed_in = platform.sessions.begin(user)
    assert signed_in.session.account == "default"
    platform.accounts.create("acme")
    platform.sessions.look_at(signed_in.session, "acme")
    found = platform.sessions.find(signed_in.secret)
    assert found is not None and found.account == "acme"


def test_guessing_is_made_slow() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(PER_ADDRESS):
        assert attempts.wait_s("olga", "10.0.0.1") == 0
        attempts.failed("olga", "10.0.0.1")
        now[0] += 1
    assert attempts.wait_s("olga", "10.0.0.1") == WINDOW_S - PER_ADDRESS
    assert attempts.wait_s("paul", "10.0.0.1") > 0
    assert attempts.wait_s("olga", "10.0.0.2") == 0
    for number in range(PER_NAME):
        attempts.failed("olga", f"10.1.0.{number}")
    assert attempts.wait_s("olga", "10.0.0.9") > 0
    now[0] += WINDOW_S + 1
    assert attempts.wait_s("olga", "10.0.0.9") == 0
