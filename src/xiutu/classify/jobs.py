"""Trainings as jobs: rows that wait, are claimed by one worker, and show its signs of life.

A worker that dies without a word (a killed server, a power cut) is silent for ``SILENCE``; then whoever
looks next takes the job over. Features are kept for each picture, so it goes on where it was. A job that
has lost its worker ``MOST_ATTEMPTS`` times fails: it may well be what kills them.
"""

import contextlib
import os
import socket
import threading
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from xiutu.classify.clock import Clock, system_clock
from xiutu.classify.datasets import Datasets
from xiutu.classify.files import Files
from xiutu.classify.models_repository import ModelRepository
from xiutu.classify.training import Options, train
from xiutu.classify.values import Model, State
from xiutu.errors import BadDataset, ModelNotFound, TrainingCancelled, XiutuError
from xiutu.storage import Database, StorageUnavailable

__all__ = ["MOST_ATTEMPTS", "SILENCE", "Interrupted", "Jobs"]

SILENCE = timedelta(seconds=20)
MOST_ATTEMPTS = 3
_BEAT_S = 3.0
_LOG = "training.log"


class Interrupted(BaseException):
    """The process is told to end: the job goes back to the queue. No ``Exception``, so that nothing on
    the way takes it for a fault of its own."""


class Jobs:
    """Safe to use from several threads and processes."""

    def __init__(
        self, database: Database, files: Files, datasets: Datasets, clock: Clock = system_clock
    ) -> None:
        self._database = database
        self._files = files
        self._datasets = datasets
        self._clock = clock

    def submit(self, dataset: str, options: Options | None = None) -> Model:
        """Queue a training on the newest version. Raises ``DatasetNotFound`` and, for what can be seen
        without training, ``BadDataset`` and ``InvalidParameter``."""
        found, options = self._datasets.get(dataset), options or Options()
        options.check()
        report = self._datasets.validate(found.name, found.version)
        if not report.usable:
            raise BadDataset("; ".join(report.problems))
        with self._database.transaction() as connection:
            number = ModelRepository(connection).add(
                kind="trained",
                dataset=found.name,
                dataset_version=found.version,
                state=State.QUEUED.value,
                progress=0.0,
                step="waiting",
                options=asdict(options),
                error="",
                cancelling=False,
                attempts=0,
                created_at=self._clock(),
            )
        return self.get(number)

    def get(self, model_id: int) -> Model:
        """Raises ``ModelNotFound``."""
        with self._database.reading() as connection:
            found = ModelRepository(connection).by_id(model_id)
        if found is None:
            raise ModelNotFound(f"no model {model_id}")
        return found

    def unclaimed(self) -> list[Model]:
        """What a worker could take up now."""
        with self._database.reading() as connection:
            return list(ModelRepository(connection).unclaimed(self._clock() - SILENCE))

    def cancel(self, model_id: int) -> Model:
        """A waiting training ends at once, a running one within seconds; others stay as they are."""
        with self._database.transaction() as connection:
            repository, model = ModelRepository(connection), self.get(model_id)
            if model.state is State.QUEUED:
                values = {"state": State.CANCELLED.value, "finished_at": self._clock()}
                repository.change(model_id, cancelling=True, step="cancelled", **values)
            elif model.state is State.RUNNING:
                repository.change(model_id, cancelling=True)
        return self.get(model_id)

    def log(self, model_id: int) -> str:
        """What the training has written so far."""
        try:
            return (self._files.model(self.get(model_id).id) / _LOG).read_text(encoding="utf-8")
        except OSError:
            return ""

    def work(self, model_id: int) -> Model | None:
        """Claim a job and do it; None when somebody else has it.

        Returns when it is over, well or not. Raises ``Interrupted`` (and gives the job back) when that is
        raised in this thread.
        """
        worker = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
        now = self._clock()
        with self._database.transaction() as connection:
            repository = ModelRepository(connection)
            if not repository.claim(model_id, worker, now, now - SILENCE):
                return None
        model = self.get(model_id)
        if model.attempts > MOST_ATTEMPTS:
            text = f"its worker was lost {MOST_ATTEMPTS} times"
            return self._over(model, worker, State.FAILED, error=text)
        with _Heart(
            self._database, model, worker, self._clock, self._files.model(model.id)
        ) as heart:
            try:
                pictures = self._datasets.pictures(model.dataset, version=model.dataset_version)
                folder = self._files.model(model.id)
                options = Options.of(model.options)
                result = train(pictures, options, self._files, folder, heart.progress)
            except TrainingCancelled:
                heart.note("cancelled")
                return self._over(model, worker, State.CANCELLED)
            except (Interrupted, KeyboardInterrupt):
                heart.note("interrupted; it will go on")
                self._give_back(model, worker)
                raise
            except XiutuError as error:
                heart.note(f"failed: {error.detail}")
                return self._over(model, worker, State.FAILED, error=error.detail)
            except Exception as error:
                heart.note(f"failed: {type(error).__name__}: {error}")
                text = f"{type(error).__name__}: {error}"[:2000]
                return self._over(model, worker, State.FAILED, error=text)
            heart.note(f"ready: {result['accuracy']:.1%} of {result['held_out']} held-out pictures")
        return self._over(model, worker, State.READY, result=result, progress=1.0)

    def _over(self, model: Model, worker: str, state: State, **values: object) -> Model | None:
        values |= {"state": state.value, "step": state.value, "finished_at": self._clock()}
        with self._database.transaction() as connection:
            kept = ModelRepository(connection).beat(model.id, worker, **values)
            gone = ModelRepository(connection).by_id(model.id) is None
        if gone:  # deleted meanwhile: what was written after that goes, too
            self._files.forget_model(model.id)
        if kept is None:  # deleted, or taken over by somebody who believed us dead
            return None
        return self.get(model.id)

    def _give_back(self, model: Model, worker: str) -> None:
        """An orderly end is no lost worker: the attempt does not count."""
        values = {"state": State.QUEUED.value, "worker": None, "attempts": model.attempts - 1}
        with self._database.transaction() as connection:
            ModelRepository(connection).beat(model.id, worker, step="waiting", **values)


