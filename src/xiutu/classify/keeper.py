"""Looks for waiting and abandoned trainings and starts a process for one at a time."""

import os
import subprocess
import sys
import threading

import structlog

from xiutu.classify.jobs import Jobs
from xiutu.storage import StorageError

__all__ = ["Keeper", "start_worker"]

_log = structlog.get_logger("xiutu.classify")
_LOOK_S = 2.0
_GRACE_S = 8.0


def start_worker(model_id: int) -> subprocess.Popen[bytes]:
    """A process of its own for one training; it outlives the caller."""
    return subprocess.Popen(
        [sys.executable, "-m", "xiutu.classify.work", str(model_id)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=2 if sys.stderr is None else None,
        start_new_session=True,
        # One thread for linear algebra: two of them wait for each other on a machine that also serves.
        env={"OPENBLAS_NUM_THREADS": "1", **os.environ, "ORT_DISABLE_TELEMETRY": "1"},
    )


class Keeper:
    """A thread of the server. Trainings run beside it, not in it: a crash in one ends that one only."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="classify-keeper", daemon=True)
        self._worker: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the training that runs, too: it goes back to the queue and on with the next server."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._worker is not None and self._worker.poll() is None:
            self._worker.terminate()
            try:
                self._worker.wait(_GRACE_S)
            except subprocess.TimeoutExpired:  # deep in native code; its silence will tell
                self._worker.kill()
                self._worker.wait()

    def _run(self) -> None:
        while not self._stopped.wait(_LOOK_S):
            try:
                self._look()
            except StorageError as error:  # it comes back, and so do we
                _log.warning("no look at trainings", error=str(error))
            except OSError as error:
                _log.error("cannot start a training", error=str(error))

    def _look(self) -> None:
        if self._worker is not None and self._worker.poll() is None:
            return
        waiting = self._jobs.unclaimed()
        if waiting:
            _log.info("training", model=waiting[0].id, dataset=waiting[0].dataset)
            self._worker = start_worker(waiting[0].id)
