"""Apps: one key pair each, the operators it may call, its life from creation to deletion."""

import re
import secrets
import string
from collections.abc import Iterable
from enum import Enum
from typing import Any, Final, Literal

from sqlalchemy.exc import IntegrityError

from xiutu.contract.services import tickable_ids
from xiutu.errors import AppNotFound, InvalidParameter, NameTaken
from xiutu.platform.accounts import DEFAULT_ACCOUNT, Accounts
from xiutu.platform.apps_repository import AppRepository, StoredApp, stored_operators
from xiutu.platform.clock import Clock
from xiutu.platform.keyring import Keyring
from xiutu.platform.models import App, Credentials
from xiutu.platform.names import checked_description, checked_name, is_possible
from xiutu.storage import Database

_ALPHABET = string.ascii_letters + string.digits
_API_KEY_LENGTH = 24
_SECRET_KEY_LENGTH = 32
_API_KEY = re.compile(f"[A-Za-z0-9]{{{_API_KEY_LENGTH}}}")


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP
"""Says "leave as it is" where ``None`` has a meaning of its own."""


class Apps:
    def __init__(
        self, database: Database, accounts: Accounts, keyring: Keyring, clock: Clock
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._keyring = keyring
        self._clock = clock

    def create(
        self,
        name: str,
        *,
        account: str = DEFAULT_ACCOUNT,
        operators: Iterable[str] | None = None,
        description: str = "",
    ) -> Credentials:
        """A new app with fresh keys. ``operators`` None ticks every operator, also future ones.

        Raises ``AccountNotFound``, ``NameTaken`` (within the account) or ``InvalidParameter``.
        """
        name, description = checked_name(name), checked_description(description)
        ticked, secret_key = _checked_operators(operators), _random(_SECRET_KEY_LENGTH)
        with self._database.transaction() as connection:
            owner = self._accounts.get(account)
            repository, now = AppRepository(connection), self._clock()
            app = App(
                app_id=_free_app_id(repository),
                account=owner,
                name=name,
                description=description,
                operators=ticked,
                api_key=_random(_API_KEY_LENGTH),
                key_generation=1,
                created_at=now,
                updated_at=now,
                disabled_at=None,
                deleted_at=None,
            )
            try:
                repository.add(app, self._keyring.seal(secret_key, app.app_id))
            except IntegrityError as error:
                raise _taken(name, account) from error
        return Credentials(app, secret_key)

    def all(self, account: str | None = None) -> tuple[App, ...]:
        """Apps that are not deleted, oldest first. Raises ``AccountNotFound``."""
        with self._database.reading() as connection:
            if account is not None:
                self._accounts.get(account)
            return tuple(AppRepository(connection).living(account))

    def get(self, app_id: str) -> App:
        """Raises ``AppNotFound``, also when it was deleted."""
        return self._living(app_id).app

    def find(self, name_or_id: str, account: str | None = None) -> App:
        """By app id, else by name. ``AppNotFound`` also when several accounts have the name."""
        if not is_possible(name_or_id):
            raise AppNotFound(f"no app {name_or_id!r}")
        with self._database.reading() as connection:
            repository = AppRepository(connection)
            stored = repository.by_id(name_or_id)
            if stored and not stored.app.deleted and account in (None, stored.app.account.name):
                return stored.app
            named = repository.living(account, name_or_id)
        if len(named) > 1:
            owners = ", ".join(app.account.name for app in named)
            raise AppNotFound(
                f"{name_or_id!r} is an app of several accounts ({owners}): give its app id"
            )
        if not named:
            raise AppNotFound(f"no app {name_or_id!r}")
        return named[0]

    def keys(self, app_id: str) -> Credentials:
        """The app with its secret, to be shown to its owner. Raises ``AppNotFound``."""
        return self._opened(self._living(app_id))

    def credentials(self, api_key: str) -> Credentials | None:
        """For checking a signature: who has this API Key? Deleted and disabled apps are found too.

        ``Credentials.principal()`` refuses those once the signature has proved genuine.
        """
        if _API_KEY.fullmatch(api_key) is None:  # from outside: may hold what no database stores
            return None
        with self._database.reading() as connection:
            stored = AppRepository(connection).by_api_key(api_key)
        return None if stored is None else self._opened(stored)

    def update(
        self,
        app_id: str,
        *,
        name: str | Literal[_Keep.KEEP] = KEEP,
        description: str | Literal[_Keep.KEEP] = KEEP,
        operators: Iterable[str] | Literal[_Keep.KEEP] | None = KEEP,
        enabled: bool | Literal[_Keep.KEEP] = KEEP,
    ) -> App:
        """Change what is given; it counts from the next call on.

        Raises ``AppNotFound``, ``NameTaken`` or ``InvalidParameter``.
        """
        now = self._clock()
        values: dict[str, Any] = {}
        if name is not KEEP:
            values["name"] = checked_name(name)
        if description is not KEEP:
            values["description"] = checked_description(description)
        if operators is not KEEP:
            values["operators"] = stored_operators(_checked_operators(operators))
        if enabled is not KEEP:
            values["disabled_at"] = None if enabled else now
        with self._database.transaction() as connection:
            app = self.get(app_id)
            try:
                AppRepository(connection).change(app_id, now, **values)
            except IntegrityError as error:
                raise _taken(values["name"], app.account.name) from error
            return self.get(app_id)

    def rotate(self, app_id: str) -> Credentials:
        """A new secret for the same API Key; every token issued before is revoked.

        The API Key stays because it only names the app: configuration that refers to it, and what
        the ledger tells about it, remain true. Raises ``AppNotFound``.
        """
        secret_key = _random(_SECRET_KEY_LENGTH)
        with self._database.transaction() as connection:
            self.get(app_id)
            AppRepository(connection).replace_secret(
                app_id, self._keyring.seal(secret_key, app_id), self._clock()
            )
            return Credentials(self.get(app_id), secret_key)

    def delete(self, app_id: str) -> None:
        """For good; its name becomes free, its usage stays. Raises ``AppNotFound``."""
        with self._database.transaction() as connection:
            self.get(app_id)
            now = self._clock()
            AppRepository(connection).change(app_id, now, deleted_at=now)

    def _living(self, app_id: str) -> StoredApp:
        stored = None
        if is_possible(app_id):
            with self._database.reading() as connection:
                stored = AppRepository(connection).by_id(app_id)
        if stored is None or stored.app.deleted:
            raise AppNotFound(f"no app {app_id!r}")
        return stored

    def _opened(self, stored: StoredApp) -> Credentials:
        secret_key = self._keyring.unseal(stored.sealed_secret, stored.app.app_id)
        return Credentials(stored.app, secret_key)


def _checked_operators(operators: Iterable[str] | None) -> frozenset[str] | None:
    if operators is None:
        return None
    ticked = frozenset(operators)
    unknown = ticked.difference(tickable_ids())
    if unknown:
        raise InvalidParameter(
            f"unknown operator {', '.join(sorted(unknown))}; there are {', '.join(tickable_ids())}"
        )
    return ticked


def _free_app_id(repository: AppRepository) -> str:
    # Nine digits at random, not in a row: an app id does not tell how many apps there are.
    while True:
        app_id = str(100_000_000 + secrets.randbelow(900_000_000))
        if repository.by_id(app_id) is None:
            return app_id


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _taken(name: str, account: str) -> NameTaken:
    return NameTaken(f"account {account!r} has an app {name!r} already")
