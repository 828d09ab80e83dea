"""When will the balance be used up? (A-65)"""

from collections.abc import Sequence
from decimal import Decimal

from xiutu.platform.billing.money import ZERO

HISTORY_DAYS = 7
LEVELS = (3, 2, 1)
"""Days before the expected arrears on which the account is reminded."""


def days_left(available: Decimal, daily_fees: Sequence[Decimal]) -> Decimal | None:
    """Days the available balance (vouchers included) lasts at the mean of ``daily_fees``.

    None: nothing is being spent. ``daily_fees`` has one amount for each of the last 7 days.
    """
    total = sum(daily_fees, ZERO)
    if total <= 0:
        return None
    return max(ZERO, available) * len(daily_fees) / total


def reminder_level(left: Decimal | None) -> int | None:
    """3, 2 or 1: the reminder that is due when the balance lasts ``left`` more days; else None."""
    if left is None:
        return None
    return next((level for level in reversed(LEVELS) if left <= level), None)
