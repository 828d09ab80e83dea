"""``xiutu bills``, ``xiutu usage``, ``xiutu notices``, ``xiutu actions``: what happened, for people and
spreadsheets."""

from typing import Annotated

import typer

from xiutu.cli._csv import write_csv
from xiutu.cli._options import AccountName, CsvFile, Json, Since, Until, moment
from xiutu.cli._platform import opened, print_json, print_rows, print_views
from xiutu.gateway.api.views.base import money_text
from xiutu.gateway.api.views.money import StatementView
from xiutu.gateway.api.views.records import ActionView, NoticeView, UsageHourView
from xiutu.platform.billing.models import Period
from xiutu.platform.exports import bills_csv, usage_csv
from xiutu.platform.models import UsageHour

__all__ = ["actions", "bills", "notices", "usage"]

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="Rows at most.")]


def bills(
    account: AccountName,
    *,
    period: Annotated[Period, typer.Option(help="Hours, Beijing days or months.")] = Period.DAY,
    since: Since = None,
    until: Until = None,
    unbilled: Annotated[
        bool, typer.Option("--unbilled", help="What is spent in hours not billed yet.")
    ] = False,
    csv: CsvFile = None,
    as_json: Json = False,
) -> None:
    """Bills with their arithmetic: calls x price = amount."""
    with opened() as platform:
        found = (
            (platform.billing.bills.unbilled(account),)
            if unbilled
            else platform.billing.bills.statements(
                account, period, since=moment(since), until=moment(until)
            )
        )
        currency = platform.billing.book.currency
    if csv is not None:
        write_csv(csv, bills_csv(account, found, currency))
        return
    views = [StatementView.model_validate(statement) for statement in found]
    if as_json:
        print_json([view.model_dump(mode="json") for view in views])
        return
    rows: list[tuple[object, ...]] = []
    for view in views:
        for line in view.lines:
            price = "-" if line.unit_price is None else money_text(line.unit_price)
            amount = money_text(line.amount)
            rows.append((view.label, line.operator, line.source, line.calls, price, amount))
        rows.append((view.label, "total", "", "", "", money_text(view.amount)))
    print_rows(("PERIOD", "OPERATOR", "PAID BY", "CALLS", "PRICE", f"AMOUNT {currency}"), rows)


def usage(
    account: Annotated[str | None, typer.Argument(help="One account; else all of them.")] = None,
    *,
    app: Annotated[str | None, typer.Option(metavar="APP_ID", help="One application.")] = None,
    operator: Annotated[str | None, typer.Option(help="One operator.")] = None,
    since: Since = None,
    until: Until = None,
    csv: CsvFile = None,
    as_json: Json = False,
) -> None:
    """Calls by hour, application and operator: results, latency, megapixels, bytes."""
    with opened() as platform:
        names = [a.name for a in platform.accounts.all()]
        if account is not None:
            names = [platform.accounts.get(account).name]
        rows = [
            (name, row)
            for name in names
            for row in platform.ledger.hours(
                account=name,
                app_id=app,
                operator=operator,
                since=moment(since),
                until=moment(until),
            )
        ]
    if csv is not None:
        write_csv(csv, usage_csv(rows))
        return
    if as_json:
        shown = [
            {"account": name} | UsageHourView.model_validate(row).model_dump(mode="json")
            for name, row in rows
        ]
        print_json(shown)
        return
    titles = (
        "ACCOUNT",
        "HOUR",
        "APP",
        "OPERATOR",
        "CALLS",
        "FAILED",
        "P50 MS",
        "P99 MS",
        "MPIXELS",
    )
    print_rows(titles, [(name, *_usage_cells(row)) for name, row in rows])


def _usage_cells(row: UsageHour) -> tuple[object, ...]:
    p50, p99 = row.latency_ms.get(50, "-"), row.latency_ms.get(99, "-")
    failed = row.calls - row.succeeded
    hour = f"{row.hour:%Y-%m-%d %H:%M}"
    return (hour, row.app_id, row.operator, row.calls, failed, p50, p99, row.megapixels)


def notices(account: AccountName, limit: Limit = 50, as_json: Json = False) -> None:
    """What the account was told: arrears, balance running out."""
    with opened() as platform:
        found = platform.billing.notices.of(account, limit)
    columns = ("id", "at", "kind", "topic", "delivered_at", "attempts")
    print_views([NoticeView.model_validate(row) for row in found], columns, as_json)


def actions(
    account: Annotated[str | None, typer.Option(help="Of one account.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """The record of administrative actions, newest first: who did what, when, to whom."""
    with opened() as platform:
        found = platform.actions.list(account=account, limit=limit)
    columns = ("id", "at", "actor", "action", "account", "target", "details")
    print_views([ActionView.model_validate(row) for row in found], columns, as_json)
