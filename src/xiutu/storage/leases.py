"""How many are at work at this moment? Leases behind one interface: in process, or in Redis for several
server processes (``redis_leases.py``). A lease ends with its release, or with its time when the process
that held it is gone."""

import secrets
import threading
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["Leases", "LocalLeases"]


class Leases(Protocol):
    def acquire(self, key: str, limit: int, seconds: float) -> str | None:
        """A lease if fewer than ``limit`` of the key are held, else None. It ends by itself after
        ``seconds``."""
        ...

    def release(self, key: str, lease: str) -> None:
        """Give it back; one that has ended already is no error."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...


class LocalLeases:
    """In this process only. ``now`` gives seconds that never run back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._held: dict[str, dict[str, float]] = {}
        self._lock = threading.Lock()

    def acquire(self, key: str, limit: int, seconds: float) -> str | None:
        with self._lock:
            now = self._now()
            held = {k: end for k, end in self._held.get(key, {}).items() if end > now}
            if len(held) >= limit:
                return None
            lease = secrets.token_hex(8)
            self._held[key] = held | {lease: now + seconds}
            return lease

    def release(self, key: str, lease: str) -> None:
        with self._lock:
            held = self._held.get(key, {})
            held.pop(lease, None)
            if not held:
                self._held.pop(key, None)

    def close(self) -> None:
        pass
