"""The price list of this server (R-143 to R-158)."""

from fastapi import APIRouter

from xiutu.gateway.api.access import PlatformOf
from xiutu.gateway.api.views.quota import PriceListView, price_view

router = APIRouter(tags=["prices"])


@router.get("/prices")
def show_prices(platform: PlatformOf) -> PriceListView:
    """Free quota, packs, pay-as-you-go tiers and QPS add-ons of every operator."""
    book = platform.billing.book
    return PriceListView(
        currency=book.currency,
        free_qps=book.free_qps,
        paid_qps=book.paid_qps,
        pack_months=book.pack_months,
        refund_days=book.refund_days,
        operators=[price_view(prices) for prices in book.prices.values()],
    )
