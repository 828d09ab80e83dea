"""Prices of one server: free quota, packs, tiers, add-ons. Pure values and their arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from xiutu.platform.billing.money import ZERO


@dataclass(frozen=True)
class Tier:
    """``unit_price`` holds up to and including call number ``up_to`` of a month; None: no end."""

    up_to: int | None
    unit_price: Decimal


@dataclass(frozen=True)
class Share:
    """Calls number ``first`` to ``first + calls - 1`` of a month, all at one price."""

    first: int
    calls: int
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.calls * self.unit_price


@dataclass(frozen=True)
class OperatorPrices:
    """Prices of one operator.

    ``free`` is the one-off free quota by kind of account ("personal", "enterprise"); None means that
    calls are not counted against a quota at all (A-69). ``packs`` maps size to price. Without
    ``tiers`` the operator cannot be paid for: neither packs nor pay-as-you-go nor add-ons.
    """

    operator: str
    free: Mapping[str, int] | None
    packs: Mapping[int, Decimal]
    tiers: tuple[Tier, ...]
    addon_day: Decimal = ZERO
    addon_month: Decimal = ZERO

    @property
    def purchasable(self) -> bool:
        return bool(self.tiers)

    def split(self, already: int, calls: int) -> tuple[Share, ...]:
        """``calls`` more of a month in which ``already`` were charged, by tier, lowest first."""
        shares = []
        position, end = already, already + calls
        for tier in self.tiers:
            last = end if tier.up_to is None else min(end, tier.up_to)
            if last > position:
                shares.append(Share(position + 1, last - position, tier.unit_price))
                position = last
        return tuple(shares)

    def fee(self, already: int, calls: int) -> Decimal:
        """Sum of the tiers' parts, exact."""
        return sum((share.amount for share in self.split(already, calls)), ZERO)


@dataclass(frozen=True)
class PriceBook:
    """``currency`` is a label; nothing is converted. ``prices`` has a row for every operator."""

    prices: Mapping[str, OperatorPrices]
    currency: str = "CNY"
    free_qps: int = 2
    paid_qps: int = 10
    pack_months: int = 12
    refund_days: int = 7

    def of(self, operator: str) -> OperatorPrices:
        """Raises ``KeyError`` for an unknown operator."""
        return self.prices[operator]
