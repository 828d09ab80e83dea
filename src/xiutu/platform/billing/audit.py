"""Replays every ledger and compares with what the accounts hold: is the book-keeping right?

Money: the rows of the money ledger give every cash balance and voucher. Calls: grants, bills and the
usage that is not billed yet give every quota and pack. Bills: lines, sums, tiers and payments agree.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from xiutu.platform.billing.audit_repository import AuditRepository
from xiutu.platform.billing.beijing import month_of
from xiutu.platform.billing.bill_repository import BillRepository
from xiutu.platform.billing.deduction import Source
from xiutu.platform.billing.models import Bill, Kind, Movement
from xiutu.platform.billing.money import ZERO
from xiutu.platform.billing.quota_repository import QuotaRepository
from xiutu.platform.billing.reservation_repository import ReservationRepository
from xiutu.platform.billing.wallet_repository import WalletRepository
from xiutu.storage import Database


@dataclass(frozen=True)
class Report:
    """``problems`` is empty when everything agrees; the rest says how much was compared."""

    accounts: int
    movements: int
    bills: int
    calls: int
    problems: tuple[str, ...]

    @property
    def clean(self) -> bool:
        return not self.problems


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    def verify(self) -> Report:
        """Compare everything, in one consistent view. Reads all ledgers: minutes for millions."""
        with self._database.snapshot() as connection:
            return _verify(connection)


def _verify(connection: Connection) -> Report:
    wallets = WalletRepository(connection).all()
    movements = WalletRepository(connection).movements()
    bills = BillRepository(connection).bills()
    problems = [
        *_money(connection, movements),
        *_bills(bills, movements),
        *_calls(connection, bills),
        *_details(connection, bills),
    ]
    calls = sum(line.calls for bill in bills for line in bill.lines)
    return Report(len(wallets), len(movements), len(bills), calls, tuple(problems))


def _money(connection: Connection, movements: Sequence[Movement]) -> Iterator[str]:
    """Sums and running totals of cash and vouchers; nothing below zero but cash in arrears."""
    repository = WalletRepository(connection)
    sums: dict[tuple[int, int | None], Decimal] = defaultdict(lambda: ZERO)
    for row in movements:
        pot = (row.account_id, row.voucher_id)
        sums[pot] += row.amount
        if sums[pot] != row.after:
            yield f"money_ledger {row.id}: {row.after} written, {sums[pot]} calculated"
    for wallet in repository.all():
        cash = sums.pop((wallet.account_id, None), ZERO)
        if cash != wallet.balance:
            yield f"account {wallet.account_id}: balance {wallet.balance}, ledger {cash}"
        if (wallet.balance < 0) != (wallet.arrears_since is not None):
            yield f"account {wallet.account_id}: arrears do not fit balance {wallet.balance}"
    for voucher in repository.vouchers():
        left = sums.pop((voucher.account_id, voucher.id), ZERO)
        if left != voucher.left or not 0 <= left <= voucher.amount:
            yield f"voucher {voucher.id}: {voucher.left} of {voucher.amount} left, ledger {left}"
    for account_id, voucher_id in sums:
        yield f"money_ledger: no pot for account {account_id}, voucher {voucher_id}"


def _bills(bills: Sequence[Bill], movements: Sequence[Movement]) -> Iterator[str]:
    """Sums of lines, the months' tiers without gap, and what was paid."""
    paid: dict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    for row in movements:
        if row.kind is Kind.BILL:
            paid[(row.account_id, row.subject)] -= row.amount
    places: dict[tuple[int, str, object], int] = defaultdict(int)
    for bill in bills:
        if bill.amount != sum((line.amount for line in bill.lines), ZERO):
            yield f"bill {bill.id}: {bill.amount} is not the sum of its lines"
        due = paid.pop((bill.account_id, f"bill:{bill.id}"), ZERO)
        if due != bill.amount:
            yield f"bill {bill.id}: {bill.amount} billed, {due} paid"
        for line in bill.lines:
            price = line.unit_price if line.source is Source.PAYG else ZERO
            if price is None or line.amount != line.calls * price:
                yield f"bill {bill.id}: {line.operator} has a wrong amount"
            if line.source is Source.PAYG:
                place = (bill.account_id, line.operator, month_of(bill.hour))
                if line.first_call != places[place] + 1:
                    yield f"bill {bill.id}: {line.operator} starts at {line.first_call}"
                places[place] += line.calls
    for account_id, subject in paid:
        yield f"account {account_id}: paid for {subject}, which is not there"


def _calls(connection: Connection, bills: Sequence[Bill]) -> Iterator[str]:
    """Quota and packs: what was given, less what was used and what is reserved, is left."""
    used: dict[tuple[int, str], int] = defaultdict(int)
    from_pack: dict[int, int] = defaultdict(int)
    lines = [
        (bill.account_id, line.operator, line.source, line.pack_id, line.calls)
        for bill in bills
        for line in bill.lines
    ]
    reserved = ReservationRepository(connection).totals()
    for account, operator, source, pack_id, count in [
        *lines,
        *AuditRepository(connection).unbilled(),
        *reserved,
    ]:
        if source is Source.FREE:
            used[(account, operator)] += count
        elif source is Source.PACK and pack_id is not None:
            from_pack[pack_id] += count
    quota = QuotaRepository(connection)
    given: dict[tuple[int, str], int] = defaultdict(int)
    for grant in quota.grants():
        given[(grant.account_id, grant.operator)] += grant.calls
    for meter in quota.meters():
        key, where = (meter.account_id, meter.operator), f"{meter.operator} of {meter.account_id}"
        if (meter.granted or 0) != given.pop(key, 0):
            yield f"{where}: {meter.granted} granted, the grants' ledger says otherwise"
        counted = used.pop(key, 0)
        if meter.used != counted:
            yield f"{where}: {meter.used} used, {counted} in the ledger"
        if meter.cap_used < 0 or not 0 <= meter.used <= (meter.granted or 0):
            yield f"{where}: {meter.used} of {meter.granted} used"
    for account, operator in {*used, *given}:
        yield f"{operator} of {account}: no meter"
    for pack in quota.packs():
        counted = from_pack.pop(pack.id, 0)
        if pack.calls - pack.left != counted or pack.left < 0:
            yield f"pack {pack.id}: {pack.left} of {pack.calls} left, {counted} in the ledger"
        if pack.refunded_at is not None and counted:
            yield f"pack {pack.id}: refunded, but {counted} calls were made from it"
    yield from (f"pack {pack_id}: not there, but used" for pack_id in from_pack)
    for log_id in ReservationRepository(connection).also_in_usage():
        yield f"call {log_id}: settled, and still reserved"


def _details(connection: Connection, bills: Sequence[Bill]) -> Iterator[str]:
    """Bills against the calls they were made from, where those are still kept."""
    kept = AuditRepository(connection).billed()
    found: dict[tuple[int, datetime], dict[tuple[object, ...], int]] = defaultdict(dict)
    for account, hour, operator, source, pack_id, count in kept:
        found[(account, hour)][(operator, source, pack_id)] = count
    for bill in bills:
        calls: dict[tuple[object, ...], int] = defaultdict(int)
        for line in bill.lines:
            calls[(line.operator, line.source, line.pack_id)] += line.calls
        detail = found.pop((bill.account_id, bill.hour), None)
        if detail is not None and detail != dict(calls):
            yield f"bill {bill.id}: does not agree with the calls of its hour"
    for account, hour in found:
        yield f"account {account}: calls of {hour} are settled, but there is no bill"
