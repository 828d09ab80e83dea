"""Balance, vouchers, the money ledger: R-007."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from tests.platform.billing.conftest import Caller
from tests.platform.conftest import TurnableClock
from xiutu.errors import AccountNotFound, InsufficientBalance, InvalidParameter
from xiutu.platform.billing.deduction import Switch
from xiutu.platform.billing.models import Kind
from xiutu.platform.billing.tables import bill_lines, bills, grants, money_ledger
from xiutu.storage import StorageUnavailable


def test_topup_and_withdrawal(caller: Caller) -> None:
    wallets = caller.billing.wallets
    assert wallets.topup(caller.account, "100.05", actor="anna", note="invoice 7").cash == Decimal(
        "100.05"
    )
    assert wallets.withdraw(caller.account, Decimal("100.000001")).cash == Decimal("0.049999")
    with pytest.raises(InsufficientBalance):
        wallets.withdraw(caller.account, "0.05")
    first = wallets.movements(caller.account)[-1]
    assert (first.kind, first.actor, first.note) == (Kind.TOPUP, "anna", "invoice 7")
    assert wallets.balance(caller.account).currency == "CNY"
    caller.verified()


@pytest.mark.parametrize(
    "amount", ["0", "-1", "0.0000001", "1e13", "nan", "inf", "", "ten", "１.5x"]
)
def test_odd_amounts(caller: Caller, amount: str) -> None:
    with pytest.raises(InvalidParameter):
        caller.billing.wallets.topup(caller.account, amount)
    with pytest.raises(InvalidParameter):
        caller.billing.wallets.withdraw(caller.account, amount)
    assert caller.billing.wallets.movements(caller.account) == ()


def test_a_payment_counts_once(caller: Caller) -> None:
    """A client that repeats its request after a time-out does not pay in twice."""
    wallets = caller.billing.wallets
    for _ in range(2):
        assert wallets.topup(caller.account, 10, reference="tx 1").cash == 10
    with pytest.raises(InvalidParameter, match="another payment"):
        wallets.topup(caller.account, 11, reference="tx 1")
    assert wallets.topup(caller.account, 10, reference="tx 2").cash == 20
    with pytest.raises(InvalidParameter):
        wallets.topup(caller.account, 10, reference="")
    caller.verified()


def test_vouchers_are_balance_but_no_cash(caller: Caller, clock: TurnableClock) -> None:
    """R-007."""
    wallets = caller.billing.wallets
    wallets.topup(caller.account, 5)
    end = clock() + timedelta(days=10)
    voucher = wallets.issue_voucher(caller.account, 60, expires_at=end, note="welcome")
    assert voucher.left == 60
    balance = wallets.balance(caller.account)
    assert (balance.cash, balance.vouchers, balance.available) == (5, 60, 65)
    with pytest.raises(InsufficientBalance):
        wallets.withdraw(caller.account, 6)
    caller.billing.shop.buy_pack(caller.account, "dehaze", 10_000)
    assert wallets.balance(caller.account).available == 0
    with pytest.raises(InvalidParameter):
        wallets.issue_voucher(caller.account, 1, expires_at=clock())
    caller.verified()


def test_the_voucher_that_lapses_first_is_spent_first(caller: Caller, clock: TurnableClock) -> None:
    wallets = caller.billing.wallets
    forever = wallets.issue_voucher(caller.account, 50)
    later = wallets.issue_voucher(caller.account, 50, expires_at=clock() + timedelta(days=9))
    soon = wallets.issue_voucher(caller.account, 50, expires_at=clock() + timedelta(days=3))
    caller.billing.shop.buy_pack(caller.account, "dehaze", 10_000)
    left = {v.id: v.left for v in wallets.vouchers(caller.account)}
    assert left == {soon.id: 0, later.id: 35, forever.id: 50}


def test_a_lapsed_voucher_is_gone(caller: Caller, clock: TurnableClock) -> None:
    wallets = caller.billing.wallets
    wallets.issue_voucher(caller.account, 60, expires_at=clock() + timedelta(days=1))
    clock.turn(days=1)
    assert wallets.balance(caller.account).available == 0
    assert wallets.lapse_vouchers() == 1
    assert wallets.lapse_vouchers() == 0
    assert wallets.vouchers(caller.account)[0].left == 0
    assert wallets.movements(caller.account)[0].kind is Kind.VOUCHER_LAPSED
    caller.verified()


def test_what_is_spent_cannot_be_withdrawn(caller: Caller) -> None:
    wallets = caller.billing.wallets
    wallets.topup(caller.account, "0.01")
    caller.billing.grants.withdraw(caller.account)
    caller.billing.shop.set_payg(caller.account, "dehaze", Switch.ON)
    caller.call()
    assert wallets.balance(caller.account).unbilled == Decimal("0.007")
    with pytest.raises(InsufficientBalance):
        wallets.withdraw(caller.account, "0.004")
    wallets.withdraw(caller.account, "0.003")


def test_the_ledger_in_pages(caller: Caller, clock: TurnableClock) -> None:
    wallets = caller.billing.wallets
    begin = clock()
    for amount in range(1, 6):
        wallets.topup(caller.account, amount)
        clock.turn(hours=1)
    page = wallets.movements(caller.account, limit=2)
    assert [row.amount for row in page] == [5, 4]
    page = wallets.movements(caller.account, limit=2, before_id=page[-1].id)
    assert [row.amount for row in page] == [3, 2]
    hour = timedelta(hours=1)
    between = wallets.movements(caller.account, since=begin + hour, until=begin + 3 * hour)
    assert [row.amount for row in between] == [3, 2]


def test_unknown_accounts(caller: Caller) -> None:
    for ask in (
        caller.billing.wallets.balance,
        caller.billing.wallets.vouchers,
        caller.billing.shop.packs,
        caller.billing.grants.resources,
        caller.billing.bills.statements,
        caller.billing.notices.of,
    ):
        with pytest.raises(AccountNotFound):
            ask("nobody")


@pytest.mark.parametrize("table", [money_ledger, grants, bills, bill_lines], ids=str)
def test_ledgers_are_append_only(caller: Caller, table: object) -> None:
    caller.billing.wallets.topup(caller.account, 5)
    caller.billing.grants.withdraw(caller.account, "denoise")
    caller.billing.shop.set_payg(caller.account, "denoise", Switch.ON)
    caller.call("denoise")
    caller.clock.turn(hours=1)
    assert len(caller.billing.bills.settle()) == 1

    def change(statement: object) -> None:
        with caller.platform._database.transaction() as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    for statement in (delete(table), update(table).values(id=99)):  # type: ignore[arg-type]
        with pytest.raises((DBAPIError, StorageUnavailable), match="append-only"):
            change(statement)
    caller.verified()


def test_verify_finds_what_is_wrong(caller: Caller, new_caller: Callable[..., Caller]) -> None:
    """A clean report means something: each tampered number is named."""
    other = new_caller("other")
    for one in (caller, other):
        one.billing.wallets.topup(one.account, 100)
        one.billing.wallets.issue_voucher(one.account, 1)
        one.call()
        one.billing.shop.buy_pack(one.account, "dehaze", 10_000)
    number = caller.principal.account_id
    for statement, said in (
        (f"UPDATE wallets SET balance = balance + 1 WHERE account_id = {number}", "balance"),
        (f'UPDATE vouchers SET "left" = 1 WHERE account_id = {number}', "voucher"),
        (f"UPDATE meters SET used = used + 1 WHERE account_id = {number}", "used"),
        (f"UPDATE meters SET granted = 7 WHERE account_id = {number}", "granted"),
        (f'UPDATE packs SET "left" = 5 WHERE account_id = {number}', "pack"),
        (
            f"UPDATE wallets SET arrears_since = settled_until WHERE account_id = {number}",
            "arrears",
        ),
    ):
        with caller.platform._database.transaction() as connection:
            connection.exec_driver_sql(statement)
        problems = caller.billing.audit.verify().problems
        assert any(said in problem for problem in problems), said
