"""A worker killed in mid-call, far too many callers, clients that hang up, a server that stops."""

import base64
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from tests.gateway.metering import client
from tests.server import PREFIX, RunningServer, jpeg

QUEUE = 16
RESTARTS = 'xiutu_worker_restarts{reason="crash"}'
ABANDONED = 'xiutu_abandoned_calls_total{operator="dehaze"}'


SETTINGS = {
    "XIUTU_QUEUE": str(QUEUE),
    "XIUTU_THREADS": "1",
    "XIUTU_SHUTDOWN_GRACE_S": "20",
    "XIUTU_JOB_TIMEOUT_S": "300",  # slow machines must not turn a bound into a time-out
}
"""One worker and a short queue, so that bounds are reached."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Tests compare what it counts before and after: a start costs more than most of them."""
    with RunningServer(tmp_path_factory.mktemp("small"), "--workers", "1", **SETTINGS) as running:
        yield running


@pytest.fixture
def ending(tmp_path: Path) -> Iterator[RunningServer]:
    """For a test that ends it."""
    with RunningServer(tmp_path, "--workers", "1", **SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def large() -> bytes:
    """12 megapixels: seconds of work, about a megabyte."""
    return jpeg(4000, 3000)


def _ledger(server: RunningServer) -> Counter[int]:
    """Recorded calls by code, read from the database file itself."""
    with sqlite3.connect(server.data / "data" / "xiutu.db") as database:
        rows = database.execute("SELECT code, COUNT(*) FROM usage GROUP BY code").fetchall()
    database.close()
    return Counter(dict(rows))


def _until(what: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_worker_killed_in_mid_call(small: RunningServer, large: bytes) -> None:
    """R-136: that caller gets 282000, the next call succeeds, the ledger is right."""
    before, restarts = _ledger(small), small.metric(RESTARTS)
    (worker,) = small.workers()
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(small.call, "dehaze", image=large)
        _until(lambda: small.metric("xiutu_running_jobs") == 1)
        worker.kill()
        assert answer.result() == {"error_code": 282000, "error_msg": "internal error"}
    assert "image" in small.call("dehaze", image=jpeg())
    assert _ledger(small) - before == {282000: 1, 0: 1}
    (replacement,) = small.workers()
    assert replacement.pid != worker.pid
    assert small.metric(RESTARTS) == restarts + 1


def test_two_hundred_parallel_callers(small: RunningServer) -> None:
    """R-125: at least workers + queue bound succeed, the rest get error 4, nobody grows past bounds."""
    image = base64.b64encode(jpeg(800, 600)).decode()
    token, before = small.token(), _ledger(small)
    peaks: Counter[int] = Counter()

    def call(_: int) -> int:
        with client(small.url, timeout=120) as mine:
            answer = mine.post(
                f"{PREFIX}style_trans", params={"access_token": token}, data={"image": image}
            )
        assert answer.status_code == 200
        return int(answer.json().get("error_code", 0))

    with ThreadPoolExecutor(200) as threads:
        calls = [threads.submit(call, number) for number in range(200)]
        while not all(done.done() for done in calls):
            server = psutil.Process(small.process.pid)
            for process in [server, *server.children(recursive=True)]:
                try:
                    peaks[process.pid] = max(peaks[process.pid], process.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue
            time.sleep(0.1)
    codes = Counter(done.result() for done in calls)
    assert set(codes) <= {0, 4}
    assert codes[0] >= 1 + QUEUE
    assert codes[4] > 0, "the bound was never reached: the test shows nothing"
    assert _ledger(small) - before == {0: codes[0]}, "refused calls must not be recorded"
    megabytes = {pid: peak / 1e6 for pid, peak in peaks.items()}
    assert megabytes.pop(small.process.pid) < 700
    assert all(peak < 1536 for peak in megabytes.values())
    assert "image" in small.call("dehaze", image=jpeg())


def test_client_that_hangs_up_is_not_recorded(small: RunningServer, large: bytes) -> None:
    """Its queued work is dropped; nothing is billed for an answer nobody got."""
    token, before, abandoned = small.token(), _ledger(small), small.metric(ABANDONED)
    image = base64.b64encode(large).decode()
    url = f"{small.url}{PREFIX}dehaze?access_token={token}"
    with pytest.raises(httpx2.TimeoutException):
        httpx2.post(url, data={"image": image}, timeout=httpx2.Timeout(0.4, connect=5))
    _until(lambda: small.metric(ABANDONED) == abandoned + 1)
    _until(lambda: small.metric("xiutu_running_jobs") == 0)
    assert _ledger(small) == before
    assert "image" in small.call("dehaze", image=jpeg())


def test_a_stopping_server_finishes_running_work(ending: RunningServer, large: bytes) -> None:
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(ending.call, "dehaze", image=large)
        _until(lambda: ending.metric("xiutu_running_jobs") == 1)
        ending.process.terminate()
        assert "image" in answer.result()
    assert ending.process.wait(20) == 0
    assert _ledger(ending) == {0: 1}


def test_no_process_survives_the_server(ending: RunningServer) -> None:
    below = psutil.Process(ending.process.pid).children(recursive=True)
    assert below
    ending.process.kill()
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive


def test_secrets_stay_out_of_the_log(small: RunningServer) -> None:
    """Neither keys, tokens nor pictures are logged, at any outcome."""
    token = small.token()
    image = base64.b64encode(jpeg()).decode()
    small.call("dehaze", token=token, image=image)
    small.call("dehaze", token=token, image=image[:400])
    small.call("dehaze", token=token[:-1] + "x", image=image)
    small.client.get(f"/nowhere?access_token={token}")
    log = small.log.read_text()
    assert '"event": "call"' in log
    for secret in (token, small.keys["secret_key"], image[:60], image[200:260]):
        assert secret not in log
