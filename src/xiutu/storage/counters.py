"""How often in the last second? Counters behind one interface: in process, or in Redis for several
server processes (``redis_counters.py``). Both count a sliding second exactly."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

WINDOW_US = 1_000_000
"""One second, in microseconds."""

_SWEEP_AT = 10_000
"""Keys in memory before those without a recent pass are thrown away."""


class Counter(Protocol):
    def acquire(self, key: str, limit: int) -> int | None:
        """Pass if fewer than ``limit`` passed within the last second.

        Gives the pass's stamp (microseconds, unique for the key, rising), or None: refused, and
        nothing counted.
        """
        ...

    def release(self, key: str, stamp: int) -> None:
        """Take a pass back: what it was for has been refused for another reason."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...


class LocalCounter:
    """In this process only. Counts on the monotonic clock: setting the system's clock does nothing.

    ``now_us`` gives microseconds that never run back.
    """

    def __init__(self, now_us: Callable[[], int] = lambda: time.monotonic_ns() // 1000) -> None:
        self._now_us = now_us
        self._passes: dict[str, deque[int]] = {}
        self._lock = threading.Lock()

    def acquire(self, key: str, limit: int) -> int | None:
        with self._lock:
            now = self._now_us()
            if len(self._passes) >= _SWEEP_AT and key not in self._passes:
                self._sweep(now)
            passes = self._passes.setdefault(key, deque())
            while passes and passes[0] <= now - WINDOW_US:
                passes.popleft()
            if len(passes) >= limit:
                return None
            stamp = max(now, passes[-1] + 1) if passes else now
            passes.append(stamp)
            return stamp

    def release(self, key: str, stamp: int) -> None:
        with self._lock:
            passes = self._passes.get(key)
            if passes and stamp in passes:
                passes.remove(stamp)

    def close(self) -> None:
        pass

    def _sweep(self, now: int) -> None:
        self._passes = {
            key: passes
            for key, passes in self._passes.items()
            if passes and passes[-1] > now - WINDOW_US
        }
