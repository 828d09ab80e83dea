"""Reserve, settle, release: R-159 to R-168; D12, D13."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from tests.platform.billing.conftest import Caller
from tests.platform.conftest import TurnableClock
from xiutu.errors import PermissionDenied, QpsExceeded, QuotaExhausted, TotalLimitReached
from xiutu.platform.billing.deduction import Source, Switch
from xiutu.platform.billing.models import Unit
from xiutu.platform.facade import Platform
from xiutu.platform.models import AccountKind, Plan, UsageEntry
from xiutu.storage.counters import LocalCounter


def test_free_quota_counts_every_answer(caller: Caller) -> None:
    """R-160, R-161."""
    assert caller.calls(2) == [Source.FREE] * 2
    assert caller.call(code=216201) is Source.FREE
    assert (caller.resource().used, caller.resource().free_left) == (3, 997)
    caller.verified()


def test_a_released_call_takes_nothing(caller: Caller) -> None:
    """Overload and hung-up callers: design rule 5."""
    ticket = caller.admit()
    assert caller.resource().used == 1
    released = caller.billing.admission.release(ticket)
    assert released is not None
    released.result(10)
    assert caller.resource().used == 0
    again = caller.billing.admission.release(ticket)
    assert again is not None
    again.result(10)
    assert caller.resource().used == 0
    caller.verified()


def test_no_worker_is_written_down_and_costs_nothing(caller: Caller) -> None:
    ticket = caller.admit()
    entry = UsageEntry(
        ticket.log_id, ticket.account_id, caller.principal.app_id, "dehaze", caller.clock(), 2
    )
    charge = caller.platform.ledger.record(entry, ticket, free_of_charge=True).result(10)
    assert charge is not None and charge.source is Source.NONE
    assert caller.resource().used == 0
    assert caller.platform.ledger.recent() == (entry,)
    caller.verified()


def test_d12_fifty_free_then_a_pack_then_pay_as_you_go(new_caller: Callable[..., Caller]) -> None:
    """R-162 to R-168: 0 + 800 + 100 x 0.1 = 810."""
    caller = new_caller(operator="remove_moire")
    assert caller.calls(30) == [Source.FREE] * 30
    assert caller.calls(20, code=216201) == [Source.FREE] * 20
    with pytest.raises(QuotaExhausted):
        caller.admit()
    caller.billing.wallets.topup(caller.account, "1000")
    pack = caller.billing.shop.buy_pack(caller.account, "remove_moire", 10_000)
    # The middle of the pack is not called one by one: its books are moved forward as a whole.
    use_up(caller, pack.id, 9_998)
    assert caller.call(code=216201) is Source.NONE
    assert caller.calls(2) == [Source.PACK] * 2
    assert caller.calls(100) == [Source.PAYG] * 100
    assert caller.call(code=282000) is Source.NONE
    caller.clock.turn(hours=1)
    caller.billing.bills.settle()
    assert caller.cash() == 1000 - Decimal(810)


def use_up(caller: Caller, pack_id: int, calls: int) -> None:
    from xiutu.platform.billing.quota_repository import QuotaRepository

    with caller.platform._database.transaction() as connection:
        repository = QuotaRepository(connection)
        pack = repository.pack(pack_id)
        assert pack is not None
        repository.set_pack(pack_id, left=pack.left - calls)


def test_d13_call_3001(new_caller: Callable[..., Caller]) -> None:
    """R-163: an enterprise account's 3,000, here given down to 3."""
    caller = new_caller(kind=AccountKind.ENTERPRISE)
    caller.billing.grants.give(caller.account, "dehaze", -2997)
    caller.calls(3, code=282102)
    with pytest.raises(QuotaExhausted):
        caller.admit()
    caller.billing.shop.set_payg(caller.account, "dehaze", Switch.ON)
    assert caller.call() is Source.PAYG
    caller.verified()


def test_quota_is_of_account_and_operator(caller: Caller) -> None:
    """R-159: shared by the account's apps, apart for operators."""
    second = caller.platform.apps.create("second", account=caller.account)
    caller.call()
    replace(caller, principal=second.principal()).call()
    assert caller.resource("dehaze").used == 2
    assert caller.resource("colourize").used == 0


