"""What the gateways know of the engine: submit a job, get a future."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from xiutu.engine.job import Job, Outcome

__all__ = ["Executor", "Stats", "WorkerStats"]


@dataclass(frozen=True)
class WorkerStats:
    """One worker slot. ``pid`` is None while no process stands behind it.

    ``rss`` in bytes; ``busy_since`` is a reading of ``time.monotonic()``, None when idle; ``jobs``
    counts the jobs of the present process.
    """

    pid: int | None
    rss: int
    busy_since: float | None
    jobs: int


@dataclass(frozen=True)
class Stats:
    """A snapshot for metrics and readiness.

    ``megabytes`` is the estimated memory of the running jobs out of ``budget``; ``refused`` counts
    submissions answered ``Overloaded``; ``restarts`` counts replaced workers by reason:
    ``deadline``, ``memory``, ``crash`` (while working), ``died`` (while idle), ``start`` (never got
    ready), ``recycled`` (planned), ``stopped`` (still busy when the engine's grace ended).
    """

    queued: int
    running: int
    megabytes: float
    budget: float
    refused: int
    workers: tuple[WorkerStats, ...]
    restarts: dict[str, int] = field(default_factory=dict)

    @property
    def alive(self) -> int:
        """Workers that can take a job or are working on one."""
        return sum(worker.pid is not None for worker in self.workers)


class Executor(Protocol):
    """Runs jobs somewhere. All methods may be called from any thread."""

    def start(self) -> None:
        """Bring the workers up; returns when they are ready or have failed for the first time."""

    def submit(self, job: Job) -> Future[Outcome]:
        """Queue a job.

        Raises ``Overloaded`` when a bound is reached and ``NoWorkers`` when nothing can run jobs,
        both at once. The future raises the domain error the operator raised, ``DeadlineExceeded``,
        ``WorkerDied``, ``NoWorkers`` (stopped while queued) or ``InternalError``. Cancelling a
        future takes a queued job out of the queue; a running one is finished and its result
        dropped.
        """

    def stop(self, grace: float) -> None:
        """Refuse new work, give queued and running work ``grace`` seconds, then kill.
        Idempotent."""

    def stats(self) -> Stats:
        """Cheap enough for every scrape and readiness probe."""
