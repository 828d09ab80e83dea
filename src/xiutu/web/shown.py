"""How numbers, moments and sizes are shown to people. Moments in Beijing time, as on bills."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from xiutu.platform.billing.beijing import BEIJING
from xiutu.platform.billing.money import shown as two_decimals

__all__ = ["FILTERS"]


def count(value: float) -> str:
    """12345 -> 12,345."""
    return f"{value:,}"


def money(value: Decimal) -> str:
    """``4,685.00``: two decimals, with a proper minus."""
    return f"{Decimal(two_decimals(value)):,}".replace("-", "\N{MINUS SIGN}")


def exact_money(value: Decimal) -> str:
    """All decimals that count: unit prices such as 0.0042."""
    return f"{value.normalize() + 0:f}"


def moment(value: datetime | None) -> str:
    """``2026-03-01 20:05``."""
    return "" if value is None else f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def day(value: datetime | date | None) -> str:
    """``2026-03-01``."""
    if value is None:
        return ""
    return f"{value.astimezone(BEIJING):%Y-%m-%d}" if isinstance(value, datetime) else f"{value}"


def iso(value: datetime) -> str:
    """For ``<time datetime=...>``."""
    return value.isoformat(timespec="seconds")


def size(value: float) -> str:
    """Bytes: ``4.2 MB``."""
    for unit in ("B", "KB", "MB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GB"


def duration(milliseconds: float) -> str:
    """``840 ms`` or ``3.2 s``."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def percent(share: float) -> str:
    """0.985 -> ``98.5 %``."""
    return f"{100 * share:.1f} %"


FILTERS: dict[str, Callable[..., str]] = {
    "count": count,
    "money": money,
    "exact_money": exact_money,
    "moment": moment,
    "day": day,
    "iso": iso,
    "size": size,
    "duration": duration,
    "percent": percent,
}
