"""What the services of management give: plain frozen values. Moments are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class ApiToken:
    """``account`` None: an administrator's, for every account. The secret is not kept anywhere."""

    id: int
    name: str
    account_id: int | None
    account: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def admin(self) -> bool:
        return self.account_id is None

    @property
    def actor(self) -> str:
        """How ledgers and records name who used it."""
        return f"token {self.id} {self.name}"[:64]

    def valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class IssuedToken:
    """The only time that ``secret`` can be read."""

    token: ApiToken
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Action:
    """``action`` is ``thing.verb`` (``wallet.topup``); ``target`` what of it, such as an app id."""

    id: int
    at: datetime
    actor: str
    action: str
    account: str | None
    target: str
    details: dict[str, Any]


class TicketKind(StrEnum):
    """``COOPERATION``: larger packs, higher limits, an operator at the invitation stage."""

    TICKET = "ticket"
    COOPERATION = "cooperation"


class TicketCategory(StrEnum):
    """The categories that the vendor's pages name (图像增强与特效, 人工智能服务)."""

    IMAGE_EFFECTS = "image_effects"
    AI_SERVICES = "ai_services"


class TicketState(StrEnum):
    """``ANSWERED``: it is the account's turn; ``OPEN``: the administrator's."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True)
class TicketMessage:
    id: int
    at: datetime
    author: str
    text: str


@dataclass(frozen=True)
class Ticket:
    """``messages`` in the order they were written; lists of tickets leave them out."""

    id: int
    account: str
    kind: TicketKind
    category: TicketCategory
    subject: str
    state: TicketState
    opened_at: datetime
    changed_at: datetime
    messages: tuple[TicketMessage, ...] = ()
