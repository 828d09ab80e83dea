"""Verification and free quota: R-002 to R-006, R-143 to R-158; A-66, A-67."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.platform.billing.conftest import Caller
from tests.platform.conftest import TurnableClock
from xiutu.contract import operator_ids
from xiutu.errors import InvalidParameter, QuotaExhausted
from xiutu.platform.billing.deduction import Source
from xiutu.platform.facade import Platform
from xiutu.platform.models import AccountKind


@pytest.mark.parametrize(
    ("kind", "dehaze", "denoise", "segment"),
    [
        (AccountKind.PERSONAL, 1000, 50, 100),
        (AccountKind.ENTERPRISE, 3000, 100, 200),
        (AccountKind.UNVERIFIED, 0, 0, 0),
    ],
)
def test_by_kind(
    new_caller: Callable[..., Caller], kind: AccountKind, dehaze: int, denoise: int, segment: int
) -> None:
    """R-002 to R-004: each operator its own."""
    caller = new_caller(kind=kind)
    rows = caller.billing.grants.resources(caller.account)
    assert [row.operator for row in rows] == list(operator_ids())
    granted = {row.operator: row.granted for row in rows}
    assert (granted["dehaze"], granted["denoise"], granted["segment"]) == (dehaze, denoise, segment)
    assert granted["sky_seg"] is None
    if kind is AccountKind.UNVERIFIED:
        with pytest.raises(QuotaExhausted):
            caller.call()
    caller.verified()


def test_upgrade_grants_the_difference_once(caller: Caller) -> None:
    """A-66."""
    caller.calls(3)
    verify = caller.billing.grants.verify
    assert verify(caller.account, AccountKind.ENTERPRISE).kind is AccountKind.ENTERPRISE
    row = caller.resource()
    assert (row.granted, row.used, row.free_left) == (3000, 3, 2997)
    verify(caller.account, AccountKind.PERSONAL)
    verify(caller.account, AccountKind.ENTERPRISE)
    assert caller.resource().granted == 3000
    assert caller.resource("denoise").granted == 100
    caller.verified()


def test_verification_comes_later(new_caller: Callable[..., Caller], clock: TurnableClock) -> None:
    """R-003 to R-005: nothing before it, then the grant, after the server's delay."""
    caller = new_caller(kind=AccountKind.UNVERIFIED)
    caller.billing.rules = replace(caller.billing.rules, grant_delay=timedelta(minutes=10))
    clock.turn(days=1)
    caller.billing.grants.verify(caller.account, AccountKind.PERSONAL)
    clock.turn(seconds=599)
    assert caller.resource().granted == 1000
    assert caller.resource().free_left == 0
    with pytest.raises(QuotaExhausted):
        caller.call()
    clock.turn(seconds=1)
    assert caller.call() is Source.FREE
    # The difference of an upgrade need not be waited for: the account has its quota already.
    caller.billing.grants.verify(caller.account, AccountKind.ENTERPRISE)
    assert caller.resource().free_left == 2999
    caller.verified()


def test_withdrawn_and_restored(caller: Caller) -> None:
    """R-006."""
    caller.call()
    grants = caller.billing.grants
    grants.withdraw(caller.account, "dehaze")
    assert (caller.resource().free_left, caller.resource().withdrawn) == (0, True)
    with pytest.raises(QuotaExhausted):
        caller.call()
    caller.call("denoise")
    grants.restore(caller.account)
    assert caller.resource().free_left == 999
    grants.withdraw(caller.account)
    assert all(not row.free_left for row in grants.resources(caller.account))
    caller.verified()


def test_an_administrator_gives_and_takes(caller: Caller) -> None:
    """R-157: more for segment."""
    grants = caller.billing.grants
    grants.give(caller.account, "segment", 400, actor="root", note="ticket 8")
    assert caller.resource("segment").granted == 500
    caller.calls(2)
    grants.give(caller.account, "dehaze", -998)
    with pytest.raises(InvalidParameter, match="2 calls"):
        grants.give(caller.account, "dehaze", -1)
    with pytest.raises(InvalidParameter):
        grants.give(caller.account, "dehaze", 0)
    # A later upgrade grants the documented difference, whatever was given by hand.
    grants.verify(caller.account, AccountKind.ENTERPRISE)
    assert caller.resource("segment").granted == 600
    assert caller.resource().free_left == 2000
    caller.verified()


def test_odd_requests(caller: Caller) -> None:
    grants = caller.billing.grants
    for ask in (
        lambda: grants.give(caller.account, "nothing", 5),
        lambda: grants.set_cap(caller.account, "nothing", 5),
        lambda: grants.set_cap(caller.account, "dehaze", -1),
        lambda: grants.withdraw(caller.account, "nothing"),
        lambda: grants.invite(caller.account, "dehaze", True),
        lambda: grants.invite(caller.account, "nothing", True),
    ):
        with pytest.raises(InvalidParameter):
            ask()


def test_the_price_file_decides_about_quota(
    new_caller: Callable[..., Caller], clock: TurnableClock
) -> None:
    caller = new_caller()
    book = caller.billing.rules.book
    prices = {**book.prices, "dehaze": replace(book.of("dehaze"), free={"personal": 1})}
    caller.billing.rules = replace(caller.billing.rules, book=replace(book, prices=prices))
    caller.call()
    with pytest.raises(QuotaExhausted):
        caller.call()


def test_an_account_of_the_previous_release(
    platform: Platform, new_caller: Callable[..., Caller], clock: TurnableClock
) -> None:
    """Its meters are made when it first calls."""
    caller = new_caller()
    with platform._database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM meters")).scalar() == 0
    caller.call()
    caller.billing.grants.resources(caller.account)
    caller.verified()
