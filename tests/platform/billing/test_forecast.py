"""R-189, A-65."""

from decimal import Decimal

import pytest

from xiutu.platform.billing.forecast import days_left, reminder_level


@pytest.mark.parametrize(
    ("available", "fees", "left", "level"),
    [
        ("70", ["10"] * 7, "7", None),
        ("31", ["10"] * 7, "3.1", None),
        ("30", ["10"] * 7, "3", 3),
        ("20.5", ["10"] * 7, "2.05", 3),
        ("20", ["10"] * 7, "2", 2),
        ("10", ["70", "0", "0", "0", "0", "0", "0"], "1", 1),
        ("0", ["10"] * 7, "0", 1),
        ("-5", ["10"] * 7, "0", 1),
    ],
)
def test_levels(available: str, fees: list[str], left: str, level: int | None) -> None:
    found = days_left(Decimal(available), [Decimal(fee) for fee in fees])
    assert found == Decimal(left)
    assert reminder_level(found) == level


def test_who_spends_nothing_is_not_reminded() -> None:
    assert days_left(Decimal(0), [Decimal(0)] * 7) is None
    assert reminder_level(None) is None
