"""R-229: publishing, deleting and restarting while callers call and while a model is being trained."""

import base64
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.classify.shapes import CLASSES, drawn, folders
from tests.gateway.classify import PATH, Classification, published
from tests.gateway.metering import client
from tests.server import RunningServer
from xiutu.classify.facade import Classifiers
from xiutu.classify.training import Options
from xiutu.classify.values import Model, State
from xiutu.storage import Database

__all__ = ["published"]

CALLERS = 10
pytestmark = pytest.mark.timeout(400)


class Traffic:
    """Callers that go on until told to stop; every answer is kept as (right, error code)."""

    def __init__(self, server: RunningServer, name: str, callers: int = CALLERS) -> None:
        self.answers: list[tuple[bool, int]] = []
        self._url, self._token = f"{server.url}{PATH}{name}", server.token()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(n,)) for n in range(callers)]

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def until(self, calls: int, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while len(self.answers) < calls:
            assert time.monotonic() < end, f"{len(self.answers)} answers"
            time.sleep(0.05)

    def _call(self, number: int) -> None:
        kind = CLASSES[number % len(CLASSES)]
        body = {"image": base64.b64encode(drawn(kind, 1000 + number)).decode()}
        query = {"access_token": self._token}
        with client(self._url) as mine:
            while not self._stop.is_set():
                answer: dict[str, Any] = mine.post(self._url, params=query, json=body).json()
                right = bool(answer.get("results")) and answer["results"][0]["name"] == kind
                self.answers.append((right, int(answer.get("error_code", 0))))


@pytest.fixture
def beside(published: Classification) -> Iterator[Classifiers]:
    """The data of the running server, opened by another process, as commands do it."""
    data = published.server.data / "data"
    with Classifiers(Database.open(data), data / "classify") as classifiers:
        yield classifiers


def test_publishing_drops_no_call(published: Classification, beside: Classifiers) -> None:
    """Ten callers, five releases, a roll back: every single answer is right."""
    model = beside.latest("shapes").id
    beside.services.publish("busy", model)
    with Traffic(published.server, "busy") as traffic:
        for _ in range(4):
            traffic.until(len(traffic.answers) + CALLERS)
            beside.services.publish("busy", model)
        traffic.until(len(traffic.answers) + CALLERS)
        beside.services.roll_back("busy")
        traffic.until(len(traffic.answers) + CALLERS)
    assert Counter(traffic.answers) == {(True, 0): len(traffic.answers)}


def test_replacing_the_model_drops_no_call(
    published: Classification, beside: Classifiers, tmp_path: Path
) -> None:
    """The next release is another model, trained on more pictures while callers call."""
    beside.services.publish("moving", beside.latest("shapes").id)
    beside.import_from("shapes", folders(tmp_path / "more", 3, first=400))
    with Traffic(published.server, "moving", callers=4) as traffic:
        traffic.until(4)
        trained = beside.train("shapes", Options(heads=("knn",)))
        assert trained.result is not None and trained.result["pictures"] == 45
        beside.services.publish("moving", trained.id)
        traffic.until(len(traffic.answers) + 8)
    assert Counter(traffic.answers) == {(True, 0): len(traffic.answers)}


def test_deleting_while_callers_call(published: Classification, beside: Classifiers) -> None:
    """Right answers until the service is gone, error 3 from then on, nothing else."""
    beside.services.publish("doomed", beside.latest("shapes").id)
    with Traffic(published.server, "doomed") as traffic:
        traffic.until(CALLERS)
        beside.services.delete("doomed")
        traffic.until(len(traffic.answers) + 2 * CALLERS)
    assert set(traffic.answers) == {(True, 0), (False, 3)}


def test_stopping_while_callers_call(published: Classification, beside: Classifiers) -> None:
    beside.services.publish("halted", beside.latest("shapes").id)
    with Traffic(published.server, "halted") as traffic:
        traffic.until(CALLERS)
        beside.services.stop("halted")
        traffic.until(len(traffic.answers) + CALLERS)
        beside.services.start("halted")
        traffic.until(len(traffic.answers) + 3 * CALLERS)
    assert set(traffic.answers) == {(True, 0), (False, 336100)}
    assert traffic.answers[-1] == (True, 0)


def test_worker_killed_while_callers_call(published: Classification) -> None:
    """A batch that loses its worker is tried again, picture by picture."""
    server = published.server
    with Traffic(server, "shapes", callers=6) as traffic:
        traffic.until(12)
        server.workers()[0].kill()
        traffic.until(len(traffic.answers) + 12)
    server.until_ready()
    codes = Counter(code for _, code in traffic.answers)
    assert codes[0] >= 18 and set(codes) <= {0, 336000} and codes[336000] <= 1


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_server_restarts_during_a_training(tmp_path: Path, end: str) -> None:
    """The training goes on with the next server, or survives beside it, and ends well."""
    pictures = folders(tmp_path / "pictures", 14)
    data = tmp_path / "data"
    with RunningServer(tmp_path, XIUTU_WORKERS="1", XIUTU_THREADS="1") as server:
        with Classifiers(Database.open(data), data / "classify") as classifiers:
            classifiers.import_from("shapes", pictures)
            # Queued only: the server itself has to find it and start a process for it.
            model = classifiers.jobs.submit("shapes", Options(heads=("logistic",))).id
            _until(classifiers, model, lambda row: row.progress > 0.02)
        keys = server.keys  # printed on the first start only
        getattr(server.process, end)()
        server.process.wait(40)
    with (
        RunningServer(tmp_path, XIUTU_WORKERS="1") as server,
        Classifiers(Database.open(data), data / "classify") as classifiers,
    ):
        _until(classifiers, model, lambda row: row.state is State.READY)
        classifiers.services.publish("shapes", model)
        server.keys = keys
        answer = Classification(server, "shapes").image(drawn("leaf", 5))
        assert answer["results"][0]["name"] == "leaf"


def _until(
    classifiers: Classifiers, model: int, condition: Callable[[Model], bool], seconds: float = 120
) -> None:
    end = time.monotonic() + seconds
    while not condition(row := classifiers.jobs.get(model)):
        assert not row.state.over, row
        assert time.monotonic() < end, row
        time.sleep(0.1)
