"""SQL of ``audit.py`` alone: metered calls in numbers, billed and not."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from xiutu.platform.billing.deduction import Source
from xiutu.platform.billing.tables import wallets
from xiutu.platform.tables import usage

_KEY = (usage.c.account_id, usage.c.operator, usage.c.source, usage.c.pack_id)


class AuditRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unbilled(self) -> Sequence[tuple[int, str, Source, int | None, int]]:
        """(account, operator, source, pack, calls) of hours without a bill."""
        query = (
            select(*_KEY, func.count())
            .join(wallets, wallets.c.account_id == usage.c.account_id)
            .where(usage.c.source.is_not(None), usage.c.hour >= wallets.c.settled_until)
            .group_by(*_KEY)
        )
        return [
            (r[0], r[1], Source(r[2]), r[3], int(r[4])) for r in self._connection.execute(query)
        ]

    def billed(self) -> Sequence[tuple[int, datetime, str, Source, int | None, int]]:
        """(account, hour, operator, source, pack, calls) of hours that must have their bill."""
        query = (
            select(usage.c.account_id, usage.c.hour, *_KEY[1:], func.count())
            .join(wallets, wallets.c.account_id == usage.c.account_id)
            .where(usage.c.source.is_not(None), usage.c.hour < wallets.c.settled_until)
            .group_by(usage.c.account_id, usage.c.hour, *_KEY[1:])
        )
        rows = self._connection.execute(query)
        return [(r[0], r[1], r[2], Source(r[3]), r[4], int(r[5])) for r in rows]
