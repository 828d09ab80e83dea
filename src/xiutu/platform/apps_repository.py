"""SQL of ``apps``. Every read brings the account along, because every use of an app needs it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from xiutu.platform.models import Account, AccountKind, App, Plan
from xiutu.platform.tables import accounts, apps

_JOINED = select(
    apps,
    accounts.c.name.label("account_name"),
    accounts.c.kind.label("account_kind"),
    accounts.c.plan.label("account_plan"),
    accounts.c.created_at.label("account_created_at"),
).join_from(apps, accounts)
# Built once: these two run for every call that is authenticated.
_BY_ID = _JOINED.where(apps.c.app_id == bindparam("wanted"))
_BY_API_KEY = _JOINED.where(apps.c.api_key == bindparam("wanted"))


class StoredApp(NamedTuple):
    app: App
    sealed_secret: str


class AppRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, app: App, sealed_secret: str) -> None:
        """Raises ``sqlalchemy.exc.IntegrityError`` when the account has such a name already."""
        self._connection.execute(
            insert(apps).values(
                app_id=app.app_id,
                account_id=app.account.id,
                name=app.name,
                description=app.description,
                operators=stored_operators(app.operators),
                api_key=app.api_key,
                sealed_secret=sealed_secret,
                key_generation=app.key_generation,
                created_at=app.created_at,
                updated_at=app.updated_at,
            )
        )

    def by_id(self, app_id: str) -> StoredApp | None:
        """Deleted ones too."""
        return _stored(self._connection.execute(_BY_ID, {"wanted": app_id}).first())

    def by_api_key(self, api_key: str) -> StoredApp | None:
        """Deleted ones too."""
        return _stored(self._connection.execute(_BY_API_KEY, {"wanted": api_key}).first())

    def living(self, account: str | None = None, name: str | None = None) -> Sequence[App]:
        """Apps that are not deleted, oldest first; of one account and of one name if given."""
        query = _JOINED.where(apps.c.deleted_at.is_(None))
        if account is not None:
            query = query.where(accounts.c.name == account)
        if name is not None:
            query = query.where(apps.c.name == name)
        ordered = query.order_by(apps.c.created_at, apps.c.app_id)
        return [_app(row) for row in self._connection.execute(ordered)]

    def change(self, app_id: str, updated_at: datetime, **values: Any) -> None:
        """Set columns of one app. ``IntegrityError`` as for ``add``."""
        self._connection.execute(
            update(apps).where(apps.c.app_id == app_id).values(updated_at=updated_at, **values)
        )

    def replace_secret(self, app_id: str, sealed_secret: str, updated_at: datetime) -> None:
        """A new secret; the database counts the generation, so that no rotation gets lost."""
        self.change(
            app_id,
            updated_at,
            sealed_secret=sealed_secret,
            key_generation=apps.c.key_generation + 1,
        )


def stored_operators(operators: frozenset[str] | None) -> list[str] | None:
    return None if operators is None else sorted(operators)


def _stored(row: Row[Any] | None) -> StoredApp | None:
    return None if row is None else StoredApp(_app(row), row.sealed_secret)


def _app(row: Row[Any]) -> App:
    account = Account(
        row.account_id,
        row.account_name,
        AccountKind(row.account_kind),
        Plan(row.account_plan),
        row.account_created_at,
    )
    return App(
        app_id=row.app_id,
        account=account,
        name=row.name,
        description=row.description,
        operators=None if row.operators is None else frozenset(row.operators),
        api_key=row.api_key,
        key_generation=row.key_generation,
        created_at=row.created_at,
        updated_at=row.updated_at,
        disabled_at=row.disabled_at,
        deleted_at=row.deleted_at,
    )
