"""Resources, packs, add-ons, grants, prices."""

from datetime import datetime

from pydantic import Field

from xiutu import contract
from xiutu.gateway.api.views.base import Money, View
from xiutu.platform.billing.deduction import Switch
from xiutu.platform.billing.models import GrantReason, Unit
from xiutu.platform.billing.prices import OperatorPrices


class PackView(View):
    """`left` is without calls at work; a lapsed pack keeps it, but it cannot be used."""

    id: int
    operator: str
    calls: int
    left: int
    price: Money
    bought_at: datetime
    expires_at: datetime
    refunded_at: datetime | None


class AddonView(View):
    """`qps` more calls a second from `starts_at` until `ends_at`."""

    id: int
    operator: str
    qps: int
    unit: Unit
    periods: int
    price: Money
    bought_at: datetime
    starts_at: datetime
    ends_at: datetime


class GrantView(View):
    """A change of the free quota."""

    id: int
    operator: str
    calls: int
    at: datetime
    reason: GrantReason
    actor: str
    note: str


class ResourceView(View):
    """One operator as an account sees it. `granted` null: calls are not counted."""

    operator: str
    granted: int | None
    used: int
    free_left: int | None
    usable_from: datetime
    withdrawn: bool
    purchasable: bool
    switch: Switch
    payg: bool = Field(description="Whether pay-as-you-go is on now.")
    paid: bool
    qps: int = Field(description="Calls a second allowed now.")
    cap: int | None
    cap_used: int
    invited: bool | None
    packs: list[PackView]
    addons: list[AddonView]


class TierView(View):
    """`unit_price` holds up to and including call number `up_to` of a month; null: no end."""

    up_to: int | None
    unit_price: Money


class PackPriceView(View):
    """Price of a pack of so many calls."""

    calls: int
    price: Money


class PriceView(View):
    """Prices of one operator. `free` null: calls are not counted."""

    operator: str
    zh: str
    en: str
    free: dict[str, int] | None
    packs: list[PackPriceView]
    tiers: list[TierView]
    addon_day: Money
    addon_month: Money
    purchasable: bool


class PriceListView(View):
    """The price list of this server."""

    currency: str
    free_qps: int
    paid_qps: int
    pack_months: int
    refund_days: int
    operators: list[PriceView]


def price_view(prices: OperatorPrices) -> PriceView:
    row = contract.operator(prices.operator)
    return PriceView(
        operator=prices.operator,
        zh=row.zh,
        en=row.en,
        free=None if prices.free is None else dict(prices.free),
        packs=[PackPriceView(calls=c, price=p) for c, p in sorted(prices.packs.items())],
        tiers=[TierView.model_validate(tier) for tier in prices.tiers],
        addon_day=prices.addon_day,
        addon_month=prices.addon_month,
        purchasable=prices.purchasable,
    )
