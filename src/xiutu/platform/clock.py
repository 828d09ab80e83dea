"""Where the time comes from. Services take a ``Clock``, so that tests can turn it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, timezone-aware."""


def system_clock() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)
