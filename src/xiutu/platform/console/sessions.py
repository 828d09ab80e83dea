"""Sessions of the console: kept by the server, ended by signing out, idleness or age."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from xiutu.platform.accounts import Accounts
from xiutu.platform.clock import Clock
from xiutu.platform.console.models import Session, SignedIn, User
from xiutu.platform.console.tables import console_sessions, console_users
from xiutu.platform.console.users import Users
from xiutu.platform.tables import accounts
from xiutu.storage import Database

__all__ = ["Sessions"]

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
_NOTED = timedelta(minutes=5)
"""How exact ``seen_at`` is: a write for each page would be too many."""


class Sessions:
    def __init__(self, database: Database, accounts: Accounts, users: Users, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._users = users
        self._clock = clock

    def begin(self, user: User) -> SignedIn:
        """A new session. An administrator begins at the oldest account."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._database.transaction() as connection:
            connection.execute(delete(console_sessions).where(_over(now)))
            account_id = user.account_id
            if account_id is None:
                account_id = self._first_account()
            values = {
                "digest": _digest(secret),
                "user_id": user.id,
                "account_id": account_id,
                "form_token": secrets.token_urlsafe(24),
                "created_at": now,
                "seen_at": now,
            }
            connection.execute(insert(console_sessions).values(values))
            session = self.find(secret)
            assert session is not None
            return SignedIn(session, secret)

    def _first_account(self) -> int:
        """The oldest; an installation without any gets ``default``."""
        found = self._accounts.all()
        return (found[0] if found else self._accounts.ensure_default()).id

    def find(self, secret: str) -> Session | None:
        """The session of a cookie, unless it is over or its user was disabled."""
        now = self._clock()
        query = (
            select(console_sessions, accounts.c.name.label("account"))
            .join_from(console_sessions, accounts)
            .join(console_users, console_users.c.id == console_sessions.c.user_id)
            .where(console_sessions.c.digest == _digest(secret))
            .where(console_users.c.disabled_at.is_(None), ~_over(now))
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            user = self._users.get(row.user_id)
        if now - row.seen_at > _NOTED:
            with self._database.transaction(durable=False) as connection:
                mine = console_sessions.c.id == row.id
                connection.execute(update(console_sessions).where(mine).values(seen_at=now))
        return Session(row.id, user, row.account, row.form_token, row.seen_at)

    def look_at(self, session: Session, account: str) -> None:
        """An administrator turns to another account. Raises ``AccountNotFound``."""
        with self._database.transaction() as connection:
            account_id = self._accounts.get(account).id
            mine = console_sessions.c.id == session.id
            connection.execute(update(console_sessions).where(mine).values(account_id=account_id))

    def end(self, session: Session) -> None:
        """Sign out."""
        with self._database.transaction() as connection:
            connection.execute(delete(console_sessions).where(console_sessions.c.id == session.id))


def _digest(secret: str) -> str:
    # 256 random bits cannot be guessed, so a plain hash, looked up by index, is enough.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _over(now: datetime) -> ColumnElement[bool]:
    return or_(
        console_sessions.c.seen_at <= now - IDLE, console_sessions.c.created_at <= now - LONGEST
    )
