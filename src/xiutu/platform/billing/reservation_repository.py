"""SQL of ``reservations``: what calls at work have taken."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select

from xiutu.platform.billing.deduction import Source
from xiutu.platform.billing.models import Reservation
from xiutu.platform.billing.tables import reservations

_COLUMNS = [reservations.c[field.name] for field in fields(Reservation)]
# Built once: these run for every metered call.
_ADD = insert(reservations)
_TAKE = (
    delete(reservations)
    .where(reservations.c.log_id.in_(bindparam("calls", expanding=True)))
    .returning(*_COLUMNS)
)
_TAKE_ONE = (
    delete(reservations).where(reservations.c.log_id == bindparam("call")).returning(*_COLUMNS)
)
_EXPIRED = select(
    exists().where(
        reservations.c.account_id == bindparam("account"),
        reservations.c.operator == bindparam("at_operator"),
        reservations.c.expires_at <= bindparam("now"),
    )
)


class ReservationRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rows: Sequence[Reservation]) -> None:
        """Raises ``sqlalchemy.exc.IntegrityError`` for a log id that is there already."""
        values = [{**vars(row), "source": row.source.value} for row in rows]
        self._connection.execute(_ADD, values)

    def take_out(self, log_ids: Collection[int]) -> dict[int, Reservation]:
        """Remove those of these calls that are there, and give them."""
        if len(log_ids) == 1:  # the usual case, and the quicker statement
            (log_id,) = log_ids
            rows = self._connection.execute(_TAKE_ONE, {"call": log_id})
        else:
            rows = self._connection.execute(_TAKE, {"calls": list(log_ids)})
        return {row.log_id: _reservation(row) for row in rows}

    def any_expired(self, account_id: int, operator: str, now: datetime) -> bool:
        values = {"account": account_id, "at_operator": operator, "now": now}
        return bool(self._connection.execute(_EXPIRED, values).scalar())

    def expired(self, account_id: int, now: datetime, limit: int) -> Sequence[Reservation]:
        query = (
            select(*_COLUMNS)
            .where(reservations.c.account_id == account_id, reservations.c.expires_at <= now)
            .order_by(reservations.c.expires_at)
            .limit(limit)
        )
        return [_reservation(row) for row in self._connection.execute(query)]

    def accounts_with_expired(self, now: datetime) -> Sequence[int]:
        query = select(reservations.c.account_id).where(reservations.c.expires_at <= now)
        return list(self._connection.scalars(query.distinct()))

    def totals(self) -> Sequence[tuple[int, str, Source, int | None, int]]:
        """(account, operator, source, pack, count) of what is reserved now."""
        key = (
            reservations.c.account_id,
            reservations.c.operator,
            reservations.c.source,
            reservations.c.pack_id,
        )
        rows = self._connection.execute(select(*key, func.count()).group_by(*key))
        return [(r[0], r[1], Source(r[2]), r[3], int(r[4])) for r in rows]

    def also_in_usage(self) -> Sequence[int]:
        """Log ids both reserved and written down; there must be none."""
        from xiutu.platform.tables import usage

        query = select(reservations.c.log_id).join(usage, usage.c.log_id == reservations.c.log_id)
        return list(self._connection.scalars(query))


def _reservation(row: Any) -> Reservation:
    log_id, account_id, operator, source, *rest = row
    return Reservation(log_id, account_id, operator, Source(source), *rest)
