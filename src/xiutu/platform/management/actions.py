"""The record of administrative actions: who did what, when, to which account. Append-only.

The record is written in the transaction of the action itself: neither is there without the other::

    with platform.actions.recording(actor, "wallet.topup", account="acme", amount="100"):
        platform.billing.wallets.topup("acme", "100", actor=actor)
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from xiutu.platform.accounts import Accounts
from xiutu.platform.clock import Clock
from xiutu.platform.management.models import Action
from xiutu.platform.management.tables import actions
from xiutu.platform.tables import accounts
from xiutu.storage import Database


@dataclass
class Note:
    """What will be written; the action may fill in what it knows only afterwards."""

    target: str = ""
    details: dict[str, Any] = field(default_factory=dict)


class Actions:
    def __init__(self, database: Database, accounts: Accounts, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    @contextmanager
    def recording(
        self,
        actor: str,
        action: str,
        *,
        account: str | None = None,
        target: object = "",
        **details: Any,
    ) -> Iterator[Note]:
        """Do the action in this block: it and its record are stored together, or neither is.

        ``details`` must be values of JSON, and no secrets. An action that raises leaves no record.
        """
        with self._database.transaction() as connection:
            note = Note(str(target), details)
            yield note
            owner = None if account is None else self._accounts.get(account).id
            connection.execute(
                insert(actions).values(
                    at=self._clock(),
                    actor=actor[:64],
                    action=action,
                    account_id=owner,
                    target=note.target[:64],
                    details=note.details,
                )
            )

    def list(
        self, *, account: str | None = None, before_id: int | None = None, limit: int = 100
    ) -> tuple[Action, ...]:
        """Newest first; ``before_id`` continues after the last of a page. ``AccountNotFound``."""
        with self._database.reading() as connection:
            owner = None if account is None else self._accounts.get(account).id
            return tuple(_select(connection, owner, before_id, limit))


def _select(
    connection: Connection, owner: int | None, before_id: int | None, limit: int
) -> Sequence[Action]:
    query = select(actions, accounts.c.name.label("account")).outerjoin_from(actions, accounts)
    if owner is not None:
        query = query.where(actions.c.account_id == owner)
    if before_id is not None:
        query = query.where(actions.c.id < before_id)
    rows = connection.execute(query.order_by(actions.c.id.desc()).limit(limit))
    return [
        Action(row.id, row.at, row.actor, row.action, row.account, row.target, row.details)
        for row in rows
    ]
