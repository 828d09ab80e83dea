"""What the platform's services give and take: plain frozen values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from xiutu.errors import AppDeleted


class AccountKind(StrEnum):
    """Real-name verification of the account's owner; decides the size of the free quota.

    An unverified account has none; it can still be paid for.
    """

    UNVERIFIED = "unverified"
    PERSONAL = "personal"
    ENTERPRISE = "enterprise"


class Plan(StrEnum):
    """``unlimited``: no quota, no rate limit, no bill. ``metered``: as the vendor does it."""

    UNLIMITED = "unlimited"
    METERED = "metered"


@dataclass(frozen=True)
class Account:
    """``id`` is the account number printed in tokens."""

    id: int
    name: str
    kind: AccountKind
    plan: Plan
    created_at: datetime


@dataclass(frozen=True)
class App:
    """A calling subject. ``operators`` None means every operator, also those added later."""

    app_id: str
    account: Account
    name: str
    description: str
    operators: frozenset[str] | None
    api_key: str
    key_generation: int
    created_at: datetime
    updated_at: datetime
    disabled_at: datetime | None
    deleted_at: datetime | None

    @property
    def deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def active(self) -> bool:
        return self.deleted_at is None and self.disabled_at is None


@dataclass(frozen=True)
class Principal:
    """Who is calling, once the credentials have been found genuine and the app alive."""

    account_id: int
    account_name: str
    plan: Plan
    app_id: str
    app_name: str
    operators: frozenset[str] | None

    @classmethod
    def of(cls, app: App) -> "Principal":
        """Raises ``AppDeleted`` when the app was deleted or disabled."""
        if not app.active:
            raise AppDeleted
        account = app.account
        return cls(account.id, account.name, account.plan, app.app_id, app.name, app.operators)

    def allows(self, operator: str) -> bool:
        return self.operators is None or operator in self.operators


@dataclass(frozen=True)
class Credentials:
    """An app and its one key pair: API Key / Secret Key, BCE access key, Tencent SecretId / Key."""

    app: App
    secret_key: str = field(repr=False)

    @property
    def api_key(self) -> str:
        return self.app.api_key

    def principal(self) -> Principal:
        """To be asked once the signature is found genuine; ``AppDeleted`` for a dead app."""
        return Principal.of(self.app)


@dataclass(frozen=True)
class UsageEntry:
    """One finished call. ``code`` 0 is success, anything else the vendor's error code.

    ``at`` is when the answer was ready, times are milliseconds, ``pixels`` those of the input
    picture, ``bytes_in``/``bytes_out`` the sizes of request body and answer. ``api`` is whose
    interface was called (``baidu``, ``tencent``, ``console``) and ``api_version`` which version of
    it; ``credential`` is how the caller proved itself (``token``, ``signature``).
    """

    log_id: int
    account_id: int
    app_id: str
    operator: str
    at: datetime
    code: int = 0
    latency_ms: int = 0
    queue_ms: int = 0
    pixels: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    api: str = "baidu"
    api_version: str = "v1"
    credential: str = "token"


@dataclass(frozen=True)
class UsageCount:
    """Calls of one app to one operator."""

    app_id: str
    operator: str
    succeeded: int
    failed: int


@dataclass(frozen=True)
class UsageHour:
    """Calls of one app to one operator in the hour that begins at ``hour``.

    ``failures`` counts by code; ``latency_ms`` has the 50th, 95th and 99th percentile by number.
    """

    app_id: str
    operator: str
    hour: datetime
    calls: int
    succeeded: int
    failures: dict[int, int]
    latency_ms: dict[int, int]
    megapixels: float
    bytes_in: int
    bytes_out: int
