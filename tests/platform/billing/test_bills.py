"""Hourly bills, months, arrears: R-172, R-173, R-175, R-185 to R-188, R-190; V1, V4, D7."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from tests.platform.billing.conftest import Caller
from tests.platform.conftest import TurnableClock
from xiutu.errors import QuotaExhausted
from xiutu.platform.billing.beijing import BEIJING
from xiutu.platform.billing.bills import Period
from xiutu.platform.billing.deduction import Source, Switch
from xiutu.platform.billing.models import Kind
from xiutu.platform.billing.prices import PriceBook, Tier
from xiutu.platform.facade import Platform

HOUR = timedelta(hours=1)


def beijing(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BEIJING)  # type: ignore[misc, arg-type]


@pytest.fixture
def payer(caller: Caller) -> Caller:
    """Pay-as-you-go at dehaze (0.007), no free quota, 1.00 in cash; 10:00 in Beijing."""
    caller.billing.grants.withdraw(caller.account)
    caller.billing.shop.set_payg(caller.account, "dehaze", Switch.ON)
    caller.billing.wallets.topup(caller.account, 1)
    caller.clock.now = beijing(2026, 3, 2, 10)
    return caller


def test_an_hour_is_billed_when_it_is_over(payer: Caller, clock: TurnableClock) -> None:
    """R-172, R-186: at 11:00 for 10:00-11:00, and once."""
    payer.calls(3)
    payer.call(code=216201)
    clock.now = beijing(2026, 3, 2, 10, 59, 59)
    assert payer.billing.bills.settle() == ()
    assert payer.billing.bills.unbilled(payer.account).amount == Decimal("0.021")
    clock.now = beijing(2026, 3, 2, 11)
    (bill,) = payer.billing.bills.settle()
    assert (bill.hour, bill.amount) == (beijing(2026, 3, 2, 10), Decimal("0.021"))
    assert {(line.source, line.calls, line.failed) for line in bill.lines} == {
        (Source.PAYG, 3, 0),
        (Source.NONE, 1, 1),
    }
    assert payer.billing.bills.settle() == ()
    assert payer.cash() == Decimal("0.979")
    row = payer.billing.wallets.movements(payer.account)[0]
    assert (row.kind, row.subject, row.amount) == (Kind.BILL, f"bill:{bill.id}", -bill.amount)
    payer.verified()


def test_free_calls_and_packs_are_on_bills_too(caller: Caller, clock: TurnableClock) -> None:
    """R-172: deducted in the hour, for nothing."""
    caller.billing.wallets.topup(caller.account, 65)
    caller.call()
    caller.billing.grants.withdraw(caller.account)
    pack = caller.billing.shop.buy_pack(caller.account, "dehaze", 10_000)
    caller.calls(2)
    clock.turn(hours=1)
    (bill,) = caller.billing.bills.settle()
    assert bill.amount == 0
    assert [(x.source, x.pack_id, x.calls) for x in bill.lines] == [
        (Source.FREE, None, 1),
        (Source.PACK, pack.id, 2),
    ]
    caller.verified()


def test_tiers_continue_over_hours_and_begin_anew_with_the_month(
    payer: Caller, clock: TurnableClock
) -> None:
    """R-173 to R-175, D7; A-57: the tiers' border is brought down to 3 calls."""
    with_border(payer, 3)
    for start in (
        beijing(2026, 3, 31, 22),
        beijing(2026, 3, 31, 23, 59, 59),
        beijing(2026, 4, 1, 0),
    ):
        clock.now = start
        payer.calls(2)
    clock.now = beijing(2026, 4, 1, 1)
    assert [bill.amount for bill in payer.billing.bills.settle()] == [
        2 * Decimal("0.007"),
        Decimal("0.007") + Decimal("0.0042"),
        2 * Decimal("0.007"),
    ]
    first_calls = [
        [line.first_call for line in statement.lines]
        for statement in payer.billing.bills.statements(payer.account, Period.HOUR)
    ]
    assert first_calls == [[1], [3, 4], [1]]
    # Bills made one by one and all at once are the same.
    payer.calls(2)
    clock.turn(hours=1)
    (bill,) = payer.billing.bills.settle()
    assert bill.amount == Decimal("0.007") + Decimal("0.0042")
    payer.verified()


def with_border(caller: Caller, border: int) -> None:
    from dataclasses import replace

    rules = caller.billing.rules
    dehaze = rules.book.of("dehaze")
    tiers = (Tier(border, dehaze.tiers[0].unit_price), dehaze.tiers[1])
    prices = {**rules.book.prices, "dehaze": replace(dehaze, tiers=tiers)}
    caller.billing.rules = replace(rules, book=PriceBook(prices))


