"""Where the prices come from: the contract, and the price file of whoever runs the server.

A price file is TOML; whatever it does not name stays as documented::

    currency = "EUR"
    free_qps = 2
    paid_qps = 10

    [operators.dehaze]
    free = {personal = 100, enterprise = 500}
    packs = {10000 = 6.5, 100000 = 60}
    tiers = [{up_to = 3000000, unit_price = 0.0009}, {unit_price = 0.0005}]
    addon = {day = 5, month = 75}

    [operators.style_trans]
    purchasable = false
"""

import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from xiutu import contract
from xiutu.errors import XiutuError
from xiutu.platform.billing.prices import OperatorPrices, PriceBook, Tier

Amount = Annotated[Decimal, Field(gt=0, le=10**9, decimal_places=6)]
Count = Annotated[int, Field(ge=0, le=10**12)]


class BadPriceBook(XiutuError):
    """The price file cannot be used; the text names every fault."""

    report = True
    public = "the price file cannot be used"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Tier(_Row):
    up_to: Annotated[int, Field(gt=0)] | None = None
    unit_price: Amount


class _Free(_Row):
    personal: Count
    enterprise: Count


class _Addon(_Row):
    day: Amount
    month: Amount


class _Operator(_Row):
    free: _Free | None = None
    purchasable: bool | None = None
    packs: dict[Annotated[int, Field(gt=0)], Amount] | None = None
    tiers: tuple[_Tier, ...] | None = None
    addon: _Addon | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "_Operator":
        if self.tiers is not None:
            ends = [tier.up_to for tier in self.tiers]
            *inner, last = ends or [0]
            named = [end for end in inner if end is not None]
            if last is not None or len(named) < len(inner) or named != sorted(set(named)):
                raise ValueError("tiers need rising up_to, and none in the last one")
        return self


class _File(_Row):
    currency: Annotated[str, Field(min_length=1, max_length=16)] | None = None
    free_qps: Annotated[int, Field(gt=0)] | None = None
    paid_qps: Annotated[int, Field(gt=0)] | None = None
    pack_months: Annotated[int, Field(gt=0, le=120)] | None = None
    refund_days: Annotated[int, Field(ge=0, le=365)] | None = None
    operators: dict[str, _Operator] = Field(default_factory=dict)


def documented() -> PriceBook:
    """The vendor's prices as the contract has them."""
    return PriceBook({row.id: _from_contract(row) for row in contract.operators().values()})


def load(path: Path | None, currency: str | None = None) -> PriceBook:
    """The documented prices, changed by a price file. ``currency`` wins over the file's.

    Raises ``BadPriceBook``.
    """
    book = documented()
    if path is not None:
        book = _overridden(book, _read(path), path)
    return book if currency is None else replace(book, currency=currency)


def _from_contract(row: contract.Operator) -> OperatorPrices:
    billing, free = row.billing, row.free_quota
    addon = billing.qps_addon
    return OperatorPrices(
        operator=row.id,
        free=None if free is None else {"personal": free.personal, "enterprise": free.enterprise},
        packs={pack.calls: pack.price_cny for pack in billing.packs},
        tiers=tuple(
            Tier(tier.to_call_inclusive, tier.unit_price_cny) for tier in billing.pay_as_you_go
        ),
        addon_day=addon.per_day_per_qps_cny if addon else Decimal(0),
        addon_month=addon.per_month_per_qps_cny if addon else Decimal(0),
    )


def _read(path: Path) -> _File:
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
        return _File.model_validate(raw)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPriceBook(f"{path}: {error}") from None
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
        raise BadPriceBook(f"{path}: {'; '.join(faults)}") from None


def _overridden(book: PriceBook, file: _File, path: Path) -> PriceBook:
    unknown = sorted(set(file.operators) - set(book.prices))
    if unknown:
        raise BadPriceBook(f"{path}: unknown operator {', '.join(unknown)}")
    prices = dict(book.prices)
    for name, row in file.operators.items():
        prices[name] = _changed(prices[name], row)
        if prices[name].purchasable and not prices[name].addon_day:
            raise BadPriceBook(f"{path}: {name} can be bought now and needs prices for addon")
    plain = file.model_dump(exclude={"operators"}, exclude_none=True)
    return replace(book, prices=prices, **plain)


def _changed(old: OperatorPrices, row: _Operator) -> OperatorPrices:
    new = old
    if row.free is not None:
        new = replace(new, free=row.free.model_dump())
    if row.packs is not None:
        new = replace(new, packs=row.packs)
    if row.tiers is not None:
        new = replace(new, tiers=tuple(Tier(t.up_to, t.unit_price) for t in row.tiers))
    if row.addon is not None:
        new = replace(new, addon_day=row.addon.day, addon_month=row.addon.month)
    return replace(new, tiers=(), packs={}) if row.purchasable is False else new
