"""Applications: a key pair each, and the operators it may call (R-009 to R-013)."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from xiutu.errors import AppNotFound
from xiutu.gateway.api.access import Anyone, Own, PlatformOf
from xiutu.gateway.api.inputs import Input, Name, Operator
from xiutu.gateway.api.paging import Paging, cut
from xiutu.gateway.api.views.accounts import (
    AppDetailView,
    AppKeysView,
    AppView,
    app_view,
    detail_view,
    keys_view,
)
from xiutu.gateway.api.views.base import Page
from xiutu.platform.facade import Platform
from xiutu.platform.models import Account

router = APIRouter(prefix="/accounts/{account}/apps", tags=["apps"])
AppId = Annotated[str, Path(max_length=20)]
Operators = Annotated[list[Operator], Field(max_length=100)] | None


class NewApp(Input):
    """`operators` null or left out: every operator, also those of later versions."""

    name: Name
    description: str = Field("", max_length=1000)
    operators: Operators = None


class AppChange(Input):
    """What is left out stays; `operators` null ticks every operator."""

    name: Name | None = None
    description: str | None = Field(None, max_length=1000)
    operators: Operators = None
    enabled: bool | None = None


@router.get("")
def list_apps(
    account: Own,
    platform: PlatformOf,
    paging: Paging,
    secrets: Annotated[bool, Query(description="With the Secret Keys.")] = False,
) -> Page[AppKeysView] | Page[AppView]:
    """Applications that are not deleted, oldest first."""
    found = platform.apps.all(account.name)
    page = cut([app_view(app) for app in found], paging, lambda view: view.app_id, AppView)
    if not secrets:
        return page
    keys = [keys_view(platform.apps.keys(view.app_id)) for view in page.items]
    return Page[AppKeysView](items=keys, next=page.next)


@router.post("", status_code=201)
def create_app(body: NewApp, account: Own, caller: Anyone, platform: PlatformOf) -> AppKeysView:
    """Make an application; the answer has its keys."""
    details = {"name": body.name, "operators": body.operators}
    with platform.actions.recording(
        caller.actor, "app.create", account=account.name, **details
    ) as note:
        made = platform.apps.create(
            body.name,
            account=account.name,
            operators=body.operators,
            description=body.description,
        )
        note.target = made.app.app_id
    return keys_view(made)


@router.get("/{app_id}")
def show_app(app_id: AppId, account: Own, platform: PlatformOf) -> AppDetailView:
    """One application with its keys, and how often it called each operator."""
    checked = _of(platform, account, app_id)
    counts = platform.ledger.counts(app_id=checked)
    return detail_view(platform.apps.keys(checked), counts)


@router.patch("/{app_id}")
def change_app(
    app_id: AppId, body: AppChange, account: Own, caller: Anyone, platform: PlatformOf
) -> AppView:
    """Rename, tick operators, disable or enable; counts from the next call on."""
    checked = _of(platform, account, app_id)
    given: dict[str, Any] = {
        name: getattr(body, name)
        for name in body.model_fields_set
        if name == "operators" or getattr(body, name) is not None
    }
    with platform.actions.recording(
        caller.actor, "app.update", account=account.name, target=checked, **given
    ):
        changed = platform.apps.update(checked, **given)
    return app_view(changed)


@router.post("/{app_id}/rotate")
def rotate_app(app_id: AppId, account: Own, caller: Anyone, platform: PlatformOf) -> AppKeysView:
    """A new Secret Key; the old one and every access token are refused at once."""
    checked = _of(platform, account, app_id)
    with platform.actions.recording(
        caller.actor, "app.rotate", account=account.name, target=checked
    ):
        made = platform.apps.rotate(checked)
    return keys_view(made)


@router.delete("/{app_id}", status_code=204)
def delete_app(app_id: AppId, account: Own, caller: Anyone, platform: PlatformOf) -> None:
    """Delete it for good; its usage stays."""
    checked = _of(platform, account, app_id)
    with platform.actions.recording(
        caller.actor, "app.delete", account=account.name, target=checked
    ):
        platform.apps.delete(checked)


def _of(platform: Platform, account: Account, app_id: str) -> str:
    """The id, once it is known to be this account's."""
    if platform.apps.get(app_id).account.id != account.id:
        raise AppNotFound(f"no app {app_id!r}")
    return app_id
