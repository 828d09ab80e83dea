"""One place for a worker: the thread that feeds it, watches it, ends it and gets the next one."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from math import inf

import psutil
import structlog

from xiutu.engine import frames, wire
from xiutu.engine.admission import Admission, Ticket
from xiutu.engine.channel import TICK, Channel, ChannelError, Watch
from xiutu.engine.complaint import trace
from xiutu.engine.interface import WorkerStats
from xiutu.engine.job import Job, Outcome
from xiutu.engine.launcher import Launcher, LaunchError
from xiutu.engine.process import Limits, WorkerProcess
from xiutu.errors import (
    DeadlineExceeded,
    EngineError,
    InternalError,
    NoWorkers,
    WorkerDied,
    XiutuError,
)

__all__ = ["Slot"]

IDLE_SECONDS = 1.0
"""Between looks at an idle worker."""

TIDY_SECONDS = 10.0
"""A worker that is not ready again this long after its answer is replaced."""

BACK_OFF = 0.1, 10.0
"""Seconds after the first and at most after any failed start; doubled in between."""

log = structlog.get_logger(__name__)


class _DoomedError(Exception):
    """The watch decided to end the worker; ``error`` is what the caller gets."""

    def __init__(self, reason: str, error: EngineError) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error


class Slot(threading.Thread):
    """Takes jobs from ``admission`` while it has a ready worker.

    ``kill_at`` (monotonic seconds) ends whatever it does then. ``down`` is true from a failed start
    to the next good one; ``on_down`` is called meanwhile. ``settled`` is set once the first start
    has gone either way. ``restarts`` counts by reason, see ``Stats``.
    """

    def __init__(
        self,
        number: int,
        launcher: Launcher,
        admission: Admission,
        limits: Limits,
        on_down: Callable[[], None],
    ) -> None:
        super().__init__(name=f"xiutu-slot-{number}", daemon=True)
        self.kill_at = inf
        self.down = False
        self.settled = threading.Event()
        self.restarts: Counter[str] = Counter()
        self._launcher = launcher
        self._admission = admission
        self._limits = limits
        self._on_down = on_down
        self._worker: WorkerProcess | None = None
        self._busy_since: float | None = None
        self._failures = 0

    def stats(self) -> WorkerStats:
        worker = self._worker
        if worker is None:
            return WorkerStats(None, 0, None, 0)
        return WorkerStats(worker.pid, worker.resident(), self._busy_since, worker.jobs)

    def run(self) -> None:
        while not self._admission.finished and time.monotonic() < self.kill_at:
            try:
                self._step()
            except Exception:  # the queue must not lose a slot to something nobody thought of
                log.error("slot_failed", exception=trace())  # noqa: TRY400 - redacted
                self._failures += 1
                self._end()
        self._end()
        self.settled.set()

    def _step(self) -> None:
        if self._worker is None:
            self._back_off()
            self._launch()
        elif ticket := self._admission.take(IDLE_SECONDS):
            try:
                self._serve(self._worker, ticket)
            finally:  # both do nothing when all went well
                self._admission.done(ticket)
                ticket.fail(InternalError("the slot failed"))
        else:
            self._look_after(self._worker)

    # --- one job ----------------------------------------------------------------------------------

    def _serve(self, worker: WorkerProcess, ticket: Ticket) -> None:
        job = ticket.job
        if reason := self._unfit(worker, job):
            # The job has not reached any worker yet, so the replacement may have it.
            replacement = self._replace(reason)
            if replacement is None:
                self._admission.done(ticket)
                ticket.fail(NoWorkers("no worker could be started"))
                return
            worker = replacement
        try:
            pieces = frames.encode(wire.job_frame(job))
        except frames.FrameError as error:
            self._admission.done(ticket)
            ticket.fail(InternalError(str(error)))
            return
        self._busy_since = time.monotonic()
        reason, result = self._exchange(worker, job, pieces)
        if reason:
            self._retire(reason, job)
        self._busy_since = None
        self._admission.done(ticket)
        if isinstance(result, Outcome):
            ticket.succeed(result)
        else:
            ticket.fail(result)
        if not reason:
            self._tidy_up(worker)

    def _exchange(
        self, worker: WorkerProcess, job: Job, pieces: list[bytes]
    ) -> tuple[str, Outcome | XiutuError]:
        """Why the worker has to go (empty: it stays), and the answer for the caller."""
        watch = self._watch(worker, job.deadline)
        try:
            worker.channel.send(pieces, watch)
            return "", wire.result_of(worker.channel.receive(watch))
        except _DoomedError as doomed:
            return doomed.reason, doomed.error
        except ChannelError:
            return "crash", WorkerDied(f"the worker died in {job.operator}")
        except frames.FrameError as error:
            return "crash", WorkerDied(f"the worker answered nonsense: {error}")

    def _watch(self, worker: WorkerProcess, deadline: float) -> Watch:
        looked = 0.0

        def watch() -> None:
            nonlocal looked
            now = time.monotonic()
            if now >= deadline:
                raise _DoomedError("deadline", DeadlineExceeded("the work outlived its deadline"))
            if now >= self.kill_at:
                raise _DoomedError("stopped", NoWorkers("the engine was stopped"))
            if now - looked >= TICK:
                looked = now
                self._admission.expire()
                if worker.resident() > self._limits.megabytes * 2**20:
                    raise _DoomedError(
                        "memory", WorkerDied("the worker grew beyond its memory bound")
                    )

        return watch

    def _unfit(self, worker: WorkerProcess, job: Job) -> str:
        if worker.channel.hung_up():
            return "died"
        held = worker.resident() / 2**20
        if worker.jobs and held + job.megabytes > self._limits.megabytes:
            return "recycled"
        return ""

    def _tidy_up(self, worker: WorkerProcess) -> None:
        """Wait until the worker is ready again; replace it when it is not, or when it is worn."""
        self._failures = 0
        if not self._await_ready(worker, TIDY_SECONDS):
            self._replace("crash")
            return
        worker.jobs += 1
        worn = worker.resident() > self._limits.idle_megabytes * 2**20
        if worn or worker.jobs >= self._limits.jobs:
            self._replace("recycled")

    def _look_after(self, worker: WorkerProcess) -> None:
        if not worker.channel.hung_up():
            self._failures = 0
            return
        if worker.jobs == 0:
            self._failures += 1  # it came up, but did not stay: do not fork in a loop
        self._replace("died")

    # --- worker processes -------------------------------------------------------------------------

    def _back_off(self) -> None:
        """Wait after failed starts, answering meanwhile for the queue nobody may be serving."""
        if not self._failures:
            return
        first, most = BACK_OFF
        doublings = min(self._failures - 1, 10)
        end = min(time.monotonic() + min(first * 2**doublings, most), self.kill_at)
        while time.monotonic() < end and not self._admission.finished:
            self._admission.expire()
            if self.down:
                self._on_down()
            time.sleep(TICK)

    def _launch(self) -> WorkerProcess | None:
        try:
            pid, sock = self._launcher.spawn()
        except LaunchError as error:
            self._start_failed(str(error))
            return None
        channel = Channel(sock, watched=True)
        try:
            worker = WorkerProcess(pid, channel, psutil.Process(pid))
        except psutil.Error:
            channel.close()
            self._start_failed(self._launcher.end(pid))
            return None
        if not self._await_ready(worker, self._limits.start_seconds):
            channel.close()
            self._start_failed(self._launcher.end(pid))
            return None
        self._worker = worker
        self.down = False
        self.settled.set()
        return worker

    def _start_failed(self, how: str) -> None:
        self._failures += 1
        self.restarts["start"] += 1
        self.down = True
        self.settled.set()
        if time.monotonic() < self.kill_at:
            log.error("worker_start_failed", how=how, attempt=self._failures)
            self._on_down()

    def _await_ready(self, worker: WorkerProcess, seconds: float) -> bool:
        watch = self._watch(worker, time.monotonic() + seconds)
        try:
            return wire.is_ready(worker.channel.receive(watch))
        except (_DoomedError, ChannelError, frames.FrameError):
            return False

    def _replace(self, reason: str) -> WorkerProcess | None:
        self._retire(reason)
        return None if self._failures else self._launch()

    def _retire(self, reason: str, job: Job | None = None) -> None:
        self.restarts[reason] += 1
        worker = self._worker
        ended = self._end()
        context = {} if job is None else {"operator": job.operator, "log_id": job.log_id}
        level = "info" if reason in {"recycled", "stopped"} else "warning"
        pid = worker.pid if worker else None
        getattr(log, level)("worker_retired", reason=reason, pid=pid, ended=ended, **context)

    def _end(self) -> str:
        worker, self._worker = self._worker, None
        if worker is None:
            return ""
        ended = self._launcher.end(worker.pid)
        worker.channel.close()
        return ended
