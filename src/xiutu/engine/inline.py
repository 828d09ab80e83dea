"""Runs jobs on threads of the calling process: for the command line, the library and tests.

Admission and deadlines answer as the pool does, with one difference that cannot be helped: a thread
cannot be killed. A job that overruns its deadline is answered ``DeadlineExceeded`` in time, but
keeps its slot until it returns, and a crash in native code takes the process along.
"""

import os
import threading
import time
from concurrent.futures import Future

import psutil
import structlog

from xiutu.engine.admission import Admission, Bounds, Ticket
from xiutu.engine.complaint import trace
from xiutu.engine.interface import Stats, WorkerStats
from xiutu.engine.job import Job, Outcome, load_runner
from xiutu.errors import DeadlineExceeded, InternalError, NoWorkers, XiutuError

__all__ = ["InlineExecutor"]

TICK = 0.05
"""Seconds between looks at deadlines."""

log = structlog.get_logger(__name__)


class InlineExecutor:
    """An ``Executor`` without processes. ``workers`` is the number of threads."""

    def __init__(
        self,
        workers: int = 1,
        *,
        runner: str = "xiutu.engine.runner:run",
        bounds: Bounds | None = None,
    ) -> None:
        self._admission = Admission(bounds or Bounds.default(workers))
        self._runner_path = runner
        self._running: list[Ticket | None] = [None] * workers
        self._jobs = [0] * workers
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()

    def start(self) -> None:
        self._runner = load_runner(self._runner_path)
        targets = [(self._work, (slot,)) for slot in range(len(self._running))]
        self._threads = [
            threading.Thread(target=target, args=args, name=f"xiutu-inline-{args[0]}", daemon=True)
            for target, args in targets
        ]
        self._keeper = threading.Thread(target=self._keep, name="xiutu-inline-keeper", daemon=True)
        for thread in (*self._threads, self._keeper):
            thread.start()

    def submit(self, job: Job) -> Future[Outcome]:
        if not self._threads:
            raise NoWorkers("the engine was not started")
        return self._admission.put(job).future

    def stop(self, grace: float) -> None:
        end = time.monotonic() + grace
        self._admission.close()
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        self._admission.drain(NoWorkers("the engine was stopped"))
        for ticket in tuple(self._running):
            if ticket is not None:
                ticket.fail(NoWorkers("the engine was stopped"))
        self._stopped.set()
        if self._threads:
            self._keeper.join()

    def stats(self) -> Stats:
        queued, running, megabytes = self._admission.load()
        rss = psutil.Process().memory_info().rss
        workers = tuple(
            WorkerStats(os.getpid(), rss, ticket.started_at if ticket else None, jobs)
            for ticket, jobs in zip(self._running, self._jobs, strict=True)
        )
        budget = self._admission.bounds.megabytes
        return Stats(queued, running, megabytes, budget, self._admission.refused, workers)

    def _work(self, slot: int) -> None:
        while not self._admission.finished and not self._stopped.is_set():
            ticket = self._admission.take(timeout=1.0)
            if ticket is None:
                continue
            self._running[slot] = ticket
            result = self._run(ticket.job)
            # The slot is given back before the caller is answered, so that whoever sees the answer
            # may rely on the room it left.
            self._running[slot] = None
            self._jobs[slot] += 1
            self._admission.done(ticket)
            if isinstance(result, Outcome):
                ticket.succeed(result)
            else:
                ticket.fail(result)

    def _run(self, job: Job) -> Outcome | XiutuError:
        try:
            return self._runner(job)
        except XiutuError as error:
            return error
        except BaseException as error:  # SystemExit too: the slot must survive its job
            context = {"operator": job.operator, "log_id": job.log_id}
            log.error("job_failed", **context, exception=trace())  # noqa: TRY400 - redacted
            return InternalError(f"{type(error).__name__} in {job.operator}")

    def _keep(self) -> None:
        while not self._stopped.wait(TICK):
            self._admission.expire()
            now = time.monotonic()
            for ticket in tuple(self._running):
                if ticket is not None and ticket.job.deadline <= now:
                    ticket.fail(DeadlineExceeded("the work outlived its deadline"))
