"""Single calls go after a while; bills, balances and their proof stay."""

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError

from tests.platform.billing.conftest import Caller
from tests.platform.conftest import TurnableClock
from xiutu.platform.billing.deduction import Switch
from xiutu.platform.models import UsageEntry


def test_whole_billed_hours_go(caller: Caller, clock: TurnableClock) -> None:
    """What is younger, and what is not billed yet, stays however old it is."""
    retention, billing = caller.billing.retention, caller.billing
    billing.wallets.topup(caller.account, 100)
    billing.grants.withdraw(caller.account, "dehaze")
    billing.shop.set_payg(caller.account, "dehaze", Switch.ON)
    caller.calls(3)
    caller.calls(2, "denoise")  # free quota
    clock.turn(hours=5)
    caller.calls(4)
    clock.turn(days=40)
    assert retention.prune() == 0  # no setting
    assert retention.prune(30) == 0  # not billed
    billing.keeper.round()
    caller.calls(1)
    before = billing.bills.statements(caller.account)
    spent = caller.cash()
    assert retention.prune(30) == 9
    assert retention.prune(30) == 0
    assert len(caller.platform.ledger.recent()) == 1
    assert billing.bills.statements(caller.account) == before
    assert caller.cash() == spent
    caller.verified()
    clock.turn(hours=1)
    billing.keeper.round()
    caller.verified()
    assert caller.resource("denoise").used == 2
    (line,) = billing.bills.statements(caller.account)[-1].lines
    assert (line.calls, line.first_call) == (1, 1)  # another month


def test_calls_without_a_meter_go(caller: Caller, clock: TurnableClock) -> None:
    platform = caller.platform
    app = platform.apps.create("free").app
    for log_id in range(3):
        entry = UsageEntry(log_id, app.account.id, app.app_id, "dehaze", clock())
        platform.ledger.record(entry).result(10)
        clock.turn(days=10)
    assert platform.billing.retention.prune(15) == 2
    assert len(platform.ledger.recent()) == 1


def test_the_ledger_is_append_only_again(caller: Caller, clock: TurnableClock) -> None:
    caller.call()
    clock.turn(days=3)
    caller.billing.keeper.round()
    caller.call()
    assert caller.billing.retention.prune(1) == 1
    database = caller.platform._database
    for statement in ("DELETE FROM usage", "UPDATE usage SET code = 1"):
        with (
            pytest.raises((DatabaseError, IntegrityError), match="append-only"),
            database.transaction() as connection,
        ):
            connection.exec_driver_sql(statement)


def test_the_keeper_does_it(caller: Caller, clock: TurnableClock) -> None:
    caller.billing.retention._days = 2
    caller.call()
    clock.turn(days=1)
    caller.billing.keeper.round()
    assert len(caller.platform.ledger.recent()) == 1
    clock.turn(days=2)
    caller.billing.keeper.round()
    assert caller.platform.ledger.recent() == ()
    caller.verified()
