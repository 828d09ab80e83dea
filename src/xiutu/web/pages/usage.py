"""Usage: calls over time, latency, by interface, app and error code; and all of it as CSV."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.responses import Response

from xiutu import contract
from xiutu.platform import exports
from xiutu.platform.billing.beijing import BEIJING, HOUR, day_of, hour_of, midnight
from xiutu.platform.models import UsageHour
from xiutu.web.charts import Bar, bars, lines
from xiutu.web.operators import names
from xiutu.web.page import page
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES"]

PERIODS = {"day": 1, "week": 7, "month": 30}


@dataclass
class _Sum:
    """What is added up for one row or one bar."""

    calls: int = 0
    succeeded: int = 0
    weighted: int = 0
    worst: int = 0
    failures: dict[int, int] = field(default_factory=dict)

    def add(self, row: UsageHour) -> None:
        self.calls += row.calls
        self.succeeded += row.succeeded
        self.weighted += row.latency_ms[50] * row.calls
        self.worst = max(self.worst, row.latency_ms[95])
        for code, count in row.failures.items():
            self.failures[code] = self.failures.get(code, 0) + count

    @property
    def failed(self) -> int:
        return self.calls - self.succeeded

    @property
    def typical(self) -> float | None:
        """The hours' medians, averaged by calls, in milliseconds."""
        return self.weighted / self.calls if self.calls else None


def usage(visit: Visit) -> Response:
    """Charts and tables of the chosen period."""
    period, since, rows = _rows(visit)
    by_operator, by_app = _sums(rows, "operator"), _sums(rows, "app_id")
    total = _Sum()
    for row in rows:
        total.add(row)
    labels, sums = _timeline(rows, since, visit.now, by_hour=period == "day")
    charts = {
        "calls": bars(
            [
                Bar(label, s.succeeded, s.failed, f"{label}: {s.succeeded} / {s.failed}")
                for label, s in zip(labels, sums, strict=True)
            ],
            visit.t("Calls over time, succeeded and failed"),
        ),
        "latency": lines(
            labels,
            [
                ("first", [None if s.typical is None else s.typical / 1000 for s in sums]),
                ("second", [s.worst / 1000 if s.calls else None for s in sums]),
            ],
            visit.t("Time of a call over time"),
            " s",
        ),
    }
    return visit.show(
        "usage.html",
        period=period,
        periods=list(PERIODS),
        charts=charts,
        total=total,
        by_operator=by_operator,
        by_app=by_app,
        errors=sorted(total.failures.items(), key=lambda pair: -pair[1]),
        known=contract.error_codes(),
        apps={app.app_id: app for app in visit.platform.apps.all(visit.account_name)},
        names=names(visit),
        chosen_app=visit.query.text("app"),
        chosen_operator=visit.query.text("operator"),
    )


def as_csv(visit: Visit) -> Response:
    """The same rows, one for each hour, app and interface."""
    _, _, rows = _rows(visit)
    text = "".join(exports.usage_csv((visit.account_name, row) for row in rows))
    name = f"usage-{visit.now:%Y%m%d}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(visit: Visit) -> tuple[str, datetime, Sequence[UsageHour]]:
    """Period, its begin, and the account's hours; an app of somebody else is ``NotHere``."""
    query = visit.query
    period = query.text("period", "week")
    if period not in PERIODS:
        raise NotHere
    app_id, operator = query.text("app"), query.text("operator")
    now = visit.now
    since = (
        hour_of(now) - timedelta(hours=23)
        if period == "day"
        else midnight(day_of(now)) - timedelta(days=PERIODS[period] - 1)
    )
    rows = visit.platform.ledger.hours(
        account=visit.account_name,
        app_id=app_id or None,
        operator=operator or None,
        since=since,
    )
    return period, since, rows


def _sums(rows: Iterable[UsageHour], key: str) -> list[tuple[str, _Sum]]:
    found: dict[str, _Sum] = defaultdict(_Sum)
    for row in rows:
        found[getattr(row, key)].add(row)
    return sorted(found.items(), key=lambda pair: -pair[1].calls)


def _timeline(
    rows: Iterable[UsageHour], since: datetime, now: datetime, *, by_hour: bool
) -> tuple[list[str], list[_Sum]]:
    """A label and a sum for every hour or Beijing day, also the quiet ones."""
    step = HOUR if by_hour else timedelta(days=1)
    count = int((now - since) / step) + 1
    sums = [_Sum() for _ in range(count)]
    for row in rows:
        sums[int((row.hour - since) / step)].add(row)
    shape = "%H:%M" if by_hour else "%m-%d"
    labels = [(since + n * step).astimezone(BEIJING).strftime(shape) for n in range(count)]
    return labels, sums


ROUTES = [page("/usage", usage), page("/usage.csv", as_csv)]
