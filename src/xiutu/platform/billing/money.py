"""Exact money. Amounts are ``Decimal`` with at most six decimals; only displays round (A-59)."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from xiutu.errors import InvalidParameter

DECIMALS = 6
"""As many as the column type ``storage.schema.Money`` keeps; not imported from there, because the
command line must come up without the database's libraries."""
ZERO = Decimal(0)
LARGEST = Decimal(10) ** 12
"""No single amount is larger; sums of millions of them still fit the column."""


def exact(value: Decimal | int | str) -> Decimal:
    """An amount from outside. Raises ``InvalidParameter``; floats are not taken, they are not exact."""
    try:
        amount = Decimal(value)
    except (InvalidOperation, ValueError, TypeError):
        raise InvalidParameter("an amount is a decimal number such as 12.50") from None
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise InvalidParameter(f"an amount is a decimal number up to {LARGEST:f}")
    if amount != round(amount, DECIMALS):
        raise InvalidParameter(f"an amount has at most {DECIMALS} decimals")
    return amount


def positive(value: Decimal | int | str) -> Decimal:
    """An amount above zero. Raises ``InvalidParameter``."""
    amount = exact(value)
    if amount <= 0:
        raise InvalidParameter("an amount must be above zero")
    return amount


def shown(amount: Decimal) -> str:
    """For people: two decimals, half up. Never calculate with it."""
    return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"
