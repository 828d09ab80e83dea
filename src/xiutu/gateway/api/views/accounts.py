"""Accounts, applications, tokens."""

from datetime import datetime
from typing import Any

from pydantic import Field, computed_field

from xiutu.gateway.api.views.base import View
from xiutu.platform.models import AccountKind, App, Credentials, Plan, UsageCount


class AccountView(View):
    """An account: who owns applications, and on which plan."""

    id: int
    name: str
    kind: AccountKind
    plan: Plan
    created_at: datetime


class AppView(View):
    """An application. ``operators`` null: every operator, also those of later versions."""

    app_id: str
    account: str
    name: str
    description: str
    operators: list[str] | None
    api_key: str
    enabled: bool
    created_at: datetime
    updated_at: datetime


class AppKeysView(AppView):
    """With the Secret Key."""

    secret_key: str


class CallsView(View):
    """Calls of an application to an operator."""

    operator: str
    succeeded: int
    failed: int


class AppDetailView(AppKeysView):
    """With the Secret Key and how often it called."""

    usage: list[CallsView]


class TokenView(View):
    """A token of this API; ``account`` null: an administrator's."""

    id: int
    name: str
    account: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None

    @computed_field
    def role(self) -> str:
        """``admin`` or ``account``."""
        return "admin" if self.account is None else "account"


class IssuedTokenView(TokenView):
    """The only time that the token itself is shown."""

    token: str = Field(description="Send it as `Authorization: Bearer ...`; it is not kept.")


def app_fields(app: App) -> dict[str, Any]:
    """The fields of ``AppView``."""
    return {
        "app_id": app.app_id,
        "account": app.account.name,
        "name": app.name,
        "description": app.description,
        "operators": None if app.operators is None else sorted(app.operators),
        "api_key": app.api_key,
        "enabled": app.active,
        "created_at": app.created_at,
        "updated_at": app.updated_at,
    }


def app_view(app: App) -> AppView:
    return AppView(**app_fields(app))


def keys_view(keys: Credentials) -> AppKeysView:
    return AppKeysView(**app_fields(keys.app), secret_key=keys.secret_key)


def detail_view(keys: Credentials, counts: tuple[UsageCount, ...]) -> AppDetailView:
    usage = [CallsView.model_validate(count) for count in counts]
    return AppDetailView(**app_fields(keys.app), secret_key=keys.secret_key, usage=usage)
