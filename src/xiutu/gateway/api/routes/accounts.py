"""Accounts: who owns applications, on which plan, verified as what (R-001 to R-004)."""

from typing import Any

from fastapi import APIRouter

from xiutu.gateway.api.access import Admin, Anyone, Managed, Own, PlatformOf
from xiutu.gateway.api.inputs import Input, Name
from xiutu.gateway.api.paging import Paging, cut
from xiutu.gateway.api.views.accounts import AccountView
from xiutu.gateway.api.views.base import Page
from xiutu.platform.models import AccountKind, Plan

router = APIRouter(tags=["accounts"])


class NewAccount(Input):
    """`unverified` has no free quota."""

    name: Name
    kind: AccountKind = AccountKind.ENTERPRISE
    plan: Plan = Plan.UNLIMITED


class AccountChange(Input):
    """What is left out stays. A change of `kind` grants the difference of free quota once."""

    kind: AccountKind | None = None
    plan: Plan | None = None


@router.get("/accounts")
def list_accounts(caller: Anyone, platform: PlatformOf, paging: Paging) -> Page[AccountView]:
    """Every account, oldest first; an account's token sees its own only."""
    found = platform.accounts.all()
    if not caller.admin:
        found = tuple(account for account in found if account.id == caller.account_id)
    return cut(found, paging, lambda account: account.id, AccountView)


@router.post("/accounts", status_code=201)
def create_account(body: NewAccount, caller: Admin, platform: PlatformOf) -> AccountView:
    """Make an account."""
    details = {"kind": body.kind.value, "plan": body.plan.value}
    name = body.name.strip()
    with platform.actions.recording(caller.actor, "account.create", account=name, **details):
        made = platform.accounts.create(name, body.kind, body.plan)
    return AccountView.model_validate(made)


@router.get("/accounts/{account}")
def show_account(account: Own) -> AccountView:
    """One account."""
    return AccountView.model_validate(account)


@router.patch("/accounts/{account}")
def change_account(
    body: AccountChange, account: Managed, caller: Admin, platform: PlatformOf
) -> AccountView:
    """Verify it as personal or enterprise, or change its plan; counts from the next call on."""
    details: dict[str, Any] = body.model_dump(mode="json", exclude_none=True)
    with platform.actions.recording(
        caller.actor, "account.change", account=account.name, **details
    ):
        if body.kind is not None:
            platform.billing.grants.verify(account.name, body.kind, actor=caller.actor)
        if body.plan is not None:
            platform.accounts.change_plan(account.name, body.plan)
        changed = platform.accounts.get(account.name)
    return AccountView.model_validate(changed)
