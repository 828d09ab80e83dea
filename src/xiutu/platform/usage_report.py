"""SQL of the usage report: calls per app, operator and hour, with codes and latency percentiles."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from xiutu.platform.models import UsageHour
from xiutu.platform.tables import accounts, usage

_KEY = (usage.c.app_id, usage.c.operator, usage.c.hour)
_PERCENTS = (50, 95, 99)


class UsageReport:
    """Filters are ANDed; ``since <= hour < until``. Calls of the first release have no hour."""

    def __init__(
        self,
        connection: Connection,
        *,
        account: str | None = None,
        app_id: str | None = None,
        operator: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self._connection = connection
        where: list[ColumnElement[bool]] = [usage.c.hour.is_not(None)]
        if account is not None:
            owner = select(accounts.c.id).where(accounts.c.name == account).scalar_subquery()
            where.append(usage.c.account_id == owner)
        if app_id is not None:
            where.append(usage.c.app_id == app_id)
        if operator is not None:
            where.append(usage.c.operator == operator)
        if since is not None:
            where.append(usage.c.hour >= since)
        if until is not None:
            where.append(usage.c.hour < until)
        self._where = where

    def hours(self) -> Sequence[UsageHour]:
        """In order of hour, app, operator."""
        failures, percentiles = self._failures(), self._percentiles()
        succeeded = func.sum(case((usage.c.code == 0, 1), else_=0))
        sums = (func.sum(usage.c.pixels), func.sum(usage.c.bytes_in), func.sum(usage.c.bytes_out))
        query = select(*_KEY, func.count(), succeeded, *sums).where(*self._where)
        order = (usage.c.hour, usage.c.app_id, usage.c.operator)
        rows = self._connection.execute(query.group_by(*_KEY).order_by(*order))
        return [
            UsageHour(
                app_id=row[0],
                operator=row[1],
                hour=row[2],
                calls=int(row[3]),
                succeeded=int(row[4]),
                failures=failures.get(tuple(row[:3]), {}),
                latency_ms=percentiles[tuple(row[:3])],
                megapixels=round(int(row[5]) / 1e6, 6),
                bytes_in=int(row[6]),
                bytes_out=int(row[7]),
            )
            for row in rows
        ]

    def _failures(self) -> dict[tuple[Any, ...], dict[int, int]]:
        query = select(*_KEY, usage.c.code, func.count()).where(*self._where, usage.c.code != 0)
        found: dict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
        grouped = query.group_by(*_KEY, usage.c.code).order_by(usage.c.code)
        for row in self._connection.execute(grouped):
            found[tuple(row[:3])][row[3]] = int(row[4])
        return found

    def _percentiles(self) -> dict[tuple[Any, ...], dict[int, int]]:
        """Nearest rank: the smallest latency that at least p % of the calls do not exceed."""
        place = func.row_number().over(partition_by=_KEY, order_by=usage.c.latency_ms)
        count = func.count().over(partition_by=_KEY)
        ranked = (
            select(*_KEY, usage.c.latency_ms, place.label("place"), count.label("calls"))
            .where(*self._where)
            .subquery()
        )
        found: dict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
        for percent in _PERCENTS:
            # ceil(calls * p / 100), in integers.
            rank = (ranked.c.calls * percent + 99) // 100
            key = (ranked.c.app_id, ranked.c.operator, ranked.c.hour)
            query = select(*key, ranked.c.latency_ms).where(ranked.c.place == rank)
            for row in self._connection.execute(query):
                found[tuple(row[:3])][percent] = row[3]
        return found
