"""Tickets and cooperation requests: an account asks, the administrator answers, either closes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from xiutu.errors import InvalidParameter, TicketNotFound
from xiutu.platform.accounts import Accounts
from xiutu.platform.clock import Clock
from xiutu.platform.management.models import (
    Ticket,
    TicketCategory,
    TicketKind,
    TicketMessage,
    TicketState,
)
from xiutu.platform.management.tables import ticket_messages, tickets
from xiutu.platform.names import checked_text
from xiutu.platform.tables import accounts
from xiutu.storage import Database

LONGEST_SUBJECT = 200
LONGEST_TEXT = 10_000


class Tickets:
    def __init__(self, database: Database, accounts: Accounts, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    def open(
        self,
        account: str,
        subject: str,
        text: str,
        *,
        kind: TicketKind = TicketKind.TICKET,
        category: TicketCategory = TicketCategory.IMAGE_EFFECTS,
        author: str = "",
    ) -> Ticket:
        """Raises ``AccountNotFound`` or ``InvalidParameter``."""
        subject = checked_text(subject, LONGEST_SUBJECT)
        if not subject or len(subject.splitlines()) != 1:
            raise InvalidParameter("a subject is one line")
        now = self._clock()
        with self._database.transaction() as connection:
            values = {
                "account_id": self._accounts.get(account).id,
                "kind": kind.value,
                "category": category.value,
                "subject": subject,
                "state": TicketState.OPEN.value,
                "opened_at": now,
                "changed_at": now,
            }
            made = connection.execute(insert(tickets).values(values)).inserted_primary_key
            assert made is not None
            _add_message(connection, made[0], now, author, text)
            return self.get(made[0])

    def reply(self, ticket_id: int, text: str, *, author: str = "", from_admin: bool) -> Ticket:
        """A further message; it also opens a closed ticket again.

        Raises ``TicketNotFound`` or ``InvalidParameter``.
        """
        state = TicketState.ANSWERED if from_admin else TicketState.OPEN
        with self._database.transaction() as connection:
            self.get(ticket_id)
            now = self._clock()
            _add_message(connection, ticket_id, now, author, text)
            _set_state(connection, ticket_id, state, now)
            return self.get(ticket_id)

    def close(self, ticket_id: int) -> Ticket:
        """Raises ``TicketNotFound``."""
        with self._database.transaction() as connection:
            self.get(ticket_id)
            _set_state(connection, ticket_id, TicketState.CLOSED, self._clock())
            return self.get(ticket_id)

    def get(self, ticket_id: int, *, account: str | None = None) -> Ticket:
        """With its messages. ``TicketNotFound``, also when it is not of ``account``."""
        with self._database.reading() as connection:
            row = connection.execute(_JOINED.where(tickets.c.id == ticket_id)).first()
            if row is None or (account is not None and row.account != account):
                raise TicketNotFound(f"no ticket {ticket_id}")
            return _ticket(row, _messages(connection, ticket_id))

    def all(
        self, account: str | None = None, *, state: TicketState | None = None
    ) -> tuple[Ticket, ...]:
        """Without their messages, newest first. Raises ``AccountNotFound``."""
        query = _JOINED.order_by(tickets.c.id.desc())
        if state is not None:
            query = query.where(tickets.c.state == state.value)
        with self._database.reading() as connection:
            if account is not None:
                query = query.where(tickets.c.account_id == self._accounts.get(account).id)
            return tuple(_ticket(row) for row in connection.execute(query))


_JOINED = select(tickets, accounts.c.name.label("account")).join_from(tickets, accounts)


def _add_message(
    connection: Connection, ticket_id: int, at: datetime, author: str, text: str
) -> None:
    text = checked_text(text, LONGEST_TEXT)
    if not text:
        raise InvalidParameter("a message has a text")
    values = {"ticket_id": ticket_id, "at": at, "author": author[:64], "text": text}
    connection.execute(insert(ticket_messages).values(values))


def _set_state(connection: Connection, ticket_id: int, state: TicketState, at: datetime) -> None:
    query = update(tickets).where(tickets.c.id == ticket_id)
    connection.execute(query.values(state=state.value, changed_at=at))


def _messages(connection: Connection, ticket_id: int) -> Sequence[TicketMessage]:
    query = select(ticket_messages).where(ticket_messages.c.ticket_id == ticket_id)
    rows = connection.execute(query.order_by(ticket_messages.c.id))
    return [TicketMessage(row.id, row.at, row.author, row.text) for row in rows]


def _ticket(row: Row[Any], messages: Sequence[TicketMessage] = ()) -> Ticket:
    return Ticket(
        id=row.id,
        account=row.account,
        kind=TicketKind(row.kind),
        category=TicketCategory(row.category),
        subject=row.subject,
        state=TicketState(row.state),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        messages=tuple(messages),
    )
