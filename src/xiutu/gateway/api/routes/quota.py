"""Resource list, free quota, limits, invitations, pay-as-you-go (R-004 to R-006, R-015, R-168)."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field, StrictInt

from xiutu.errors import InvalidParameter
from xiutu.gateway.api.access import Admin, Anyone, Managed, Own, PlatformOf
from xiutu.gateway.api.inputs import Calls, Input, Note, Operator
from xiutu.gateway.api.paging import Paging, cut
from xiutu.gateway.api.views.base import Page
from xiutu.gateway.api.views.quota import GrantView, ResourceView
from xiutu.platform.billing.deduction import Switch
from xiutu.platform.facade import Platform

router = APIRouter(prefix="/accounts/{account}", tags=["quota"])
AtOperator = Annotated[str, Path(max_length=64)]


class NewGrant(Input):
    """Calls more, or with a negative number fewer."""

    operator: Operator
    calls: Calls
    note: Note = ""


class Which(Input):
    """`operator` null: every operator."""

    operator: Operator | None = None
    note: Note = ""


class Cap(Input):
    """A lifetime limit of calls (error 19 beyond it); null: no limit."""

    cap: Annotated[StrictInt, Field(ge=0, le=10**12)] | None


class Invitation(Input):
    """For operators at the invitation stage; null: the server's default."""

    invited: bool | None


class PayAsYouGo(Input):
    """`auto`: on once a pack of the operator is used up."""

    switch: Switch


@router.get("/resources")
def list_resources(account: Own, platform: PlatformOf) -> list[ResourceView]:
    """Every operator: quota, packs, add-ons, limits, and whether it is paid for."""
    found = platform.billing.grants.resources(account.name)
    return [ResourceView.model_validate(resource) for resource in found]


@router.get("/resources/{operator}")
def show_resource(operator: AtOperator, account: Own, platform: PlatformOf) -> ResourceView:
    """One operator of the resource list."""
    return _resource(platform, account.name, operator)


@router.get("/grants")
def list_grants(account: Own, platform: PlatformOf, paging: Paging) -> Page[GrantView]:
    """Every change of the free quota, oldest first."""
    found = platform.billing.grants.history(account.name)
    return cut(found, paging, lambda grant: grant.id, GrantView)


@router.post("/grants", status_code=201)
def give(body: NewGrant, account: Managed, caller: Admin, platform: PlatformOf) -> ResourceView:
    """Change the free quota of an operator by hand."""
    with platform.actions.recording(
        caller.actor,
        "grant.give",
        account=account.name,
        target=body.operator,
        calls=body.calls,
        note=body.note,
    ):
        platform.billing.grants.give(
            account.name, body.operator, body.calls, actor=caller.actor, note=body.note
        )
    return _resource(platform, account.name, body.operator)


@router.post("/grants/withdraw", status_code=204)
def withdraw_grants(body: Which, account: Managed, caller: Admin, platform: PlatformOf) -> None:
    """Take the free quota away, for cheating or forbidden use."""
    with platform.actions.recording(
        caller.actor,
        "grant.withdraw",
        account=account.name,
        target=body.operator or "",
        note=body.note,
    ):
        platform.billing.grants.withdraw(account.name, body.operator)


@router.post("/grants/restore", status_code=204)
def restore_grants(body: Which, account: Managed, caller: Admin, platform: PlatformOf) -> None:
    """Give withdrawn free quota back: what was left may be used again."""
    with platform.actions.recording(
        caller.actor,
        "grant.restore",
        account=account.name,
        target=body.operator or "",
        note=body.note,
    ):
        platform.billing.grants.restore(account.name, body.operator)


@router.put("/resources/{operator}/cap")
def set_cap(
    operator: AtOperator, body: Cap, account: Managed, caller: Admin, platform: PlatformOf
) -> ResourceView:
    """Set or lift the lifetime limit of calls."""
    with platform.actions.recording(
        caller.actor, "cap.set", account=account.name, target=operator, cap=body.cap
    ):
        platform.billing.grants.set_cap(account.name, operator, body.cap)
    return _resource(platform, account.name, operator)


@router.put("/resources/{operator}/invitation")
def invite(
    operator: AtOperator, body: Invitation, account: Managed, caller: Admin, platform: PlatformOf
) -> ResourceView:
    """Open or close an operator at the invitation stage (`segment`)."""
    with platform.actions.recording(
        caller.actor,
        "invitation.set",
        account=account.name,
        target=operator,
        invited=body.invited,
    ):
        platform.billing.grants.invite(account.name, operator, body.invited)
    return _resource(platform, account.name, operator)


@router.put("/resources/{operator}/payg")
def set_payg(
    operator: AtOperator, body: PayAsYouGo, account: Own, caller: Anyone, platform: PlatformOf
) -> ResourceView:
    """Switch pay-as-you-go of an operator."""
    with platform.actions.recording(
        caller.actor, "payg.set", account=account.name, target=operator, switch=body.switch.value
    ):
        platform.billing.shop.set_payg(account.name, operator, body.switch)
    return _resource(platform, account.name, operator)


def _resource(platform: Platform, account: str, operator: str) -> ResourceView:
    for resource in platform.billing.grants.resources(account):
        if resource.operator == operator:
            return ResourceView.model_validate(resource)
    raise InvalidParameter(f"unknown operator {operator!r}")
