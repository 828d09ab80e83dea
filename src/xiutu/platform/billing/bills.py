"""Hourly settlement, and bills per hour, day and month with their arithmetic."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from xiutu.platform.accounts import Accounts
from xiutu.platform.billing.beijing import BEIJING, HOUR, day_of, hour_of, midnight, month_of
from xiutu.platform.billing.bill_repository import BillRepository
from xiutu.platform.billing.models import Bill, BillLine, Kind, Period, Statement
from xiutu.platform.billing.money import ZERO, shown
from xiutu.platform.billing.notice_repository import NoticeRepository
from xiutu.platform.billing.open_hours import hourly_lines, unbilled
from xiutu.platform.billing.purse import Purse, Reason
from xiutu.platform.billing.standings import Rules
from xiutu.platform.billing.wallet_repository import WalletRepository
from xiutu.platform.clock import Clock
from xiutu.storage import Database

__all__ = ["Bills", "Period"]


class Bills:
    def __init__(
        self, database: Database, accounts: Accounts, rules: Callable[[], Rules], clock: Clock
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._rules = rules
        self._clock = clock

    def settle(self) -> tuple[Bill, ...]:
        """Bill every hour that is over, of every account; what was billed before stays.

        A balance that does not suffice falls below zero: arrears begin and the account is told. Safe
        to run in several processes at once, and after any interruption.
        """
        this_hour = hour_of(self._clock())
        with self._database.reading() as connection:
            accounts = BillRepository(connection).accounts_to_settle(this_hour)
        return tuple(bill for account in accounts for bill in self._settle(account, this_hour))

    def _settle(self, account_id: int, until: datetime) -> list[Bill]:
        now, book, made = self._clock(), self._rules().book, []
        with self._database.transaction() as connection:
            purse = Purse(connection, account_id, now)
            repository = BillRepository(connection)
            for hour, lines in hourly_lines(
                repository, account_id, purse.settled_until, until, book
            ):
                bill = repository.add(account_id, hour, now, lines)
                was_in_arrears = purse.arrears_since is not None
                if bill.amount > 0:
                    purse.charge(bill.amount, Reason(Kind.BILL, f"bill:{bill.id}"))
                if purse.arrears_since is not None and not was_in_arrears:
                    NoticeRepository(connection).add(
                        account_id,
                        topic=f"arrears {hour.isoformat()}",
                        kind="arrears",
                        at=now,
                        facts={
                            "hour": _span(hour),
                            "bill": str(bill.amount),
                            "balance": str(purse.cash),
                            "shown": shown(purse.cash),
                            "currency": book.currency,
                        },
                    )
                made.append(bill)
            if made:
                WalletRepository(connection).set(account_id, settled_until=until)
        return made

    def statements(
        self,
        account: str,
        period: Period = Period.DAY,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Statement, ...]:
        """Bills with ``since <= hour < until`` by hour, Beijing day or month. ``AccountNotFound``."""
        with self._database.reading() as connection:
            account_id = self._accounts.get(account).id
            bills = BillRepository(connection).bills(account_id, since, until)
        groups: dict[datetime, list[Bill]] = {}
        for bill in bills:
            groups.setdefault(_begin(bill.hour, period), []).append(bill)
        return tuple(
            Statement(
                label=_label(begins, period),
                begins=begins,
                amount=sum((bill.amount for bill in group), ZERO),
                lines=_merged([line for bill in group for line in bill.lines]),
            )
            for begins, group in groups.items()
        )

    def unbilled(self, account: str) -> Statement:
        """The open hours so far; they will be on bills later. Raises ``AccountNotFound``."""
        with self._database.reading() as connection:
            wallet = WalletRepository(connection).get(self._accounts.get(account).id)
            lines = unbilled(BillRepository(connection), wallet, self._rules().book)
        amount = sum((line.amount for line in lines), ZERO)
        return Statement("unbilled", hour_of(self._clock()), amount, _merged(list(lines)))

    def daily_fees(self, account_id: int, days: int) -> list[Decimal]:
        """What each of the last ``days`` Beijing days before today has cost, latest first."""
        today = day_of(self._clock())
        begins = midnight(today - timedelta(days=days))
        with self._database.reading() as connection:
            amounts = BillRepository(connection).amounts(account_id, begins, midnight(today))
        fees = [ZERO] * days
        for hour, amount in amounts:
            fees[(today - day_of(hour)).days - 1] += amount
        return fees


def _begin(hour: datetime, period: Period) -> datetime:
    if period is Period.HOUR:
        return hour
    return midnight(day_of(hour) if period is Period.DAY else month_of(hour))


def _label(begins: datetime, period: Period) -> str:
    """In Beijing time: ``2026-03-01 10:00-11:00``, ``2026-03-01`` or ``2026-03``."""
    if period is Period.HOUR:
        return _span(begins)
    return f"{day_of(begins)}" if period is Period.DAY else f"{day_of(begins):%Y-%m}"


def _span(hour: datetime) -> str:
    begins = hour.astimezone(BEIJING)
    return f"{begins:%Y-%m-%d %H:%M}-{begins + HOUR:%H:%M}"


def _merged(lines: list[BillLine]) -> tuple[BillLine, ...]:
    found: dict[tuple[object, ...], BillLine] = {}
    for line in lines:
        key = (line.operator, line.source, line.pack_id, line.unit_price)
        old = found.get(key)
        found[key] = (
            line
            if old is None
            else replace(
                old,
                calls=old.calls + line.calls,
                failed=old.failed + line.failed,
                amount=old.amount + line.amount,
            )
        )
    return tuple(sorted(found.values(), key=lambda line: (line.operator, line.first_call or 0)))
