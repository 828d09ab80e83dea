"""How long single calls are kept. Bills, balances and the ledgers of money stay for ever.

What is removed is whole hours, and of metered accounts only hours that are billed: the bills go on to
prove every balance (``billing/audit.py``).
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select

from xiutu.platform.billing.beijing import hour_of
from xiutu.platform.billing.tables import wallets
from xiutu.platform.clock import Clock
from xiutu.platform.tables import usage
from xiutu.storage import Database, dialects

_STEP = timedelta(days=1)
"""Removed in one transaction, which keeps other writers waiting."""

_BILLED_UNTIL = (
    select(wallets.c.settled_until)
    .where(wallets.c.account_id == usage.c.account_id)
    .scalar_subquery()
)
_HOUR = func.coalesce(usage.c.hour, usage.c.at)
_REMOVABLE = or_(usage.c.source.is_(None), usage.c.hour < _BILLED_UNTIL)


class Retention:
    """``days`` None: single calls are kept for ever."""

    def __init__(self, database: Database, clock: Clock, days: int | None) -> None:
        self._database = database
        self._clock = clock
        self._days = days

    def prune(self, days: int | None = None) -> int:
        """Remove calls older than ``days`` (else the setting's); gives how many."""
        days = self._days if days is None else days
        if days is None:
            return 0
        end = hour_of(self._clock() - timedelta(days=days))
        count = 0
        while True:
            with self._database.reading() as connection:
                oldest = _oldest(connection, end)
            if oldest is None:
                return count
            with self._database.transaction() as connection:
                count += _remove(connection, min(end, hour_of(oldest) + _STEP))


def _oldest(connection: Connection, end: datetime) -> datetime | None:
    query = select(usage.c.hour, usage.c.at).where(_before(end)).order_by(_HOUR).limit(1)
    row = connection.execute(query).first()
    return None if row is None else row.hour or row.at


def _remove(connection: Connection, end: datetime) -> int:
    with dialects.rows_removable(connection, usage.name):
        return connection.execute(delete(usage).where(_before(end))).rowcount


def _before(end: datetime) -> ColumnElement[bool]:
    earlier = or_(
        and_(usage.c.hour.is_not(None), usage.c.hour < end),
        and_(usage.c.hour.is_(None), usage.c.at < end),
    )
    return and_(earlier, _REMOVABLE)
