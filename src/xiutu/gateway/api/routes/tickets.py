"""Tickets and cooperation requests (R-008, R-015)."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from xiutu.gateway.api.access import ADMIN_ONLY, Anyone, Number, Own, PlatformOf
from xiutu.gateway.api.inputs import Input
from xiutu.gateway.api.paging import Paging, cut
from xiutu.gateway.api.views.base import Page
from xiutu.gateway.api.views.records import TicketView
from xiutu.platform.management.models import TicketCategory, TicketKind, TicketState
from xiutu.platform.management.tickets import LONGEST_SUBJECT, LONGEST_TEXT

router = APIRouter(tags=["tickets"])
InState = Annotated[TicketState | None, Query(description="Only those in this state.")]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class NewTicket(Input):
    """`cooperation`: larger packs, higher limits, an operator at the invitation stage."""

    subject: str = Field(min_length=1, max_length=LONGEST_SUBJECT)
    text: Text
    kind: TicketKind = TicketKind.TICKET
    category: TicketCategory = TicketCategory.IMAGE_EFFECTS


class Reply(Input):
    """A further message."""

    text: Text


@router.get("/tickets", dependencies=[ADMIN_ONLY])
def list_all_tickets(
    platform: PlatformOf, paging: Paging, state: InState = None
) -> Page[TicketView]:
    """Tickets of every account, newest first."""
    return cut(platform.tickets.all(state=state), paging, lambda t: t.id, TicketView)


@router.get("/accounts/{account}/tickets")
def list_tickets(
    account: Own, platform: PlatformOf, paging: Paging, state: InState = None
) -> Page[TicketView]:
    """The account's tickets, newest first, without their messages."""
    found = platform.tickets.all(account.name, state=state)
    return cut(found, paging, lambda ticket: ticket.id, TicketView)


@router.post("/accounts/{account}/tickets", status_code=201)
def open_ticket(body: NewTicket, account: Own, caller: Anyone, platform: PlatformOf) -> TicketView:
    """File a ticket or a cooperation request."""
    with platform.actions.recording(
        caller.actor, "ticket.open", account=account.name, kind=body.kind.value
    ) as note:
        ticket = platform.tickets.open(
            account.name,
            body.subject,
            body.text,
            kind=body.kind,
            category=body.category,
            author=caller.actor,
        )
        note.target = str(ticket.id)
    return TicketView.model_validate(ticket)


@router.get("/accounts/{account}/tickets/{ticket_id}")
def show_ticket(ticket_id: Number, account: Own, platform: PlatformOf) -> TicketView:
    """A ticket with its messages."""
    return TicketView.model_validate(platform.tickets.get(ticket_id, account=account.name))


@router.post("/accounts/{account}/tickets/{ticket_id}/messages", status_code=201)
def reply(
    ticket_id: Number, body: Reply, account: Own, caller: Anyone, platform: PlatformOf
) -> TicketView:
    """Write on; an administrator's message answers the ticket, another opens it again."""
    platform.tickets.get(ticket_id, account=account.name)
    with platform.actions.recording(
        caller.actor, "ticket.reply", account=account.name, target=ticket_id
    ):
        ticket = platform.tickets.reply(
            ticket_id, body.text, author=caller.actor, from_admin=caller.admin
        )
    return TicketView.model_validate(ticket)


@router.post("/accounts/{account}/tickets/{ticket_id}/close")
def close_ticket(
    ticket_id: Number, account: Own, caller: Anyone, platform: PlatformOf
) -> TicketView:
    """Nothing more to do."""
    platform.tickets.get(ticket_id, account=account.name)
    with platform.actions.recording(
        caller.actor, "ticket.close", account=account.name, target=ticket_id
    ):
        ticket = platform.tickets.close(ticket_id)
    return TicketView.model_validate(ticket)