class _Heart:
    """Signs of life from a thread of its own, because a fit may take a minute; progress and log."""

    def __init__(
        self, database: Database, model: Model, worker: str, clock: Clock, folder: Path
    ) -> None:
        self._database, self._model, self._worker = database, model, worker
        self._clock, self._folder = clock, folder
        self._share, self._step, self._noted = 0.0, "", ""
        self._stopped, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name="training-heart", daemon=True)

    def __enter__(self) -> "_Heart":
        self._folder.mkdir(parents=True, exist_ok=True)
        self.note(f"attempt {self._model.attempts}: {self._model.dataset!r}")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def progress(self, share: float, step: str) -> None:
        """Raises ``TrainingCancelled`` when somebody wants that, or has taken the job."""
        kind = step.partition(" of ")[0]
        self._share, self._step = share, step
        if kind != self._noted and not step.startswith("features of "):
            self._noted = kind
            self.note(step)
        if self._lost.is_set():
            raise TrainingCancelled

    def note(self, text: str) -> None:
        """One line of the log."""
        line = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}\n"
        # The folder goes when the model is deleted meanwhile; nobody will read the line then.
        with (
            contextlib.suppress(FileNotFoundError),
            (self._folder / _LOG).open("a", encoding="utf-8") as stream,
        ):
            stream.write(line)

    def _beat(self) -> None:
        told: tuple[float, str] = (-1.0, "")
        last = 0.0
        while not self._stopped.wait(0.25):
            now = (self._share, self._step)
            if time.monotonic() - last < (_BEAT_S if now == told else 1.0):
                continue
            told, last = now, time.monotonic()
            values = {"progress": now[0], "step": now[1], "beat_at": self._clock()}
            try:
                with self._database.transaction(durable=False) as connection:
                    stop = ModelRepository(connection).beat(self._model.id, self._worker, **values)
            except StorageUnavailable:
                continue  # a busy database: the next beat tells
            if stop is None or stop:
                self._lost.set()
