"""SQL of ``accounts``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from xiutu.platform.models import Account, AccountKind, Plan
from xiutu.platform.tables import accounts


class AccountRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, kind: AccountKind, plan: Plan, created_at: datetime) -> Account:
        """Raises ``sqlalchemy.exc.IntegrityError`` when the name is taken."""
        values = {"name": name, "kind": kind.value, "plan": plan.value, "created_at": created_at}
        result = self._connection.execute(insert(accounts).values(values))
        number = result.inserted_primary_key
        assert number is not None
        return Account(number[0], name, kind, plan, created_at)

    def by_name(self, name: str) -> Account | None:
        row = self._connection.execute(select(accounts).where(accounts.c.name == name)).first()
        return account_of(row) if row else None

    def by_id(self, account_id: int) -> Account:
        """Raises ``sqlalchemy.exc.NoResultFound``: whoever has an account's number has got it here."""
        query = select(accounts).where(accounts.c.id == account_id)
        return account_of(self._connection.execute(query).one())

    def find(self, account_id: int) -> Account | None:
        query = select(accounts).where(accounts.c.id == account_id)
        row = self._connection.execute(query).first()
        return account_of(row) if row else None

    def change(self, account_id: int, **values: Any) -> None:
        """Set columns of one account."""
        query = update(accounts).where(accounts.c.id == account_id)
        self._connection.execute(query.values(**values))

    def all(self) -> Sequence[Account]:
        rows = self._connection.execute(select(accounts).order_by(accounts.c.id))
        return [account_of(row) for row in rows]


def account_of(row: Row[Any]) -> Account:
    return Account(row.id, row.name, AccountKind(row.kind), Plan(row.plan), row.created_at)
