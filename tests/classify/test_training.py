"""A training from pictures to a model: what it leaves, that it is repeatable, how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.classify.shapes import CLASSES, drawn, folders
from xiutu.classify.card import Card
from xiutu.classify.facade import Classifiers
from xiutu.classify.jobs import MOST_ATTEMPTS, SILENCE
from xiutu.classify.models_repository import ModelRepository
from xiutu.classify.training import Options
from xiutu.classify.values import Model, State
from xiutu.errors import InvalidParameter, ModelNotFound
from xiutu.storage import Database

pytestmark = pytest.mark.timeout(400)  # the first test waits for a training
Trained = tuple[Classifiers, Model]
MANY = 30
"""Of each class: enough for a training to be met in the middle."""


def test_right_answers_and_an_unlike_picture(trained: Trained) -> None:
    found, model = trained
    answers = found.predict(model.id, [drawn(kind, 800) for kind in CLASSES])
    assert [answer.scores[0][0] for answer in answers] == list(CLASSES)
    noise = np.random.default_rng(2).integers(0, 255, (150, 170, 3), dtype=np.uint8)
    (strange,) = found.predict(model.id, [noise])
    assert strange.known is not None and strange.known < 0.3
    assert strange.opened().scores[0][0] == "[default]"
    assert model.result is not None and model.result["accuracy"] >= 0.8


def test_evaluation_is_complete(trained: Trained) -> None:
    found, model = trained
    figures = found.models.evaluation(model.id)
    confusion = np.array(figures["confusion"])
    assert figures["labels"] == sorted(CLASSES) and confusion.shape == (3, 3)
    count = figures["pictures"]
    assert confusion.sum() == count and 6 <= count <= 9
    assert figures["accuracy"] == pytest.approx(np.trace(confusion) / count)
    assert sum(row["pictures"] for row in figures["reliability"]) == count
    assert len(figures["mistakes"]) == count - np.trace(confusion)
    assert figures["trained_on"] == 36 - count
    assert next(row["pictures_per_class"] for row in figures["learning_curve"]) == 5
    assert figures["largest_difference"] < 1e-3
    page = found.models.file(model.id, "evaluation.html").read_text()
    assert all(kind in page for kind in CLASSES) and "<svg" in page and "http" not in page
    assert found.models.file(model.id, "evaluation.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InvalidParameter):
        found.models.file(model.id, "../../xiutu.db")


def test_a_second_training_gives_the_same_model(trained: Trained) -> None:
    """Features are kept, everything else has fixed seeds: the files are equal byte for byte."""
    found, model = trained
    started = time.process_time()
    again = found.train("shapes")
    assert time.process_time() - started < 60
    cards = [Card.read(found.files.model(number)) for number in (model.id, again.id)]
    assert cards[0].sha256 == cards[1].sha256
    found.models.delete(again.id)
    with pytest.raises(ModelNotFound):
        found.models.get(again.id)


def test_exported_model_runs_without_xiutu(trained: Trained, tmp_path: Path) -> None:
    found, model = trained
    found.models.export(model.id, tmp_path / "shapes.zip")
    with zipfile.ZipFile(tmp_path / "shapes.zip") as archive:
        archive.extractall(tmp_path / "there")
    assert (tmp_path / "there/labels.txt").read_text().split() == sorted(CLASSES)
    pictures = []
    for kind in CLASSES:
        pictures.append(tmp_path / f"{kind}.jpg")
        pictures[-1].write_bytes(drawn(kind, 801))
    block = "import sys; sys.modules['xiutu'] = None; sys.argv.pop(0)\n"
    block += "import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [
        sys.executable,
        "-c",
        block,
        str(tmp_path / "there/classify.py"),
        *map(str, pictures),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    ours = found.predict(model.id, [drawn(kind, 801) for kind in CLASSES])
    for line, kind, answer in zip(lines, CLASSES, ours, strict=True):
        assert line["results"][0]["name"] == kind
        # Pillow and simplejpeg may decode a JPEG a level apart.
        assert line["results"][0]["score"] == pytest.approx(answer.scores[0][1], abs=0.02)


def test_options_are_checked(classifiers: Classifiers, tmp_path: Path) -> None:
    classifiers.import_from("s", folders(tmp_path / "p", 5))
    with pytest.raises(InvalidParameter, match="backbone"):
        classifiers.jobs.submit("s", Options(backbone="resnet"))
    with pytest.raises(InvalidParameter, match="head"):
        classifiers.jobs.submit("s", Options(heads=("forest",)))
    few = classifiers.train("s", Options(heads=("knn",)))
    assert few.state is State.FAILED and "k-NN needs more" in few.error


def test_cancel_a_waiting_and_a_running_training(classifiers: Classifiers, tmp_path: Path) -> None:
    classifiers.import_from("s", folders(tmp_path / "p", MANY))
    waiting = classifiers.jobs.submit("s")
    assert classifiers.jobs.cancel(waiting.id).state is State.CANCELLED
    assert classifiers.jobs.work(waiting.id) is None
    running = classifiers.jobs.submit("s")
    with child(tmp_path, running.id) as process:
        wait_for(lambda: classifiers.jobs.get(running.id).progress > 0.02)
        classifiers.jobs.cancel(running.id)
        assert process.wait(60) == 0
    model = classifiers.jobs.get(running.id)
    assert model.state is State.CANCELLED and "cancelled" in classifiers.jobs.log(model.id)
    with pytest.raises(InvalidParameter, match="not ready"):
        classifiers.services.publish("s", model.id)


def test_a_stopped_worker_gives_its_job_back(classifiers: Classifiers, tmp_path: Path) -> None:
    """SIGTERM, as at the end of a server: the next worker goes on, with the features that are there."""
    classifiers.import_from("s", folders(tmp_path / "p", MANY))
    model = classifiers.jobs.submit("s", Options(heads=("knn",)))
    with child(tmp_path, model.id) as process:
        wait_for(lambda: classifiers.jobs.get(model.id).progress > 0.05)
        process.terminate()
        assert process.wait(60) == 0
    waiting = classifiers.jobs.get(model.id)
    assert (waiting.state, waiting.attempts) == (State.QUEUED, 0)
    assert list((tmp_path / "data/classify/blobs/features").rglob("*.npy"))
    finished = classifiers.jobs.work(model.id)
    assert finished is not None and finished.state is State.READY, finished


def test_a_killed_worker_is_replaced_after_its_silence(
    classifiers: Classifiers, tmp_path: Path
) -> None:
    classifiers.import_from("s", folders(tmp_path / "p", MANY))
    model = classifiers.jobs.submit("s", Options(heads=("knn",)))
    with child(tmp_path, model.id) as process:
        wait_for(lambda: classifiers.jobs.get(model.id).progress > 0.02)
        process.kill()
        process.wait()
    assert classifiers.jobs.get(model.id).state is State.RUNNING
    assert classifiers.jobs.unclaimed() == [] and classifiers.jobs.work(model.id) is None
    later = Classifiers(
        Database.open(tmp_path / "data"),
        tmp_path / "data/classify",
        lambda: datetime.now(UTC) + SILENCE + timedelta(seconds=5),
    )
    assert [row.id for row in later.jobs.unclaimed()] == [model.id]
    finished = later.jobs.work(model.id)
    later.close()
    assert finished is not None and finished.state is State.READY, finished
    assert finished.attempts == 2


def test_a_job_that_kills_its_workers_fails(classifiers: Classifiers, tmp_path: Path) -> None:
    classifiers.import_from("s", folders(tmp_path / "p", 5))
    model = classifiers.jobs.submit("s")
    with classifiers._database.transaction() as connection:
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        values = {"state": "running", "worker": "gone", "beat_at": long_ago}
        ModelRepository(connection).change(model.id, attempts=MOST_ATTEMPTS, **values)
    finished = classifiers.jobs.work(model.id)
    assert finished is not None and finished.state is State.FAILED
    assert "lost 3 times" in finished.error


def test_deleting_what_is_being_used(classifiers: Classifiers, tmp_path: Path) -> None:
    """A training whose data set or row goes away ends cleanly; a published model stays."""
    classifiers.import_from("s", folders(tmp_path / "p", 6))
    kept = classifiers.train("s", Options(heads=("logistic",)))
    classifiers.services.publish("s", kept.id)
    with pytest.raises(InvalidParameter, match="used by service s"):
        classifiers.models.delete(kept.id)
    gone = classifiers.jobs.submit("s")
    classifiers.datasets.delete("s")
    finished = classifiers.jobs.work(gone.id)
    assert finished is not None and finished.state is State.FAILED
    assert "no data set" in finished.error
    (answer,) = classifiers.predict(kept.id, [drawn("leaf", 4)])
    assert answer.scores[0][0] == "leaf"
    classifiers.services.delete("s")
    classifiers.models.delete(kept.id)
    assert not classifiers.files.model(kept.id).exists()


def test_deleting_a_model_while_it_is_trained(classifiers: Classifiers, tmp_path: Path) -> None:
    classifiers.import_from("s", folders(tmp_path / "p", MANY))
    model = classifiers.jobs.submit("s")
    with child(tmp_path, model.id) as process:
        wait_for(lambda: classifiers.jobs.get(model.id).progress > 0.02)
        classifiers.models.delete(model.id)
        assert process.wait(60) == 0
    assert not classifiers.files.model(model.id).exists()
    assert not classifiers.models.all()


class child:
    """``python -m xiutu.classify.work`` on the data of the test."""

    def __init__(self, root: Path, model: int) -> None:
        environment = {**os.environ, "XIUTU_DATA": str(root / "data"), "XIUTU_THREADS": "1"}
        command = [sys.executable, "-m", "xiutu.classify.work", str(model)]
        self.process = subprocess.Popen(command, env=environment)

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self.process

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def wait_for(condition: object, seconds: float = 60) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
