"""Packs with refund, and QPS add-ons (R-169 to R-171, R-181 to R-184)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StrictInt

from xiutu.gateway.api.access import Anyone, Number, Own, PlatformOf
from xiutu.gateway.api.inputs import Input, Operator
from xiutu.gateway.api.paging import Paging, cut
from xiutu.gateway.api.views.base import Page
from xiutu.gateway.api.views.quota import AddonView, PackView
from xiutu.platform.billing.models import Unit

router = APIRouter(prefix="/accounts/{account}", tags=["shop"])


class NewPack(Input):
    """Sizes and prices: `GET /prices`."""

    operator: Operator
    calls: Annotated[StrictInt, Field(ge=1, le=10**12)]


class NewAddon(Input):
    """`qps` more calls a second for `periods` days or months from `first_day` (today)."""

    operator: Operator
    qps: Annotated[StrictInt, Field(ge=1, le=10_000)]
    unit: Unit = Unit.DAY
    periods: Annotated[StrictInt, Field(ge=1, le=366)] = 1
    first_day: date | None = None


@router.get("/packs")
def list_packs(account: Own, platform: PlatformOf, paging: Paging) -> Page[PackView]:
    """Used, lapsed and refunded ones too, oldest first."""
    return cut(platform.billing.shop.packs(account.name), paging, lambda p: p.id, PackView)


@router.post("/packs", status_code=201)
def buy_pack(body: NewPack, account: Own, caller: Anyone, platform: PlatformOf) -> PackView:
    """Paid at once from the balance, usable at once, for twelve months."""
    with platform.actions.recording(
        caller.actor, "pack.buy", account=account.name, operator=body.operator, calls=body.calls
    ) as note:
        pack = platform.billing.shop.buy_pack(
            account.name, body.operator, body.calls, actor=caller.actor
        )
        note.target = str(pack.id)
    return PackView.model_validate(pack)


@router.post("/packs/{pack_id}/refund")
def refund_pack(pack_id: Number, account: Own, caller: Anyone, platform: PlatformOf) -> PackView:
    """Give an untouched pack back within seven days."""
    with platform.actions.recording(
        caller.actor, "pack.refund", account=account.name, target=pack_id
    ):
        pack = platform.billing.shop.refund_pack(account.name, pack_id, actor=caller.actor)
    return PackView.model_validate(pack)


@router.get("/addons")
def list_addons(account: Own, platform: PlatformOf, paging: Paging) -> Page[AddonView]:
    """Past ones too, oldest first."""
    return cut(platform.billing.shop.addons(account.name), paging, lambda a: a.id, AddonView)


@router.post("/addons", status_code=201)
def buy_addon(body: NewAddon, account: Own, caller: Anyone, platform: PlatformOf) -> AddonView:
    """Needs pay-as-you-go or a pack of the operator. Not refundable."""
    with platform.actions.recording(
        caller.actor,
        "addon.buy",
        account=account.name,
        operator=body.operator,
        qps=body.qps,
        unit=body.unit.value,
        periods=body.periods,
    ) as note:
        addon = platform.billing.shop.buy_addon(
            account.name,
            body.operator,
            body.qps,
            unit=body.unit,
            periods=body.periods,
            first_day=body.first_day,
            actor=caller.actor,
        )
        note.target = str(addon.id)
    return AddonView.model_validate(addon)
