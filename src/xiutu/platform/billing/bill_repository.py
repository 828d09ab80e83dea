"""SQL of ``bills`` and ``bill_lines``, and of the metered calls they are made from."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, func, insert, select

from xiutu.platform.billing.deduction import Source
from xiutu.platform.billing.models import Bill, BillLine
from xiutu.platform.billing.tables import bill_lines, bills, wallets
from xiutu.platform.tables import usage

_METERED = usage.c.source.is_not(None)


class HourCount(NamedTuple):
    """Calls of one account in one hour that the same thing paid for."""

    hour: datetime
    operator: str
    source: Source
    pack_id: int | None
    calls: int
    failed: int


class BillRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(
        self, account_id: int, since: datetime, until: datetime | None = None
    ) -> Sequence[HourCount]:
        """Metered calls with ``since <= hour < until``, in order of the hours."""
        key = (usage.c.hour, usage.c.operator, usage.c.source, usage.c.pack_id)
        failed = func.sum(case((usage.c.code == 0, 0), else_=1))
        query = select(*key, func.count(), failed).where(
            _METERED, usage.c.account_id == account_id, usage.c.hour >= since
        )
        if until is not None:
            query = query.where(usage.c.hour < until)
        rows = self._connection.execute(query.group_by(*key).order_by(*key))
        return [HourCount(r[0], r[1], Source(r[2]), r[3], int(r[4]), int(r[5])) for r in rows]

    def accounts_to_settle(self, until: datetime) -> Sequence[int]:
        """Accounts with metered calls in hours that are over and not billed."""
        query = (
            select(wallets.c.account_id)
            .join(usage, usage.c.account_id == wallets.c.account_id)
            .where(_METERED, usage.c.hour >= wallets.c.settled_until, usage.c.hour < until)
        )
        return sorted(self._connection.scalars(query.distinct()))

    def accounts_with_fees(self, since: datetime) -> Sequence[int]:
        """Accounts with a bill above nothing of this hour or later."""
        query = select(bills.c.account_id).where(bills.c.hour >= since, bills.c.amount > Decimal(0))
        return sorted(self._connection.scalars(query.distinct()))

    def payg_calls(self, account_id: int, operator: str, since: datetime, until: datetime) -> int:
        """Calls billed by pay-as-you-go in hours with ``since <= hour < until``."""
        query = (
            select(func.sum(bill_lines.c.calls))
            .join(bills, bills.c.id == bill_lines.c.bill_id)
            .where(
                bills.c.account_id == account_id,
                bills.c.hour >= since,
                bills.c.hour < until,
                bill_lines.c.operator == operator,
                bill_lines.c.source == Source.PAYG.value,
            )
        )
        return int(self._connection.scalar(query) or 0)

    def add(self, account_id: int, hour: datetime, at: datetime, lines: Iterable[BillLine]) -> Bill:
        """Raises ``sqlalchemy.exc.IntegrityError`` when the hour has its bill already."""
        lines = tuple(lines)
        amount = sum((line.amount for line in lines), Decimal(0))
        made = self._connection.execute(
            insert(bills).values(account_id=account_id, hour=hour, amount=amount, at=at)
        ).inserted_primary_key
        assert made is not None
        values = [
            {**asdict(line), "source": line.source.value, "bill_id": made[0]} for line in lines
        ]
        self._connection.execute(insert(bill_lines), values)
        return Bill(made[0], account_id, hour, amount, at, lines)

    def bills(
        self,
        account_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[Bill]:
        """With ``since <= hour < until``, in order of the hours, with their lines."""
        query = select(bills, bill_lines).join(bill_lines, bill_lines.c.bill_id == bills.c.id)
        if account_id is not None:
            query = query.where(bills.c.account_id == account_id)
        if since is not None:
            query = query.where(bills.c.hour >= since)
        if until is not None:
            query = query.where(bills.c.hour < until)
        order = (bills.c.account_id, bills.c.hour, bill_lines.c.id)
        found: dict[int, tuple[Bill, list[BillLine]]] = {}
        for row in self._connection.execute(query.order_by(*order)):
            values = row._mapping
            number = values[bills.c.id]
            if number not in found:
                head = Bill(
                    number,
                    values[bills.c.account_id],
                    values[bills.c.hour],
                    values[bills.c.amount],
                    values[bills.c.at],
                )
                found[number] = (head, [])
            found[number][1].append(_line(values))
        return [
            Bill(head.id, head.account_id, head.hour, head.amount, head.at, tuple(lines))
            for head, lines in found.values()
        ]

    def amounts(
        self, account_id: int, since: datetime, until: datetime
    ) -> Sequence[tuple[datetime, Decimal]]:
        """(hour, amount) of bills that cost something."""
        query = select(bills.c.hour, bills.c.amount).where(
            bills.c.account_id == account_id,
            bills.c.hour >= since,
            bills.c.hour < until,
            bills.c.amount > Decimal(0),
        )
        return [(row[0], row[1]) for row in self._connection.execute(query)]


def _line(values: Any) -> BillLine:
    return BillLine(
        operator=values[bill_lines.c.operator],
        source=Source(values[bill_lines.c.source]),
        pack_id=values[bill_lines.c.pack_id],
        calls=values[bill_lines.c.calls],
        failed=values[bill_lines.c.failed],
        first_call=values[bill_lines.c.first_call],
        unit_price=values[bill_lines.c.unit_price],
        amount=values[bill_lines.c.amount],
    )
