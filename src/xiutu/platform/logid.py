"""Numbers of calls: unique over processes and restarts, sortable by time.

Both kinds are ``time | node | counter``. The node number is counted up in the database each time a
process takes its first id, so among 1024 successive processes no two share it, and the counter
keeps ids of one process apart: no collision is possible. Only when a process outlives 1024 later
ones can another have its node number. For that case the counter starts anywhere in its range of
4096 in each unit of time: two such processes, each making r ids within the same unit, collide in it
with a chance of about 2r/4096 (unit: a second for small ids, a millisecond for large ones). The
ledger's unique index then refuses the second id, and that call is answered with an internal error
instead of being counted as another's.

The clock may step back: time never does within a process, it waits at the latest value.
"""

import secrets
import threading

from xiutu.platform.clock import Clock, system_clock

_EPOCH_MS = 1_420_070_400_000  # 2015-01-01 UTC; makes large ids 19 digits long until 2084
_NODE_BITS = 10
_COUNTER_BITS = 12


class LogIds:
    """``node`` is taken modulo 1024; a random one is for use without a database."""

    def __init__(self, node: int | None = None, clock: Clock = system_clock) -> None:
        if node is None:
            node = secrets.randbits(_NODE_BITS)
        self._small = _Series(1000, node, clock)
        self._large = _Series(1, node, clock)

    def small(self) -> int:
        """Below 2**53, exact in JavaScript: for operators whose log_id is a JSON number."""
        return self._small.next()

    def large(self) -> int:
        """19 digits, below 2**63, and so never equal to a small one."""
        return self._large.next()


class _Series:
    def __init__(self, unit_ms: int, node: int, clock: Clock) -> None:
        self._unit_ms = unit_ms
        self._node = node % (1 << _NODE_BITS)
        self._clock = clock
        self._lock = threading.Lock()
        self._time = -1
        self._start = 0
        self._used = 0

    def next(self) -> int:
        now = int(self._clock().timestamp() * 1000 - _EPOCH_MS) // self._unit_ms
        with self._lock:
            if now > self._time:
                self._begin(now)
            elif self._used == 1 << _COUNTER_BITS:
                # More ids than the unit of time has room for: run ahead of the clock.
                self._begin(self._time + 1)
            counter = (self._start + self._used) % (1 << _COUNTER_BITS)
            self._used += 1
            return ((self._time << _NODE_BITS) | self._node) << _COUNTER_BITS | counter

    def _begin(self, time: int) -> None:
        self._time = time
        self._start = secrets.randbits(_COUNTER_BITS)
        self._used = 0
