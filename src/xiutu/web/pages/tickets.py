"""Tickets and cooperation requests of the account, and notices."""

from starlette.responses import Response

from xiutu.errors import InvalidParameter
from xiutu.platform.management.models import TicketCategory, TicketKind
from xiutu.web.operators import names
from xiutu.web.page import page
from xiutu.web.visit import Visit

__all__ = ["ROUTES"]

TOPICS = {
    "": ("", ""),
    "segment": ("Invitation to segment (cut-out)", "Company:\nApp ID:\nWhat it is for:\n"),
    "limit": ("Higher limit", "Interface:\nCalls a second, or calls in all:\nUntil when:\n"),
    "quota": ("Free quota did not arrive", "Kind of verification:\n"),
    "packs": ("Larger packs", "Interface:\nCalls a month:\n"),
}


def listed(visit: Visit) -> Response:
    return visit.show("tickets.html", tickets=visit.platform.tickets.all(visit.account_name))


def new(visit: Visit) -> Response:
    """With the words of a topic filled in."""
    subject, text = TOPICS.get(visit.query.text("about"), ("", ""))
    cooperation = visit.query.text("about") in ("packs", "limit")
    return visit.show(
        "ticket_new.html",
        subject=visit.t(subject) if subject else "",
        text=visit.t(text) if text else "",
        kind=TicketKind.COOPERATION if cooperation else TicketKind.TICKET,
        topics={key: value[0] for key, value in TOPICS.items() if key},
    )


def open_ticket(visit: Visit) -> Response:
    form = visit.form
    try:
        kind, category = TicketKind(form.text("kind")), TicketCategory(form.text("category"))
    except ValueError as error:
        raise InvalidParameter(str(error)) from error
    made = visit.platform.tickets.open(
        visit.account_name,
        form.text("subject"),
        form.text("text"),
        kind=kind,
        category=category,
        author=visit.user.name,
    )
    return visit.go(f"/tickets/{made.id}", visit.t("The ticket is open."))


def show(visit: Visit) -> Response:
    ticket = visit.platform.tickets.get(visit.number("ticket"), account=visit.account_name)
    return visit.show("ticket.html", ticket=ticket, action=f"/console/tickets/{ticket.id}")


def reply(visit: Visit) -> Response:
    """A further message, or the end of it."""
    tickets = visit.platform.tickets
    ticket = tickets.get(visit.number("ticket"), account=visit.account_name)
    if visit.form.text("close"):
        tickets.close(ticket.id)
        return visit.go("/tickets", visit.t("The ticket is closed."))
    tickets.reply(
        ticket.id, visit.form.text("text"), author=visit.user.name, from_admin=visit.user.admin
    )
    return visit.go(f"/tickets/{ticket.id}", visit.t("Sent."))


def notices(visit: Visit) -> Response:
    """Arrears and low balance, as they were told."""
    found = visit.platform.billing.notices.of(visit.account_name)
    return visit.show("notices.html", notices=found, names=names(visit))


ROUTES = [
    page("/tickets", listed),
    page("/tickets/new", new, post=open_ticket),
    page("/tickets/{ticket}", show, post=reply),
    page("/notices", notices),
]
