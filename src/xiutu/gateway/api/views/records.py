"""Usage, notices, the record of actions, tickets, the verdict on the ledgers."""

from datetime import datetime
from typing import Any

from pydantic import Field

from xiutu.gateway.api.views.base import View
from xiutu.platform.management.models import TicketCategory, TicketKind, TicketState


class UsageHourView(View):
    """Calls of one application to one operator in the hour that begins at `hour`."""

    app_id: str
    operator: str
    hour: datetime
    calls: int
    succeeded: int
    failures: dict[int, int] = Field(description="Number of failed calls by error code.")
    latency_ms: dict[int, int] = Field(description="Percentiles: 50, 95, 99.")
    megapixels: float
    bytes_in: int
    bytes_out: int


class NoticeView(View):
    """What the account was told: arrears, balance running out."""

    id: int
    kind: str
    topic: str
    at: datetime
    facts: dict[str, Any]
    delivered_at: datetime | None
    attempts: int


class ActionView(View):
    """Who did what, when, to which account."""

    id: int
    at: datetime
    actor: str
    action: str
    account: str | None
    target: str
    details: dict[str, Any]


class TicketMessageView(View):
    """A message of a ticket."""

    id: int
    at: datetime
    author: str
    text: str


class TicketView(View):
    """A ticket or cooperation request. Lists leave the messages out."""

    id: int
    account: str
    kind: TicketKind
    category: TicketCategory
    subject: str
    state: TicketState
    opened_at: datetime
    changed_at: datetime
    messages: list[TicketMessageView]


class LedgerReportView(View):
    """`clean`: replaying every ledger gives what the accounts hold."""

    clean: bool
    accounts: int
    movements: int
    bills: int
    calls: int
    problems: list[str]
