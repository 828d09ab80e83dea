"""The first page: what is new, the way to the first call, operators by picture."""

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from xiutu.platform.billing.beijing import day_of, midnight
from xiutu.web.operators import cards
from xiutu.web.page import page
from xiutu.web.visit import Visit

__all__ = ["ROUTES"]


def overview(visit: Visit) -> Response:
    """Usage guide, quick access, today's calls, and money where there is a meter."""
    account, platform = visit.account_name, visit.platform
    today = midnight(day_of(visit.now))
    week = platform.ledger.counts(account=account, since=today - timedelta(days=6))
    calls = platform.ledger.counts(account=account, since=today)
    apps = platform.apps.all(account)
    values: dict[str, Any] = {
        "cards": [card for card in cards(visit) if card.served],
        "apps": apps,
        "today": sum(row.succeeded + row.failed for row in calls),
        "week": sum(row.succeeded + row.failed for row in week),
        "failed": sum(row.failed for row in week),
        "balance": platform.billing.wallets.balance(account) if visit.metered else None,
        "forecast": platform.billing.reminders.forecast(account) if visit.metered else None,
        "address": str(visit.request.base_url).rstrip("/"),
    }
    return visit.show("overview.html", **values)


ROUTES = [page("/", overview)]
