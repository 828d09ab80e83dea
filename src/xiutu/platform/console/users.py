"""Users of the console: administrators, and owners of one account each."""

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from xiutu.errors import NameTaken, UserNotFound
from xiutu.platform.accounts import Accounts
from xiutu.platform.clock import Clock
from xiutu.platform.console import passwords
from xiutu.platform.console.models import User
from xiutu.platform.console.tables import console_sessions, console_users
from xiutu.platform.names import checked_name, is_possible
from xiutu.platform.tables import accounts
from xiutu.storage import Database

__all__ = ["ADMIN", "Users"]

ADMIN = "admin"
"""Name of the administrator made on the first start."""

_JOINED = select(console_users, accounts.c.name.label("account")).outerjoin_from(
    console_users, accounts
)


class Users:
    def __init__(self, database: Database, accounts: Accounts, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    def ensure_admin(self, password: str | None = None) -> str | None:
        """Make the administrator where no user exists; gives the password that was made for it.

        A ``password`` (setting ADMIN_PASSWORD) is that of the administrator at every start, which is
        also the way back in when the password was lost. Raises ``InvalidParameter``.
        """
        if password is not None:
            self._set_admin(passwords.checked(password))
            return None
        with self._database.reading() as connection:
            if connection.execute(select(func.count()).select_from(console_users)).scalar():
                return None
        made = passwords.fresh()
        try:
            self.create(ADMIN, made)
        except NameTaken:  # another process was quicker
            return None
        return made

    def _set_admin(self, password: str) -> None:
        with self._database.reading() as connection:
            row = _by_name(connection, ADMIN)
        if row is None:
            self.create(ADMIN, password)
        elif not passwords.check(row.password, password) or row.disabled_at is not None:
            self.set_password(row.id, password)
            self.enable(row.id, True)

    def create(self, name: str, password: str, *, account: str | None = None) -> User:
        """``account`` None makes an administrator.

        Raises ``NameTaken``, ``AccountNotFound`` or ``InvalidParameter``.
        """
        name, stored, now = (
            checked_name(name),
            passwords.hashed(passwords.checked(password)),
            self._clock(),
        )
        with self._database.transaction() as connection:
            owner = None if account is None else self._accounts.get(account).id
            values = {
                "account_id": owner,
                "name": name,
                "password": stored,
                "created_at": now,
                "changed_at": now,
            }
            try:
                connection.execute(insert(console_users).values(values))
            except IntegrityError as error:
                raise NameTaken(f"there is a user {name!r} already") from error
            row = _by_name(connection, name)
            assert row is not None
            return user_of(row)

    def verify(self, name: str, password: str) -> User | None:
        """The user, if the password is theirs and they may sign in."""
        row = None
        if is_possible(name):
            with self._database.reading() as connection:
                row = _by_name(connection, name)
        if not passwords.check(None if row is None else row.password, password) or row is None:
            return None
        return None if row.disabled_at is not None else user_of(row)

    def get(self, user_id: int) -> User:
        """Raises ``UserNotFound``."""
        with self._database.reading() as connection:
            row = connection.execute(_JOINED.where(console_users.c.id == user_id)).first()
        if row is None:
            raise UserNotFound(f"no user {user_id}")
        return user_of(row)

    def all(self, account: str | None = None) -> tuple[User, ...]:
        """By name; of one account, or everybody."""
        query = _JOINED.order_by(console_users.c.name)
        if account is not None:
            query = query.where(accounts.c.name == account)
        with self._database.reading() as connection:
            return tuple(user_of(row) for row in connection.execute(query))

    def set_password(self, user_id: int, password: str, *, keep: int | None = None) -> None:
        """Every session of the user ends, but the one with number ``keep``.

        Raises ``UserNotFound`` or ``InvalidParameter``.
        """
        stored = passwords.hashed(passwords.checked(password))
        with self._database.transaction() as connection:
            self.get(user_id)
            values = {"password": stored, "changed_at": self._clock()}
            _change(connection, user_id, **values)
            _end_sessions(connection, user_id, keep)

    def enable(self, user_id: int, enabled: bool) -> None:
        """A disabled user cannot sign in, and is signed out. Raises ``UserNotFound``."""
        with self._database.transaction() as connection:
            self.get(user_id)
            _change(connection, user_id, disabled_at=None if enabled else self._clock())
            if not enabled:
                _end_sessions(connection, user_id, None)


def user_of(row: Row[Any]) -> User:
    """From a row of users joined with ``account``, the account's name."""
    return User(
        id=row.id,
        name=row.name,
        account_id=row.account_id,
        account=row.account,
        created_at=row.created_at,
        changed_at=row.changed_at,
        disabled_at=row.disabled_at,
    )


def _by_name(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(_JOINED.where(console_users.c.name == name)).first()


def _change(connection: Connection, user_id: int, **values: object) -> None:
    connection.execute(update(console_users).where(console_users.c.id == user_id).values(values))


def _end_sessions(connection: Connection, user_id: int, keep: int | None) -> None:
    query = delete(console_sessions).where(console_sessions.c.user_id == user_id)
    if keep is not None:
        query = query.where(console_sessions.c.id != keep)
    connection.execute(query)
