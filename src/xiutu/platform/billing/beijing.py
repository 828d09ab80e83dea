"""Hours, days and months of bills, which run on Beijing time (UTC+8, no summer time).

Moments are timezone-aware; what comes back as a moment is in UTC. Full hours are the same ones in
Beijing and in UTC.
"""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from xiutu.errors import InvalidParameter

BEIJING = timezone(timedelta(hours=8), "Beijing")
HOUR = timedelta(hours=1)

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_EARLIEST, _LATEST = 1971, 2999


def parsed(text: str) -> datetime:
    """A moment from outside: ISO 8601 with its zone, or a day, which means its 0:00 Beijing time.

    Raises ``InvalidParameter``.
    """
    try:
        if _DAY.fullmatch(text):
            return _within(midnight(date.fromisoformat(text)))
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return _within(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        pass
    raise InvalidParameter("a moment is 2026-03-01T08:00:00+08:00 or a day such as 2026-03-01")


def _within(moment: datetime) -> datetime:
    """Years with room around them, so that no arithmetic on it can fail."""
    if not _EARLIEST <= moment.year <= _LATEST:
        raise ValueError
    return moment


def hour_of(moment: datetime) -> datetime:
    """The full hour the moment is in: 10:59:59.9 -> 10:00."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_of(moment: datetime) -> date:
    """The Beijing day of a moment."""
    return moment.astimezone(BEIJING).date()


def month_of(moment: datetime) -> date:
    """First day of the Beijing month of a moment."""
    return day_of(moment).replace(day=1)


def midnight(day: date) -> datetime:
    """0:00 Beijing time of a day. 24:00 of a day is the midnight of the next."""
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day (A-60)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def month_bounds(first: date) -> tuple[datetime, datetime]:
    """Begin (inclusive) and end (exclusive) of the month that starts on ``first``."""
    return midnight(first), midnight(months_later(first, 1))


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Begin (inclusive) and end (exclusive) of a Beijing day."""
    return midnight(day), midnight(day + timedelta(days=1))


def pack_end(bought_at: datetime, months: int) -> datetime:
    """A pack lapses at 24:00 of the same day ``months`` later (A-60)."""
    return midnight(months_later(day_of(bought_at), months) + timedelta(days=1))


def addon_period(
    now: datetime, first: date, *, days: int = 0, months: int = 0
) -> tuple[datetime, datetime]:
    """When a QPS add-on works: from 0:00 of its first day, or from now on when that is today.

    By day: ``days`` whole days, the first one counted. By month: until 24:00 of the day before the
    same day ``months`` later (A-62).
    """
    starts = max(now.astimezone(UTC), midnight(first))
    last = months_later(first, months) if months else first + timedelta(days=days)
    return starts, midnight(last)
