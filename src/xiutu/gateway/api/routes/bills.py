"""Bills by hour, day and month, with their arithmetic (R-172 to R-177)."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from xiutu.gateway.api.access import Own, PlatformOf
from xiutu.gateway.api.csv import csv_answer
from xiutu.gateway.api.paging import Paging, cut
from xiutu.gateway.api.routes.wallet import Since, Until
from xiutu.gateway.api.views.base import Page
from xiutu.gateway.api.views.money import StatementView
from xiutu.platform.billing.models import Period
from xiutu.platform.exports import bills_csv

router = APIRouter(prefix="/accounts/{account}/bills", tags=["bills"])
By = Annotated[Period, Query(description="Hours, Beijing days or months.")]


@router.get("")
def list_bills(
    account: Own,
    platform: PlatformOf,
    paging: Paging,
    period: By = Period.DAY,
    since: Since = None,
    until: Until = None,
) -> Page[StatementView]:
    """Bills added up by period, oldest first."""
    bills = platform.billing.bills
    found = bills.statements(account.name, period, since=since, until=until)
    return cut(found, paging, lambda statement: statement.label, StatementView)


@router.get("/unbilled")
def show_unbilled(account: Own, platform: PlatformOf) -> StatementView:
    """What the hours cost so far that are not billed yet."""
    return StatementView.model_validate(platform.billing.bills.unbilled(account.name))


@router.get(".csv", response_class=Response)
def export_bills(
    account: Own,
    platform: PlatformOf,
    period: By = Period.DAY,
    since: Since = None,
    until: Until = None,
) -> Response:
    """Lines of the bills as CSV."""
    bills = platform.billing.bills
    found = bills.statements(account.name, period, since=since, until=until)
    return csv_answer("bills", bills_csv(account.name, found, platform.billing.book.currency))
