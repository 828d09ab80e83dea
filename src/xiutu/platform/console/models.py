"""What the services of the console give: plain frozen values. Moments are UTC."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class User:
    """``account`` None: an administrator, for every account."""

    id: int
    name: str
    account_id: int | None
    account: str | None
    created_at: datetime
    changed_at: datetime
    disabled_at: datetime | None

    @property
    def admin(self) -> bool:
        return self.account_id is None

    @property
    def actor(self) -> str:
        """How ledgers and records name who did it."""
        return f"user {self.name}"[:64]


@dataclass(frozen=True)
class Session:
    """``account`` is the one being looked at; ``form_token`` must come with every change."""

    id: int
    user: User
    account: str
    form_token: str = field(repr=False)
    seen_at: datetime


@dataclass(frozen=True)
class SignedIn:
    """The only time that ``secret``, the cookie's text, can be read."""

    session: Session
    secret: str = field(repr=False)
