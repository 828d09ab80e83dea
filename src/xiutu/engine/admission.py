"""Who may wait, and who starts next.

**Bounds.** A submission is refused at once (``Overloaded``) when jobs waiting plus jobs running
reach ``slots + waiting``, or when the waiting jobs' input bytes would pass ``waiting_bytes`` (a
single job is always let in: the transport already bounds its size). Nothing ever piles up behind
the bound.

**Memory.** Jobs start only while the estimates of all running jobs stay within ``megabytes``. A job
larger than the whole budget starts when nothing else runs: one job may always run, since its worker
is watched and killed on its own if it grows too far, and refusing it for ever would help nobody.

**Fairness between owners.** Jobs carry an owner (an application). Each owner's first job, those it
has running counted, goes before anybody's second, and so on; within one owner order is first in,
first out. When the queue is full, a job of an owner with fewer waiting takes the place of the
newest job of the owner with most waiting, which is refused (``Overloaded``) in its stead. So a
thousand calls of one application do not lock out another that makes two.

**Fairness between sizes.** The order has one exception: while a big job waits for memory,
smaller ones behind it may start in what is free, else one 25-megapixel call would idle a whole
machine. Each job can be overtaken ``PATIENCE`` times only; after that nobody starts before it.
Since every running job ends by its own deadline (its worker is killed then), the memory a patient
job waits for is certain to come free: it is delayed by at most ``PATIENCE`` jobs and never starves.
No reservation is held while it waits, so it blocks nobody either until its patience is used up.

**Deadlines.** A job whose deadline passes while it waits is dropped with ``DeadlineExceeded`` and
never runs. ``expire`` does that; the owners of the slots call it on every tick, so a caller does
not wait for a slot to come free to learn that it is too late.

Futures are always settled outside the lock: their callbacks are foreign code and may submit again.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Collection
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field

from xiutu.engine.job import Job, Outcome
from xiutu.engine.machine import memory_limit
from xiutu.errors import DeadlineExceeded, NoWorkers, Overloaded, XiutuError

__all__ = ["PATIENCE", "Admission", "Bounds", "Ticket"]

PATIENCE = 4
"""How many later jobs may start before a job that waits for memory."""


@dataclass(frozen=True)
class Bounds:
    """``slots`` jobs and ``megabytes`` of estimates run at once; the rest bounds the queue."""

    slots: int
    waiting: int
    megabytes: float
    waiting_bytes: int = 256 * 2**20

    @classmethod
    def default(
        cls, slots: int, waiting: int | None = None, megabytes: float | None = None
    ) -> "Bounds":
        """8 waiting jobs a slot, 16 at least; 70 % of the memory limit."""
        return cls(
            slots=slots,
            waiting=max(16, 8 * slots) if waiting is None else waiting,
            megabytes=0.7 * memory_limit() / 1e6 if megabytes is None else megabytes,
        )


@dataclass(eq=False)
class Ticket:
    """A job on its way through the engine; times are readings of ``time.monotonic()``."""

    job: Job
    future: Future[Outcome] = field(default_factory=Future)
    queued_at: float = field(default_factory=time.monotonic)
    started_at: float = 0.0
    overtaken: int = 0

    def succeed(self, outcome: Outcome) -> None:
        timings = outcome.timings | {"queue": self.started_at - self.queued_at}
        try:
            self.future.set_result(Outcome(outcome.fields, timings))
        except InvalidStateError:  # cancelled, or its deadline was answered meanwhile: nobody waits
            return

    def fail(self, error: XiutuError) -> None:
        try:
            self.future.set_exception(error)
        except InvalidStateError:
            return


class Admission:
    """The one queue of an executor. Thread safe."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.refused = 0
        self._waiting: deque[Ticket] = deque()
        self._running: set[Ticket] = set()
        self._closed = False
        self._changed = threading.Condition()

    # --- callers' side ---------------------------------------------------------------------------

    def put(self, job: Job) -> Ticket:
        """Queue a job. Raises ``Overloaded`` over a bound, ``NoWorkers`` when closed."""
        ticket, displaced = Ticket(job), None
        with self._changed:
            if self._closed:
                raise NoWorkers("the engine is not running")
            if reason := self._over_bound(job, self._waiting):
                self.refused += 1
                displaced = self._greedier(job)
                if displaced is None:
                    raise Overloaded(reason)
                self._waiting.remove(displaced)
            self._waiting.append(ticket)
            self._changed.notify()
        if displaced is not None and displaced.future.set_running_or_notify_cancel():
            displaced.fail(Overloaded("its place went to an application with fewer jobs waiting"))
        # Not a closure over the ticket: with its own future it would hold the pictures until the
        # garbage collector comes by.
        ticket.future.add_done_callback(self._discard)
        return ticket

    def _over_bound(self, job: Job, waiting: Collection[Ticket]) -> str:
        jobs = len(waiting) + len(self._running)
        if jobs >= self.bounds.slots + self.bounds.waiting:
            return f"{jobs} jobs waiting or running"
        held = sum(ticket.job.input_bytes for ticket in waiting)
        if waiting and held + job.input_bytes > self.bounds.waiting_bytes:
            return f"{held} bytes of pictures waiting"
        return ""

    def _greedier(self, job: Job) -> Ticket | None:
        """The newest job of the owner with most waiting, if it can make room for this one fairly."""
        count = Counter(ticket.job.owner for ticket in self._waiting)
        owner = max(count, key=count.__getitem__, default=job.owner)
        # With one more each they would be even: nobody is displaced to turn the tables.
        if count[owner] <= count[job.owner] + 1:
            return None
        newest = next(ticket for ticket in reversed(self._waiting) if ticket.job.owner == owner)
        left = [ticket for ticket in self._waiting if ticket is not newest]
        return None if self._over_bound(job, left) else newest

    def _discard(self, future: Future[Outcome]) -> None:
        # Runs for every finished future; only a cancelled one is still in the queue then.
        with self._changed:
            for ticket in self._waiting:
                if ticket.future is future:
                    self._waiting.remove(ticket)
                    break

    # --- slots' side -----------------------------------------------------------------------------

    def take(self, timeout: float) -> Ticket | None:
        """The next job allowed to start, now counted as running, or None after ``timeout`` seconds.

        Returns None at once when closed and empty. The caller owes a ``done``.
        """
        end = time.monotonic() + timeout
        while True:
            self.expire()
            with self._changed:
                ticket = self._pick()
                now = time.monotonic()
                if ticket is not None:
                    ticket.started_at = now
                    self._running.add(ticket)
                    return ticket
                if now >= end or (self._closed and not self._waiting):
                    return None
                self._changed.wait(min([end, *(w.job.deadline for w in self._waiting)]) - now)

    def _pick(self) -> Ticket | None:
        running = sum(ticket.job.megabytes for ticket in self._running)
        passed: list[Ticket] = []
        for ticket in self._in_turn():
            if self._running and running + ticket.job.megabytes > self.bounds.megabytes:
                if ticket.overtaken >= PATIENCE:
                    return None
                passed.append(ticket)
                continue
            self._waiting.remove(ticket)
            if not ticket.future.set_running_or_notify_cancel():
                continue  # cancelled this instant
            for left_behind in passed:
                left_behind.overtaken += 1
            return ticket
        return None

    def _in_turn(self) -> list[Ticket]:
        """The waiting jobs, every owner's first before anybody's second."""
        ahead = Counter(ticket.job.owner for ticket in self._running)
        turn: dict[Ticket, int] = {}
        for ticket in self._waiting:
            turn[ticket] = ahead[ticket.job.owner]
            ahead[ticket.job.owner] += 1
        return sorted(turn, key=turn.__getitem__)  # stable: first come first among equals

    def done(self, ticket: Ticket) -> None:
        """The slot and the memory of a running job are free again."""
        with self._changed:
            self._running.discard(ticket)
            self._changed.notify_all()

    def expire(self) -> None:
        """Answer the waiting jobs whose deadline has passed."""
        now = time.monotonic()
        with self._changed:
            late = [ticket for ticket in self._waiting if ticket.job.deadline <= now]
            for ticket in late:
                self._waiting.remove(ticket)
        for ticket in late:
            if ticket.future.set_running_or_notify_cancel():
                ticket.fail(DeadlineExceeded("the deadline passed in the queue"))

    # --- owner's side ----------------------------------------------------------------------------

    def close(self) -> None:
        """Refuse new jobs; those waiting are still handed out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def drain(self, error: XiutuError) -> None:
        """Fail everything that waits."""
        with self._changed:
            left = tuple(self._waiting)
            self._waiting.clear()
        for ticket in left:
            if ticket.future.set_running_or_notify_cancel():
                ticket.fail(type(error)(error.detail))

    @property
    def finished(self) -> bool:
        """Closed, and nobody waits any more."""
        with self._changed:
            return self._closed and not self._waiting

    def load(self) -> tuple[int, int, float]:
        """Jobs waiting, jobs running, megabytes running."""
        with self._changed:
            megabytes = sum(ticket.job.megabytes for ticket in self._running)
            return len(self._waiting), len(self._running), megabytes
