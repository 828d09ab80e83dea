"""``xiutu tickets``: what accounts ask for."""

from typing import Annotated

import typer

from xiutu.cli._options import AccountName, Json
from xiutu.cli._platform import actor, opened, print_json, print_views, recorded
from xiutu.gateway.api.views.records import TicketView
from xiutu.platform.management.models import Ticket, TicketCategory, TicketKind, TicketState

__all__ = ["app"]

app = typer.Typer(help="Tickets and cooperation requests of accounts.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="ID")]


@app.command("list")
def list_tickets(
    account: Annotated[str | None, typer.Option(help="Of one account.")] = None,
    state: Annotated[TicketState | None, typer.Option(help="In this state.")] = None,
    as_json: Json = False,
) -> None:
    """Newest first, without their messages."""
    with opened() as platform:
        found = platform.tickets.all(account, state=state)
    columns = ("id", "account", "kind", "category", "state", "changed_at", "subject")
    print_views([TicketView.model_validate(ticket) for ticket in found], columns, as_json)


@app.command("show")
def show_ticket(ticket_id: Number, as_json: Json = False) -> None:
    """One with its messages."""
    with opened() as platform:
        _print(platform.tickets.get(ticket_id), as_json)


@app.command("open")
def open_ticket(
    account: AccountName,
    subject: str,
    text: str,
    kind: TicketKind = TicketKind.TICKET,
    category: TicketCategory = TicketCategory.IMAGE_EFFECTS,
    as_json: Json = False,
) -> None:
    """File one for an account."""
    with (
        opened() as platform,
        recorded(platform, "ticket.open", account=account, kind=kind.value) as note,
    ):
        made = platform.tickets.open(
            account, subject, text, kind=kind, category=category, author=actor()
        )
        note.target = str(made.id)
    _print(made, as_json)


@app.command("reply")
def reply(ticket_id: Number, text: str, as_json: Json = False) -> None:
    """Answer as the administrator."""
    with opened() as platform:
        account = platform.tickets.get(ticket_id).account
        with recorded(platform, "ticket.reply", account=account, target=ticket_id):
            made = platform.tickets.reply(ticket_id, text, author=actor(), from_admin=True)
    _print(made, as_json)


@app.command("close")
def close(ticket_id: Number, as_json: Json = False) -> None:
    """Nothing more to do."""
    with opened() as platform:
        account = platform.tickets.get(ticket_id).account
        with recorded(platform, "ticket.close", account=account, target=ticket_id):
            made = platform.tickets.close(ticket_id)
    _print(made, as_json)


def _print(ticket: Ticket, as_json: bool) -> None:
    if as_json:
        print_json(TicketView.model_validate(ticket).model_dump(mode="json"))
        return
    typer.echo(f"#{ticket.id} {ticket.subject}  ({ticket.account}, {ticket.state.value})")
    for message in ticket.messages:
        typer.echo(f"\n{message.at:%Y-%m-%d %H:%M} {message.author}\n{message.text}")
