"""The platform as one object: opens the database, binds the secret key, builds the services."""

from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.exc import IntegrityError

from xiutu.errors import NameTaken
from xiutu.platform.accounts import DEFAULT_ACCOUNT, Accounts
from xiutu.platform.apps import Apps
from xiutu.platform.billing.services import Billing
from xiutu.platform.clock import Clock, system_clock
from xiutu.platform.console.sessions import Sessions
from xiutu.platform.console.users import Users
from xiutu.platform.keyring import Keyring, SecretKeyError
from xiutu.platform.ledger import Ledger
from xiutu.platform.logid import LogIds
from xiutu.platform.management.actions import Actions
from xiutu.platform.management.tickets import Tickets
from xiutu.platform.management.tokens import ApiTokens
from xiutu.platform.models import Credentials
from xiutu.platform.options import Options
from xiutu.platform.state_repository import StateRepository
from xiutu.platform.tokens import Tokens
from xiutu.settings import Settings
from xiutu.storage import Database

DEFAULTS = Options()
DEFAULT_APP = "default"

_KEY_FINGERPRINT = "secret_key_fingerprint"
_DEFAULTS_MADE = "defaults_made"
_LOG_ID_NODE = "log_id_node"


class Platform:
    """Safe to use from several threads. Close it, or use it in a ``with`` block."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        clock: Clock = system_clock,
        options: Options = DEFAULTS,
    ) -> None:
        self._database = database
        self._clock = clock
        self.keyring = keyring
        self.accounts = Accounts(database, clock)
        self.apps = Apps(database, self.accounts, keyring, clock)
        self.tokens = Tokens(database, self.apps, keyring, clock)
        self.billing = Billing(database, self.accounts, clock, options)
        self.ledger = Ledger(database, self.billing.writer)
        self.api_tokens = ApiTokens(database, self.accounts, clock)
        self.actions = Actions(database, self.accounts, clock)
        self.tickets = Tickets(database, self.accounts, clock)
        self.users = Users(database, self.accounts, clock)
        self.sessions = Sessions(database, self.accounts, self.users, clock)

    @classmethod
    def open(
        cls,
        data: Path,
        database_url: str | None = None,
        secret_key_file: Path | None = None,
        clock: Clock = system_clock,
        options: Options = DEFAULTS,
    ) -> Self:
        """Open the installation in folder ``data``, making what is missing.

        ``database_url`` None is the SQLite file ``data/xiutu.db``; ``secret_key_file`` None is
        ``data/secret.key``; ``options`` decide about quota and bills. Raises ``StorageError`` for the
        database, ``SecretKeyError`` when the key is lost or is not the one this database was made
        with.
        """
        database = Database.open(data, database_url)
        try:
            keyring = _bound_keyring(database, secret_key_file or data / "secret.key")
        except BaseException:
            database.close()
            raise
        return cls(database, keyring, clock, options)

    @classmethod
    def of(cls, settings: Settings, clock: Clock = system_clock) -> Self:
        """The installation these settings describe. Raises as ``open``."""
        return cls.open(
            settings.data,
            settings.database_url,
            settings.secret_key_file,
            clock,
            Options.of(settings),
        )

    @property
    def clock(self) -> Clock:
        """The time this installation goes by."""
        return self._clock

    @cached_property
    def log_ids(self) -> LogIds:
        """Numbers for calls; the first use takes a node number from the database."""
        with self._database.transaction() as connection:
            node = StateRepository(connection).next_number(_LOG_ID_NODE)
        return LogIds(node, self._clock)

    def ensure_defaults(self) -> Credentials | None:
        """On the first start of an installation: account and app ``default``, with all operators.

        Gives the keys when it made the app. Never again makes what was deleted or renamed since.
        """
        with self._database.reading() as connection:
            if StateRepository(connection).get(_DEFAULTS_MADE):
                return None
        self.accounts.ensure_default()
        try:
            with self._database.transaction() as connection:
                StateRepository(connection).add(_DEFAULTS_MADE, self._clock().isoformat())
                return self.apps.create(DEFAULT_APP, account=DEFAULT_ACCOUNT)
        except IntegrityError:  # another process was quicker
            return None
        except NameTaken:  # the command line made an app of this name before the first start
            with self._database.transaction() as connection:
                StateRepository(connection).add(_DEFAULTS_MADE, self._clock().isoformat())
            return None

    def ping(self) -> None:
        """For readiness probes. Raises ``StorageUnavailable`` when the database does not answer."""
        self._database.ping()

    def close(self) -> None:
        """Write what the ledger still holds, then let the database go."""
        self.billing.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _bound_keyring(database: Database, path: Path) -> Keyring:
    """The secret key, checked against the one the database was first opened with.

    A second key must never be used with one database: half of the apps' secrets would not open.
    """
    with database.reading() as connection:
        bound = StateRepository(connection).get(_KEY_FINGERPRINT)
    if bound is not None and not path.exists():
        raise SecretKeyError(
            f"the secret key file {path} is lost, and without it the apps' secrets in the database "
            "cannot be read: restore it, or let SECRET_KEY_FILE name the right one"
        )
    keyring = Keyring.read_or_create(path)
    if bound is None:
        bound = _bind(database, keyring.fingerprint())
    if bound != keyring.fingerprint():
        raise SecretKeyError(
            f"{path} is not the secret key this database was made with: restore the right one, "
            "or let SECRET_KEY_FILE name it"
        )
    return keyring


def _bind(database: Database, fingerprint: str) -> str:
    try:
        with database.transaction() as connection:
            StateRepository(connection).add(_KEY_FINGERPRINT, fingerprint)
        return fingerprint
    except IntegrityError:  # another process was quicker
        with database.reading() as connection:
            return StateRepository(connection).get(_KEY_FINGERPRINT) or ""
