"""SQL of ``usage``: append and read, nothing else."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, insert, select

from xiutu.platform.models import UsageCount, UsageEntry
from xiutu.platform.tables import accounts, usage

_APPEND = insert(usage)
_COLUMNS = [usage.c[field.name] for field in fields(UsageEntry)]


class UsageRow(NamedTuple):
    """An entry as it is stored: with the hour it is billed in and what paid for it."""

    entry: UsageEntry
    hour: datetime
    source: str | None
    pack_id: int | None


class UsageRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, rows: Sequence[UsageRow]) -> None:
        """Raises ``sqlalchemy.exc.IntegrityError`` for a log id that is there already."""
        values = [
            {**vars(row.entry), "hour": row.hour, "source": row.source, "pack_id": row.pack_id}
            for row in rows
        ]
        self._connection.execute(_APPEND, values)

    def counts(
        self,
        *,
        account: str | None = None,
        app_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[UsageCount]:
        succeeded = func.sum(case((usage.c.code == 0, 1), else_=0))
        query = (
            select(usage.c.app_id, usage.c.operator, succeeded, func.count() - succeeded)
            .where(*_filter(account, app_id, since, until))
            .group_by(usage.c.app_id, usage.c.operator)
            .order_by(usage.c.app_id, usage.c.operator)
        )
        rows = self._connection.execute(query)
        return [UsageCount(app, operator, int(good), int(bad)) for app, operator, good, bad in rows]

    def recent(
        self, limit: int, *, app_id: str | None = None, operator: str | None = None
    ) -> list[UsageEntry]:
        query = select(*_COLUMNS).where(*_filter(app_id=app_id))
        if operator is not None:
            query = query.where(usage.c.operator == operator)
        rows = self._connection.execute(query.order_by(usage.c.id.desc()).limit(limit))
        return [_entry(row._mapping) for row in rows]


def _filter(
    account: str | None = None,
    app_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if account is not None:
        owner = select(accounts.c.id).where(accounts.c.name == account).scalar_subquery()
        found.append(usage.c.account_id == owner)
    if app_id is not None:
        found.append(usage.c.app_id == app_id)
    if since is not None:
        found.append(usage.c.at >= since)
    if until is not None:
        found.append(usage.c.at < until)
    return found


def _entry(row: Any) -> UsageEntry:
    return UsageEntry(**row)
