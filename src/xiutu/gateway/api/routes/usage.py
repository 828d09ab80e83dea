"""Usage by application, operator and hour (R-013)."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from xiutu.gateway.api.access import ADMIN_ONLY, Own, PlatformOf
from xiutu.gateway.api.csv import csv_answer
from xiutu.gateway.api.paging import Paging, cut
from xiutu.gateway.api.routes.wallet import Since, Until
from xiutu.gateway.api.views.base import Page
from xiutu.gateway.api.views.records import UsageHourView
from xiutu.platform.exports import usage_csv
from xiutu.platform.models import UsageHour

router = APIRouter(tags=["usage"])
OfApp = Annotated[str | None, Query(max_length=20, pattern="^[0-9]*$")]
AtOperator = Annotated[str | None, Query(max_length=64, pattern="^[a-z0-9_]*$")]


@router.get("/accounts/{account}/usage")
def list_usage(
    account: Own,
    platform: PlatformOf,
    paging: Paging,
    app_id: OfApp = None,
    operator: AtOperator = None,
    since: Since = None,
    until: Until = None,
) -> Page[UsageHourView]:
    """Calls, failures by code, latency, megapixels and bytes; oldest hour first."""
    found = platform.ledger.hours(
        account=account.name, app_id=app_id, operator=operator, since=since, until=until
    )
    return cut(found, paging, _key, UsageHourView)


@router.get("/accounts/{account}/usage.csv", response_class=Response)
def export_usage(
    account: Own,
    platform: PlatformOf,
    app_id: OfApp = None,
    operator: AtOperator = None,
    since: Since = None,
    until: Until = None,
) -> Response:
    """The same as CSV."""
    found = platform.ledger.hours(
        account=account.name, app_id=app_id, operator=operator, since=since, until=until
    )
    return csv_answer("usage", usage_csv((account.name, row) for row in found))


@router.get("/usage.csv", response_class=Response, dependencies=[ADMIN_ONLY])
def export_all_usage(platform: PlatformOf, since: Since = None, until: Until = None) -> Response:
    """Usage of every account as CSV."""
    rows = (
        (account.name, row)
        for account in platform.accounts.all()
        for row in platform.ledger.hours(account=account.name, since=since, until=until)
    )
    return csv_answer("usage", usage_csv(rows))


def _key(row: UsageHour) -> str:
    return f"{row.hour.isoformat()} {row.app_id} {row.operator}"