def test_packs_do_not_move_the_tiers(payer: Caller, clock: TurnableClock) -> None:
    """A-57."""
    with_border(payer, 1)
    payer.call()
    payer.billing.wallets.topup(payer.account, 65)
    payer.billing.shop.buy_pack(payer.account, "dehaze", 10_000)
    payer.calls(3)
    clock.turn(hours=1)
    (bill,) = payer.billing.bills.settle()
    assert bill.amount == Decimal("0.007")
    payer.verified()


@pytest.mark.parametrize(
    ("vector", "operator", "months", "fees"),
    [
        ("V1", "image_quality_enhance", {"2019-02": 5_000_000}, ["30000"]),
        ("D1", "colourize", {"2019-02": 5_000_000}, ["42000"]),
        ("D6", "colourize", {"2019-02": 3_000_001}, ["30000.006"]),
        ("D7", "colourize", {"2019-01": 2_000_000, "2019-02": 2_000_000}, ["20000", "20000"]),
    ],
)
def test_months_of_millions(
    payer: Caller, clock: TurnableClock, vector: str, operator: str, months: dict[str, int],
    fees: list[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """R-173, R-175: through the settlement, with the calls' counts put in its place."""
    from xiutu.platform.billing.bill_repository import BillRepository, HourCount

    counts = [
        HourCount(
            beijing(*map(int, month.split("-")), 10, 5), operator, Source.PAYG, None, calls, 0
        )
        for month, calls in months.items()
    ]
    payer.billing.wallets.topup(payer.account, 100_000)
    monkeypatch.setattr(BillRepository, "counts", lambda *_: counts)
    monkeypatch.setattr(
        BillRepository, "accounts_to_settle", lambda *_: [payer.principal.account_id]
    )
    payer.billing.bills.settle()
    monkeypatch.undo()
    statements = payer.billing.bills.statements(payer.account, Period.MONTH)
    assert [s.label for s in statements] == list(months), vector
    assert [s.amount for s in statements] == [Decimal(fee) for fee in fees], vector


def test_v4_arrears_begin_when_the_balance_is_below_the_bill(
    payer: Caller, clock: TurnableClock
) -> None:
    """R-186, R-187, R-188."""
    payer.billing.wallets.withdraw(payer.account, "0.986")  # 0.014 left: two calls
    payer.calls(2)
    clock.now = beijing(2026, 3, 2, 11)
    payer.billing.bills.settle()
    assert payer.cash() == 0
    assert payer.billing.wallets.balance(payer.account).arrears_since is None
    payer.calls(1)
    clock.now = beijing(2026, 3, 2, 12)
    payer.billing.bills.settle()
    assert payer.cash() == Decimal("-0.007")
    assert payer.billing.wallets.balance(payer.account).arrears_since == clock()
    assert payer.resource().qps == 2
    with pytest.raises(QuotaExhausted):
        payer.call()
    (notice,) = payer.billing.notices.of(payer.account)
    assert notice.kind == "arrears"
    assert notice.facts["hour"] == "2026-03-02 11:00-12:00"
    assert notice.facts["balance"] == "-0.007"
    payer.verified()


def test_arrears_leave_free_quota_and_packs(payer: Caller, clock: TurnableClock) -> None:
    """R-188."""
    payer.billing.wallets.topup(payer.account, 64)
    payer.call()
    payer.billing.shop.buy_pack(payer.account, "dehaze", 10_000)
    clock.turn(hours=1)
    payer.billing.bills.settle()
    assert payer.cash() < 0
    assert payer.call() is Source.PACK
    payer.billing.grants.restore(payer.account)
    assert payer.call() is Source.FREE
    payer.verified()


@pytest.mark.parametrize("way", ["topup", "voucher"])
def test_paying_ends_arrears(payer: Caller, clock: TurnableClock, way: str) -> None:
    """R-190, A-64: once the balance is not below zero; vouchers count."""
    wallets = payer.billing.wallets
    wallets.withdraw(payer.account, 1)
    payer.calls(2)
    clock.turn(hours=1)
    payer.billing.bills.settle()
    pay = wallets.topup if way == "topup" else wallets.issue_voucher
    pay(payer.account, "0.013")
    assert wallets.balance(payer.account).arrears_since is not None
    pay(payer.account, "0.001")
    assert wallets.balance(payer.account).arrears_since is None
    assert payer.call() is Source.PAYG
    payer.verified()


def test_a_call_that_was_at_work_is_billed_in_arrears_too(
    payer: Caller, clock: TurnableClock
) -> None:
    payer.billing.wallets.withdraw(payer.account, 1)
    payer.call()
    clock.now = beijing(2026, 3, 2, 10, 59)
    ticket = payer.admit()
    clock.now = beijing(2026, 3, 2, 11)
    payer.billing.bills.settle()
    assert payer.finish(ticket) is Source.PAYG
    clock.now = beijing(2026, 3, 2, 12)
    payer.billing.bills.settle()
    assert payer.cash() == Decimal("-0.014")
    payer.verified()


def test_a_call_written_down_late_is_on_the_next_bill(payer: Caller, clock: TurnableClock) -> None:
    """Nothing is lost between the answer at 10:59:59.9 and the bill of 11:00."""
    payer.call()
    ticket = payer.admit()
    clock.now = beijing(2026, 3, 2, 11)
    payer.billing.bills.settle()
    clock.now = beijing(2026, 3, 2, 10, 59, 59, 900_000)
    payer.finish(ticket)
    clock.now = beijing(2026, 3, 2, 12)
    (bill,) = payer.billing.bills.settle()
    assert (bill.hour, bill.amount) == (beijing(2026, 3, 2, 11), Decimal("0.007"))
    payer.verified()


def test_a_server_that_was_off_catches_up(payer: Caller, clock: TurnableClock) -> None:
    for _ in range(3):
        payer.call()
        clock.turn(hours=5)
    clock.turn(days=3)
    assert len(payer.billing.bills.settle()) == 3
    payer.verified()


def test_settling_in_several_servers_at_once(
    opened: Callable[[], Platform], payer: Caller, clock: TurnableClock
) -> None:
    payer.calls(5)
    clock.turn(hours=1)
    others = [payer.platform, opened(), opened()]
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda n: others[n % 3].billing.bills.settle(), range(6)))
    assert sum(len(bills) for bills in made) == 1
    assert payer.cash() == 1 - 5 * Decimal("0.007")
    payer.verified()


