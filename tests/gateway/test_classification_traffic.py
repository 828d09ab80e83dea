"""R-229: publishing, deleting and restarting while callers call and while a model is being trained."""

import base64
import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.classify.shapes import CLASSES, drawn, folders
from tests.gateway.classify import PATH, Classification, published
from tests.server import RunningServer
from xiutu.classify.facade import Classifiers
from xiutu.storage import Database

__all__ = ["published"]

CALLERS = 10


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
        with httpx2.Client(timeout=60, trust_env=False) as client:
            while not self._stop.is_set():
                answer: dict[str, Any] = client.post(self._url, params=query, json=body).json()
                right = bool(answer.get("results")) and answer["results"][0]["name"] == kind
                self.answers.append((right, int(answer.get("error_code", 0))))


def test_publishing_drops_no_call(published: Classification) -> None:
    """Ten callers, five releases, a roll back: every single answer is right."""
    server = published.server
    server.cli("classify", "publish", "shapes", "--as", "busy")
    with Traffic(server, "busy") as traffic:
        traffic.until(CALLERS)
        for _ in range(4):
            server.cli("classify", "publish", "shapes", "--as", "busy")
        server.cli("classify", "rollback", "busy")
        traffic.until(len(traffic.answers) + CALLERS)
    assert Counter(traffic.answers) == {(True, 0): len(traffic.answers)}
    assert len(traffic.answers) > 3 * CALLERS


def test_replacing_the_model_drops_no_call(published: Classification, tmp_path: Path) -> None:
    """The next release is another model, trained on more pictures."""
    server = published.server
    server.cli("classify", "publish", "shapes", "--as", "moving")
    more = folders(tmp_path / "more", 3, first=400)
    server.cli("classify", "import", str(more), "--name", "shapes")
    with Traffic(server, "moving", callers=4) as traffic:
        traffic.until(4)
        trained = json.loads(server.cli("classify", "train", "shapes", "--head", "knn", "--json"))
        server.cli("classify", "publish", "shapes", "--as", "moving")
        traffic.until(len(traffic.answers) + 8)
    assert trained["pictures"] == 45
    assert Counter(traffic.answers) == {(True, 0): len(traffic.answers)}


def test_deleting_while_callers_call(published: Classification) -> None:
    """Right answers until the service is gone, error 3 from then on, nothing else."""
    server = published.server
    server.cli("classify", "publish", "shapes", "--as", "doomed")
    with Traffic(server, "doomed") as traffic:
        traffic.until(CALLERS)
        server.cli("classify", "delete", "--service", "doomed")
        traffic.until(len(traffic.answers) + 2 * CALLERS)
    assert set(traffic.answers) == {(True, 0), (False, 3)}


def test_stopping_while_callers_call(published: Classification) -> None:
    server = published.server
    server.cli("classify", "publish", "shapes", "--as", "halted")
    with Traffic(server, "halted") as traffic:
        traffic.until(CALLERS)
        server.cli("classify", "stop", "halted")
        traffic.until(len(traffic.answers) + CALLERS)
        server.cli("classify", "start", "halted")
        before = len(traffic.answers)
        traffic.until(before + 3 * CALLERS)
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
    pictures = folders(tmp_path / "pictures", 40)
    with RunningServer(tmp_path, XIUTU_WORKERS="1", XIUTU_THREADS="1") as server:
        server.cli("classify", "import", str(pictures), "--name", "shapes")
        # Queued only: the server itself has to find it and start a process for it.
        data = tmp_path / "data"
        with Classifiers(Database.open(data), data / "classify") as classifiers:
            model = classifiers.jobs.submit("shapes").id
        _until(server, model, lambda row: row["progress"] > 0.02)
        getattr(server.process, end)()
        server.process.wait(40)
    with RunningServer(tmp_path, XIUTU_WORKERS="1") as server:
        _until(server, model, lambda row: row["state"] == "ready", seconds=120)
        server.cli("classify", "publish", "shapes")
        answer = Classification(server, "shapes").image(drawn("leaf", 5))
        assert answer["results"][0]["name"] == "leaf"


def _until(server: RunningServer, model: int, condition: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        rows = json.loads(server.cli("classify", "list", "--json"))["models"]
        row = next(row for row in rows if row["id"] == model)
        if condition(row):
            return
        assert row["state"] in ("queued", "running"), row
        assert time.monotonic() < end, row
        time.sleep(0.3)
