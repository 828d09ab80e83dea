"""Months, packs and add-ons on Beijing time: R-175, R-183; D7, D15; A-58, A-60, A-62."""

from datetime import UTC, date, datetime, timedelta

import pytest

from xiutu.platform.billing import beijing


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_the_month_begins_at_midnight_in_beijing() -> None:
    """R-175: 16:00 UTC of the last day."""
    assert beijing.month_of(utc(2026, 2, 28, 15, 59, 59)) == date(2026, 2, 1)
    assert beijing.month_of(utc(2026, 2, 28, 16)) == date(2026, 3, 1)
    assert beijing.month_bounds(date(2026, 12, 1)) == (utc(2026, 11, 30, 16), utc(2026, 12, 31, 16))
    assert beijing.day_bounds(date(2026, 3, 1)) == (utc(2026, 2, 28, 16), utc(2026, 3, 1, 16))


def test_hours() -> None:
    moment = datetime(2026, 3, 1, 10, 59, 59, 999_999, beijing.BEIJING)
    assert beijing.hour_of(moment) == utc(2026, 3, 1, 2)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2025, 1, 31), 12, date(2026, 1, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    assert beijing.months_later(day, months) == later


def test_d15_a_pack_lapses_at_the_end_of_the_day_a_year_later() -> None:
    """A-60: bought 2025-01-31, lapsed on 2026-01-31 plus one day."""
    bought = datetime(2025, 1, 31, 9, 30, tzinfo=beijing.BEIJING)
    assert beijing.pack_end(bought, 12) == datetime(2026, 2, 1, tzinfo=beijing.BEIJING)
    late = datetime(2025, 1, 31, 17, tzinfo=UTC)  # the first of February in Beijing
    assert beijing.pack_end(late, 12) == datetime(2026, 2, 2, tzinfo=beijing.BEIJING)


def test_addon_periods() -> None:
    """R-183, A-62."""
    now = datetime(2026, 3, 15, 14, tzinfo=beijing.BEIJING)
    today, later = date(2026, 3, 15), date(2026, 3, 20)

    def midnight(month: int, day: int) -> datetime:
        return datetime(2026, month, day, tzinfo=beijing.BEIJING)

    assert beijing.addon_period(now, today, days=1) == (now, midnight(3, 16))
    assert beijing.addon_period(now, later, days=3) == (midnight(3, 20), midnight(3, 23))
    assert beijing.addon_period(now, later, months=1) == (midnight(3, 20), midnight(4, 20))
    january = datetime(2026, 1, 31, 8, tzinfo=beijing.BEIJING)
    starts, ends = beijing.addon_period(january, date(2026, 1, 31), months=1)
    assert (starts, ends) == (january, midnight(2, 28))
    assert ends - starts < timedelta(days=28)
