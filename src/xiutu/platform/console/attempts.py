"""Guessing passwords is made slow: so many failures within a quarter of an hour, then waiting."""

import threading
import time
from collections import deque
from collections.abc import Callable

__all__ = ["Attempts"]

WINDOW_S = 15 * 60
PER_ADDRESS = 10
PER_NAME = 30
_SWEEP_AT = 10_000


class Attempts:
    """Failures of this process, by address and by name. ``now`` gives seconds that never run back.

    By name more are allowed than by address, so that a stranger cannot lock the owner out from one
    address. Several server processes count for themselves.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, name: str, address: str) -> float:
        """Seconds until another attempt may be made; 0: now."""
        with self._lock:
            return max(
                self._wait(f"address {address}", PER_ADDRESS), self._wait(f"name {name}", PER_NAME)
            )

    def failed(self, name: str, address: str) -> None:
        """Count a wrong password."""
        with self._lock:
            if len(self._failures) >= _SWEEP_AT:
                self._sweep()
            for key in (f"address {address}", f"name {name}"):
                self._failures.setdefault(key, deque()).append(self._now())

    def succeeded(self, name: str, address: str) -> None:
        """The right password ends the wait of its address and name."""
        with self._lock:
            self._failures.pop(f"address {address}", None)
            self._failures.pop(f"name {name}", None)

    def _wait(self, key: str, most: int) -> float:
        failures = self._failures.get(key)
        if failures is None:
            return 0.0
        while failures and failures[0] <= self._now() - WINDOW_S:
            failures.popleft()
        if len(failures) < most:
            return 0.0
        return failures[-most] + WINDOW_S - self._now()

    def _sweep(self) -> None:
        oldest = self._now() - WINDOW_S
        for key in [key for key, times in self._failures.items() if times[-1] <= oldest]:
            del self._failures[key]