def test_statements(payer: Caller, clock: TurnableClock) -> None:
    """Hour, day, month on Beijing time; the arithmetic is in the lines."""
    payer.billing.shop.set_payg(payer.account, "style_trans", Switch.ON)
    for moment in (
        beijing(2026, 3, 2, 10, 5),
        beijing(2026, 3, 2, 23, 5),
        beijing(2026, 3, 3, 0, 5),
        beijing(2026, 4, 1, 0, 5),
    ):
        clock.now = moment
        payer.calls(2)
        payer.call("style_trans")
    clock.turn(hours=1)
    payer.billing.bills.settle()
    each = 2 * Decimal("0.007") + Decimal("0.045")
    bills = payer.billing.bills

    def labels(period: Period) -> list[tuple[str, Decimal]]:
        return [(s.label, s.amount) for s in bills.statements(payer.account, period)]

    assert labels(Period.HOUR) == [
        ("2026-03-02 10:00-11:00", each),
        ("2026-03-02 23:00-00:00", each),
        ("2026-03-03 00:00-01:00", each),
        ("2026-04-01 00:00-01:00", each),
    ]
    assert labels(Period.DAY) == [
        ("2026-03-02", 2 * each),
        ("2026-03-03", each),
        ("2026-04-01", each),
    ]
    assert labels(Period.MONTH) == [("2026-03", 3 * each), ("2026-04", each)]
    march = bills.statements(
        payer.account, Period.MONTH, since=beijing(2026, 3, 1), until=beijing(2026, 4, 1)
    )
    assert [(x.operator, x.calls, x.unit_price, x.amount) for x in march[0].lines] == [
        ("dehaze", 6, Decimal("0.007"), Decimal("0.042")),
        ("style_trans", 3, Decimal("0.045"), Decimal("0.135")),
    ]


def test_verify_finds_a_wrong_bill(payer: Caller, clock: TurnableClock) -> None:
    from xiutu.platform.billing.tables import bills

    payer.call()
    clock.turn(hours=1)
    payer.billing.bills.settle()
    with payer.platform._database.transaction() as connection:
        row = {"account_id": payer.principal.account_id, "hour": clock() + HOUR, "at": clock()}
        number = connection.execute(insert(bills).values(amount=Decimal(9), **row))
        from xiutu.platform.billing.tables import bill_lines

        connection.execute(
            insert(bill_lines).values(
                bill_id=number.inserted_primary_key[0],
                operator="dehaze",
                source="payg",
                calls=2,
                failed=0,
                first_call=7,
                unit_price=Decimal(3),
                amount=Decimal(5),
            )
        )
    said = " / ".join(payer.billing.audit.verify().problems)
    for part in ("not the sum", "9 billed, 0 paid", "wrong amount", "starts at 7"):
        assert part in said