def test_unlimited_has_no_limits_but_usage(new_caller: Callable[..., Caller]) -> None:
    caller = new_caller(plan=Plan.UNLIMITED, operator="remove_moire")
    caller.billing.counter = LocalCounter(lambda: 0)
    assert caller.calls(60) == [None] * 60
    assert sum(c.succeeded for c in caller.platform.ledger.counts(account="acme")) == 60
    assert caller.resource().used == 0
    caller.clock.turn(hours=2)
    assert caller.billing.bills.settle() == ()
    caller.verified()


def test_a_changed_plan_counts_from_the_next_call(new_caller: Callable[..., Caller]) -> None:
    caller = new_caller(plan=Plan.UNLIMITED)
    caller.call()
    caller.platform.accounts.change_plan("acme", Plan.METERED)
    app = caller.platform.apps.all("acme")[0]
    metered = replace(caller, principal=replace(caller.principal, plan=app.account.plan))
    assert metered.call() is Source.FREE
    assert metered.resource().used == 1
    metered.verified()


def test_permission_comes_first(new_caller: Callable[..., Caller]) -> None:
    """R-012: 6, and nothing is taken."""
    caller = new_caller()
    principal = replace(caller.principal, operators=frozenset({"denoise"}))
    with pytest.raises(PermissionDenied):
        replace(caller, principal=principal).admit()
    assert caller.resource().used == 0


@pytest.mark.parametrize("plan", list(Plan))
def test_segment_by_invitation(new_caller: Callable[..., Caller], plan: Plan) -> None:
    """R-015, A-69: open by default; an administrator can close and open it for an account."""
    caller = new_caller(plan=plan, operator="segment")
    caller.call()
    caller.billing.grants.invite(caller.account, "segment", False)
    with pytest.raises(PermissionDenied):
        caller.admit()
    caller.billing.grants.invite(caller.account, "segment", True)
    caller.call()
    caller.billing.rules = replace(caller.billing.rules, invited=False)
    caller.call()
    caller.billing.grants.invite(caller.account, "segment", None)
    with pytest.raises(PermissionDenied):
        caller.admit()


def test_rate_18_before_quota_17(caller: Caller) -> None:
    """R-161, R-178, R-180: a refused call takes neither quota nor its place in the second."""
    caller.billing.counter = LocalCounter(lambda: 0)
    second = caller.platform.apps.create("second", account=caller.account)
    other_app = replace(caller, principal=second.principal())
    caller.admit()
    other_app.admit()
    with pytest.raises(QpsExceeded):
        caller.admit()
    caller.admit("colourize")
    assert caller.resource().used == 2
    caller.billing.grants.withdraw(caller.account)
    for _ in range(4):  # each gives its place back, so 18 never comes
        with pytest.raises(QuotaExhausted):
            caller.admit("denoise")


def test_qps_of_paid_accounts(caller: Caller) -> None:
    """R-179, R-183, V3: ten, and more with an add-on."""
    caller.billing.counter = LocalCounter(lambda: 0)
    caller.billing.shop.set_payg(caller.account, "dehaze", Switch.ON)
    assert passed(caller) == 10
    caller.billing.wallets.topup(caller.account, 10_000)
    caller.billing.shop.buy_addon(caller.account, "dehaze", 5, unit=Unit.MONTH)
    caller.billing.counter = LocalCounter(lambda: 0)
    assert passed(caller) == 15
    caller.billing.counter = LocalCounter(lambda: 0)
    caller.clock.turn(days=32)
    assert passed(caller) == 10


def passed(caller: Caller) -> int:
    count = 0
    with pytest.raises(QpsExceeded):
        while count < 50:
            caller.admit()
            count += 1
    return count


def test_another_process_changes_the_rate(opened: Callable[[], Platform], caller: Caller) -> None:
    """More room is seen at once, since nobody is refused from memory; less within a second."""
    console = opened().billing
    caller.billing.counter = LocalCounter(lambda: 0)
    assert passed(caller) == 2
    console.shop.set_payg(caller.account, "dehaze", Switch.ON)
    assert passed(caller) == 8
    console.shop.set_payg(caller.account, "dehaze", Switch.OFF)
    caller.billing.counter = LocalCounter(lambda: 0)
    caller.clock.turn(seconds=1)
    assert passed(caller) == 2


