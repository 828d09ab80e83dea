"""``xiutu packs``, ``xiutu addons``, ``xiutu payg``, ``xiutu prices``: what calls cost beyond the free
quota."""

from datetime import date
from typing import Annotated

import typer

from xiutu.cli._options import AccountName, Json, Operator
from xiutu.cli._platform import (
    actor,
    opened,
    print_json,
    print_rows,
    print_view,
    print_views,
    recorded,
)
from xiutu.errors import InvalidParameter
from xiutu.gateway.api.views.base import money_text
from xiutu.gateway.api.views.quota import AddonView, PackView, PriceView, price_view
from xiutu.platform.billing.deduction import Switch
from xiutu.platform.billing.models import Unit

__all__ = ["addons", "packs", "payg", "prices"]

packs = typer.Typer(help="Prepaid packs of calls, valid twelve months.", no_args_is_help=True)
addons = typer.Typer(help="More calls a second for days or months.", no_args_is_help=True)


@packs.command("list")
def list_packs(account: AccountName, as_json: Json = False) -> None:
    """Used, lapsed and refunded ones too."""
    with opened() as platform:
        found = platform.billing.shop.packs(account)
    columns = ("id", "operator", "calls", "left", "price", "bought_at", "expires_at", "refunded_at")
    print_views([PackView.model_validate(row) for row in found], columns, as_json)


@packs.command("buy")
def buy_pack(
    account: AccountName,
    operator: Operator,
    calls: Annotated[int, typer.Argument(help="Size: see `xiutu prices`.")],
    as_json: Json = False,
) -> None:
    """Buy a pack from the balance."""
    details = {"operator": operator, "calls": calls}
    with opened() as platform, recorded(platform, "pack.buy", account=account, **details) as note:
        pack = platform.billing.shop.buy_pack(account, operator, calls, actor=actor())
        note.target = str(pack.id)
    print_view(PackView.model_validate(pack), as_json)


@packs.command("refund")
def refund_pack(
    account: AccountName,
    pack_id: Annotated[int, typer.Argument(metavar="ID")],
    as_json: Json = False,
) -> None:
    """Give an untouched pack back within seven days."""
    with opened() as platform, recorded(platform, "pack.refund", account=account, target=pack_id):
        pack = platform.billing.shop.refund_pack(account, pack_id, actor=actor())
    print_view(PackView.model_validate(pack), as_json)


@addons.command("list")
def list_addons(account: AccountName, as_json: Json = False) -> None:
    """Past ones too."""
    with opened() as platform:
        found = platform.billing.shop.addons(account)
    columns = ("id", "operator", "qps", "price", "starts_at", "ends_at")
    print_views([AddonView.model_validate(row) for row in found], columns, as_json)


@addons.command("buy")
def buy_addon(
    account: AccountName,
    operator: Operator,
    qps: Annotated[int, typer.Argument(help="Calls a second more.")],
    *,
    unit: Annotated[Unit, typer.Option(help="Bought by day or by month.")] = Unit.DAY,
    periods: Annotated[int, typer.Option(help="Number of days or months.")] = 1,
    first_day: Annotated[
        str | None, typer.Option(metavar="DAY", help="Such as 2026-03-01; else today.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Buy an add-on from the balance. Needs pay-as-you-go or a pack of the operator."""
    details = {"operator": operator, "qps": qps, "unit": unit.value, "periods": periods}
    with opened() as platform, recorded(platform, "addon.buy", account=account, **details) as note:
        addon = platform.billing.shop.buy_addon(
            account,
            operator,
            qps,
            unit=unit,
            periods=periods,
            first_day=_day(first_day),
            actor=actor(),
        )
        note.target = str(addon.id)
    print_view(AddonView.model_validate(addon), as_json)


def payg(account: AccountName, operator: Operator, switch: Switch) -> None:
    """Switch pay-as-you-go of an operator: on, off, or auto (on once a pack is used up)."""
    details = {"switch": switch.value}
    with (
        opened() as platform,
        recorded(platform, "payg.set", account=account, target=operator, **details),
    ):
        platform.billing.shop.set_payg(account, operator, switch)
    typer.echo(f"pay-as-you-go of {operator} for {account}: {switch.value}")


def prices(
    operator: Annotated[str | None, typer.Argument(help="One operator only.")] = None,
    as_json: Json = False,
) -> None:
    """The price list of this server."""
    with opened() as platform:
        book = platform.billing.book
        if operator is not None and operator not in book.prices:
            raise InvalidParameter(f"unknown operator {operator!r}")
        found = [price_view(p) for p in book.prices.values() if operator in (None, p.operator)]
    if as_json:
        print_json([view.model_dump(mode="json") for view in found])
        return
    titles = ("OPERATOR", "FREE", "PACKS", "PER CALL", "QPS DAY/MONTH")
    print_rows(titles, [_row(view) for view in found])
    typer.echo(f"in {book.currency}")


def _row(view: PriceView) -> tuple[object, ...]:
    free = "-" if view.free is None else "/".join(str(calls) for calls in view.free.values())
    if not view.purchasable:
        return (view.operator, free, "-", "not for sale", "-")
    sizes = ", ".join(f"{pack.calls}: {money_text(pack.price)}" for pack in view.packs)
    tiers = "; ".join(
        money_text(t.unit_price) + ("" if t.up_to is None else f" up to {t.up_to}")
        for t in view.tiers
    )
    addon = f"{money_text(view.addon_day)}/{money_text(view.addon_month)}"
    return (view.operator, free, sizes, tiers, addon)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InvalidParameter("a day is written as 2026-03-01") from None
