"""The default executor: worker processes that may crash, hang or bloat without harming the
server."""

import os
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future

from xiutu.engine.admission import Admission, Bounds
from xiutu.engine.interface import Stats
from xiutu.engine.job import Job, Outcome
from xiutu.engine.launcher import Launcher, worker_environment
from xiutu.engine.process import Limits
from xiutu.engine.slot import Slot
from xiutu.errors import NoWorkers

__all__ = ["PoolExecutor"]


class PoolExecutor:
    """An ``Executor`` of ``workers`` processes.

    ``runner`` names the function workers call (see ``load_runner``); ``bounds`` the queue,
    ``limits`` a single worker. ``threads`` is how many threads one picture may use (default: as the
    environment says). ``environment`` is added to what workers inherit; secrets are taken out of
    the inherited part. A job of a worker that died is not run again: it may well be what killed it.
    """

    def __init__(
        self,
        workers: int = 2,
        *,
        runner: str = "xiutu.engine.runner:run",
        bounds: Bounds | None = None,
        limits: Limits | None = None,
        threads: int | None = None,
        environment: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> None:
        self._admission = Admission(bounds or Bounds.default(workers))
        base = worker_environment(os.environ, threads) | dict(environment or {})
        self._launcher = Launcher(runner, base, fresh=fresh)
        self._slots = [
            Slot(number, self._launcher, self._admission, limits or Limits(), self._on_down)
            for number in range(workers)
        ]
        self._started = False

    def start(self) -> None:
        self._started = True
        for slot in self._slots:
            slot.start()
        for slot in self._slots:
            slot.settled.wait()

    def submit(self, job: Job) -> Future[Outcome]:
        if not self._started:
            raise NoWorkers("the engine was not started")
        if self._all_down():
            raise NoWorkers("no worker could be started")
        return self._admission.put(job).future

    def stop(self, grace: float) -> None:
        if not self._started:
            return
        end = time.monotonic() + grace
        for slot in self._slots:
            slot.kill_at = min(slot.kill_at, end)  # an impatient second call shortens the first
        self._admission.close()
        self._join(end)
        self._admission.drain(NoWorkers("the engine was stopped"))
        self._join(time.monotonic() + 2.0)
        self._launcher.stop()  # also frees a slot that still waits for a fork server to come up
        self._join(time.monotonic() + 5.0)

    def stats(self) -> Stats:
        queued, running, megabytes = self._admission.load()
        restarts: Counter[str] = Counter()
        for slot in self._slots:
            restarts.update(dict(slot.restarts))  # a copy: the slot goes on counting
        return Stats(
            queued=queued,
            running=running,
            megabytes=megabytes,
            budget=self._admission.bounds.megabytes,
            refused=self._admission.refused,
            workers=tuple(slot.stats() for slot in self._slots),
            restarts=dict(restarts),
        )

    def _all_down(self) -> bool:
        return all(slot.down for slot in self._slots)

    def _on_down(self) -> None:
        if self._all_down():
            self._admission.drain(NoWorkers("no worker could be started"))

    def _join(self, end: float) -> None:
        for slot in self._slots:
            slot.join(max(0.0, end - time.monotonic()))