def test_another_process_takes_the_invitation_back(
    opened: Callable[[], Platform], new_caller: Callable[..., Caller]
) -> None:
    caller = new_caller(operator="segment")
    caller.call()
    opened().billing.grants.invite(caller.account, "segment", False)
    caller.clock.turn(seconds=1)
    with pytest.raises(PermissionDenied):
        caller.admit()


def test_total_limit(caller: Caller) -> None:
    """19 for a lifetime limit of an administrator (A-41), which released calls do not use up."""
    caller.billing.grants.set_cap(caller.account, "sky_seg", 2)
    released = caller.billing.admission.release(caller.admit("sky_seg"))
    assert released is not None
    released.result(10)
    assert caller.calls(2, "sky_seg") == [Source.OPEN] * 2
    with pytest.raises(TotalLimitReached):
        caller.admit("sky_seg")
    caller.billing.grants.set_cap(caller.account, "sky_seg", None)
    caller.call("sky_seg")
    caller.verified()


def test_100_at_once_on_a_quota_of_50(new_caller: Callable[..., Caller]) -> None:
    caller = new_caller(operator="denoise")  # 50 free calls
    ready = threading.Barrier(100)

    def one(_: int) -> bool:
        ready.wait()
        try:
            caller.call()
        except QuotaExhausted:
            return False
        return True

    with ThreadPoolExecutor(100) as pool:
        done = list(pool.map(one, range(100)))
    assert sum(done) == 50
    assert caller.resource().used == 50
    caller.verified()


def test_several_processes_share_a_quota(
    opened: Callable[[], Platform], new_caller: Callable[..., Caller]
) -> None:
    """Four platforms on one database, as four servers: exactly the quota passes."""
    caller = new_caller(operator="denoise")
    callers = [caller]
    for _ in range(3):
        other = opened()
        other.billing.counter = caller.billing.counter
        callers.append(replace(caller, platform=other))

    def one(number: int) -> bool:
        try:
            callers[number % 4].call()
        except QuotaExhausted:
            return False
        return True

    with ThreadPoolExecutor(24) as pool:
        assert sum(pool.map(one, range(80))) == 50
    caller.verified()


def test_calls_of_a_killed_server_come_back(caller: Caller, clock: TurnableClock) -> None:
    """Reservations expire: by the keeper, or at once when somebody needs what they hold."""
    caller.billing.grants.give(caller.account, "dehaze", -998)
    lost = [caller.admit(), caller.admit()]
    with pytest.raises(QuotaExhausted):
        caller.admit()
    clock.turn(seconds=179)
    assert caller.billing.keeper.give_back_expired() == 0
    clock.turn(seconds=1)
    assert caller.call() is Source.FREE
    assert caller.resource().used == 1
    # One of them was not dead, only slow: it takes its call again and is charged once.
    assert caller.finish(lost[0]) is Source.FREE
    assert caller.resource().used == 2
    # For the other nothing is left: its caller gets the answer for nothing.
    assert caller.finish(lost[1]) is Source.NONE
    assert caller.resource().used == 2
    caller.verified()


def test_the_keeper_gives_back(caller: Caller, clock: TurnableClock) -> None:
    caller.billing.wallets.topup(caller.account, 1000)
    caller.billing.grants.withdraw(caller.account)
    pack = caller.billing.shop.buy_pack(caller.account, "dehaze", 10_000)
    caller.admit()
    caller.admit()
    assert caller.billing.shop.packs(caller.account)[0].left == 9_998
    clock.turn(seconds=180)
    assert caller.billing.keeper.give_back_expired() == 2
    assert caller.billing.shop.packs(caller.account) == (pack,)
    caller.verified()


def test_no_call_is_charged_twice(caller: Caller) -> None:
    ticket = caller.admit()
    caller.finish(ticket)
    with pytest.raises(IntegrityError):
        caller.finish(ticket)
    assert caller.resource().used == 1
    caller.verified()
