"""Resources and services of a metered account: free quota, packs, pay-as-you-go, add-ons, prices."""

from datetime import date, timedelta

from starlette.responses import Response

from xiutu import contract
from xiutu.errors import InvalidParameter
from xiutu.platform.billing.beijing import day_of
from xiutu.platform.billing.deduction import Switch
from xiutu.platform.billing.models import Pack, Unit
from xiutu.web.charts import share
from xiutu.web.operators import cards, names
from xiutu.web.page import Access, page
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES"]

_METERED = Access(metered=True)


def listed(visit: Visit) -> Response:
    """The resource list and the list of available services in one."""
    billing, account = visit.platform.billing, visit.account_name
    rows = billing.grants.resources(account)
    now = visit.now
    return visit.show(
        "resources.html",
        rows=rows,
        left={row.operator: sum(pack.usable_calls(now) for pack in row.packs) for row in rows},
        balance=billing.wallets.balance(account),
        statuses={card.id: card.status for card in cards(visit)},
        names=names(visit),
        now=now,
        share=share,
    )


def service(visit: Visit) -> Response:
    """One interface: what there is, what can be bought, what it costs."""
    name = _operator(visit)
    billing, account = visit.platform.billing, visit.account_name
    resource = next(r for r in billing.grants.resources(account) if r.operator == name)
    return visit.show(
        "service.html",
        row=resource,
        prices=billing.book.of(name),
        book=billing.book,
        balance=billing.wallets.balance(account),
        card=next(card for card in cards(visit) if card.id == name),
        today=day_of(visit.now),
        now=visit.now,
        refundable={pack.id for pack in resource.packs if _refundable(visit, pack)},
        share=share,
    )


def buy_pack(visit: Visit) -> Response:
    name = _operator(visit)
    calls = _whole(visit.form.text("calls"))
    with visit.platform.actions.recording(
        visit.user.actor, "pack.buy", account=visit.account_name, target=name, calls=calls
    ):
        pack = visit.platform.billing.shop.buy_pack(
            visit.account_name, name, calls, actor=visit.user.actor
        )
    said = visit.t(
        "{n} calls are yours, until {day}.", n=f"{pack.calls:,}", day=day_of(pack.expires_at)
    )
    return visit.go(f"/resources/{name}", said)


def refund(visit: Visit) -> Response:
    """Untouched packs within the days of the price book."""
    number = _whole(visit.form.text("pack"))
    with visit.platform.actions.recording(
        visit.user.actor, "pack.refund", account=visit.account_name, target=number
    ):
        pack = visit.platform.billing.shop.refund_pack(
            visit.account_name, number, actor=visit.user.actor
        )
    said = visit.t("The pack is given back; {amount} are on the balance again.", amount=pack.price)
    return visit.go("/refunds", said)


def buy_addon(visit: Visit) -> Response:
    name, form = _operator(visit), visit.form
    try:
        unit = Unit(form.text("unit"))
        first = date.fromisoformat(form.text("first"))
    except ValueError as error:
        raise InvalidParameter(str(error)) from error
    qps, periods = _whole(form.text("qps")), _whole(form.text("periods"))
    with visit.platform.actions.recording(
        visit.user.actor, "addon.buy", account=visit.account_name, target=name, qps=qps
    ):
        addon = visit.platform.billing.shop.buy_addon(
            visit.account_name,
            name,
            qps,
            unit=unit,
            periods=periods,
            first_day=first,
            actor=visit.user.actor,
        )
    said = visit.t("{n} more calls a second, from {day}.", n=addon.qps, day=day_of(addon.starts_at))
    return visit.go(f"/resources/{name}", said)


def set_payg(visit: Visit) -> Response:
    name = _operator(visit)
    try:
        switch = Switch(visit.form.text("switch"))
    except ValueError as error:
        raise InvalidParameter(str(error)) from error
    with visit.platform.actions.recording(
        visit.user.actor, "payg.set", account=visit.account_name, target=name, switch=switch.value
    ):
        visit.platform.billing.shop.set_payg(visit.account_name, name, switch)
    return visit.go(f"/resources/{name}", visit.t("Saved. It counts from the next call on."))


def refunds(visit: Visit) -> Response:
    """Every pack, and whether it may be given back."""
    billing = visit.platform.billing
    packs = billing.shop.packs(visit.account_name)
    return visit.show(
        "refunds.html",
        packs=packs[::-1],
        refundable={pack.id for pack in packs if _refundable(visit, pack)},
        book=billing.book,
        names=names(visit),
        now=visit.now,
    )


def prices(visit: Visit) -> Response:
    """Price list, free quota, and fees worked out as examples."""
    book = visit.platform.billing.book
    examples = [
        (operator, calls, book.of(operator).split(0, calls), book.of(operator).fee(0, calls))
        for operator, calls in (("image_quality_enhance", 5_000_000), ("colourize", 5_000_000))
        if book.of(operator).purchasable
    ]
    sizes = sorted({size for row in book.prices.values() for size in row.packs})
    statuses = {card.id: card.status for card in cards(visit)}
    return visit.show(
        "prices.html",
        book=book,
        sizes=sizes,
        examples=examples,
        statuses=statuses,
        names=names(visit),
    )


def _refundable(visit: Visit, pack: Pack) -> bool:
    days = timedelta(days=visit.platform.billing.book.refund_days)
    fresh = visit.now - pack.bought_at <= days and pack.left == pack.calls
    return fresh and pack.refunded_at is None


def _operator(visit: Visit) -> str:
    name = visit.path("operator")
    if name not in contract.operator_ids():
        raise NotHere
    return name


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 13):
        raise InvalidParameter(f"a whole number is due, not {text[:20]!r}")
    return int(text)


ROUTES = [
    page("/resources", listed, access=_METERED),
    page("/resources/{operator}", service, access=_METERED),
    page("/resources/{operator}/pack", buy_pack, only_post=True, access=_METERED),
    page("/resources/{operator}/addon", buy_addon, only_post=True, access=_METERED),
    page("/resources/{operator}/payg", set_payg, only_post=True, access=_METERED),
    page("/refunds", refunds, post=refund, access=_METERED),
    page("/prices", prices, access=_METERED),
]
