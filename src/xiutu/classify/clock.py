"""Where the time comes from; tests can turn it."""

from collections.abc import Callable
from datetime import UTC, datetime

__all__ = ["Clock", "system_clock"]

Clock = Callable[[], datetime]
"""Gives the present moment, timezone-aware."""


def system_clock() -> datetime:
    return datetime.now(UTC)
