"""What every executor promises, asked of each kind.

Nothing here is measured against the clock alone: how soon something must happen is told by the nap of a
job that goes on meanwhile, which is long enough for a slow machine.
"""

import threading
import time
from concurrent.futures import CancelledError, Future

import pytest

from tests.engine._support import MakeExecutor as Make
from tests.engine._support import MakeJob, wait_until
from xiutu.engine import Executor, InlineExecutor, Outcome, PoolExecutor
from xiutu.errors import (
    DeadlineExceeded,
    InternalError,
    NoWorkers,
    Overloaded,
    TargetNotFound,
)

NAP = 2.0
"""Seconds; long against what the tests do while a job naps."""

pytestmark = pytest.mark.parametrize("kind", ["inline", "pool"])


def test_success(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind)
    inputs = {"image": bytes(range(256)) * 5000, "mask": b"\x89PNG"}
    outcome = executor.submit(job("echo", inputs=inputs, strength=0.5, name="修图")).result()
    assert {name: outcome.fields[name] for name in inputs} == inputs
    assert outcome.fields["text"] == "[('name', '修图'), ('strength', 0.5)]"
    assert list(outcome.fields) == ["text", "image", "mask", "pid"]
    assert outcome.timings["apply"] == 0.25
    assert 0 <= outcome.timings["queue"] < 20, "the deadline of the job"


def test_many_jobs_from_many_threads(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind, 2, waiting=100)
    results: list[Outcome] = []

    def caller(number: int) -> None:
        for _ in range(10):
            image = bytes([number]) * 10_000
            outcome = executor.submit(job("echo", inputs={"image": image})).result()
            assert outcome.fields["image"] == image
            results.append(outcome)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 80
    assert executor.stats().queued == executor.stats().running == 0


def test_domain_error_keeps_its_class(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind)
    with pytest.raises(TargetNotFound) as caught:
        executor.submit(job("domain_error")).result()
    assert caught.value.detail == "no face"
    assert executor.stats().restarts == {}


def test_bug_is_an_internal_error_without_its_text(
    kind: str, make_executor: Make, job: MakeJob, capfd: pytest.CaptureFixture[str]
) -> None:
    executor = make_executor(kind)
    with pytest.raises(InternalError) as caught:
        executor.submit(job("bug", inputs={"image": b"picture" * 50})).result()
    assert caught.value.detail == "ValueError in bug"
    assert caught.value.__cause__ is None
    assert executor.submit(job("echo")).result()
    logged = "".join(capfd.readouterr())
    assert "job_failed" in logged
    assert "log-1" in logged
    assert "picturepicture" not in logged


def test_library_that_exits(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind)
    with pytest.raises(InternalError, match="SystemExit in exit"):
        executor.submit(job("exit")).result()
    assert executor.submit(job("echo")).result()
    assert executor.stats().restarts == {}


def test_bound_of_the_queue(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind, 2, waiting=3)
    accepted = [executor.submit(job("sleep", nap=NAP)) for _ in range(2)]
    refused = 0
    for _ in range(7):
        try:
            accepted.append(executor.submit(job("sleep", nap=0)))
        except Overloaded:
            refused += 1
    assert not any(future.done() for future in accepted), "refusals do not wait for room"
    assert (len(accepted), refused) == (5, 4)
    assert executor.stats().refused == 4
    for future in accepted:
        future.result(20)
    executor.submit(job("echo")).result(20)


def test_memory_estimates_are_kept(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind, 2, megabytes=100.0)
    before = time.monotonic()
    first = executor.submit(job("sleep", nap=NAP, megabytes=80))
    wait_until(lambda: executor.stats().running == 1)
    second = executor.submit(job("echo", megabytes=80))
    passed = time.monotonic() - before
    stats = executor.stats()
    assert (stats.queued, stats.running, stats.megabytes, stats.budget) == (1, 1, 80, 100)
    assert second.result(20).timings["queue"] >= NAP - passed, (
        "not before the first came to its end"
    )
    first.result(20)


def test_cancelled_in_the_queue_never_runs(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind)
    running = executor.submit(job("sleep", nap=NAP))
    wait_until(lambda: executor.stats().running == 1)
    assert not running.cancel(), "a running job is left to finish"
    queued = executor.submit(job("crash"))  # would take the process along if it ran
    assert queued.cancel()
    assert executor.stats().queued == 0
    running.result(20)
    executor.submit(job("echo")).result(20)
    with pytest.raises(CancelledError):
        queued.result(0)
    assert executor.stats().restarts == {}


def test_deadline_while_running(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind)
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        executor.submit(job("sleep", nap=2 * NAP, seconds=0.3)).result()
    assert 0.25 < time.monotonic() - started < 2 * NAP, "answered before the work came to its end"
    executor.submit(job("echo")).result(20)


def test_deadline_in_the_queue(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind)
    running = executor.submit(job("sleep", nap=2 * NAP))
    wait_until(lambda: executor.stats().running == 1)
    with pytest.raises(DeadlineExceeded, match="queue"):
        executor.submit(job("crash", seconds=0.2)).result()
    assert not running.done(), "answered before the slot came free"
    assert running.result(20)


def test_stop_finishes_running_and_queued_work(
    kind: str, make_executor: Make, job: MakeJob
) -> None:
    executor = make_executor(kind)
    futures = [executor.submit(job("sleep", nap=nap)) for nap in (NAP, 0.1, 0.1)]
    stopping = threading.Thread(target=executor.stop, args=(30.0,))
    stopping.start()

    def refuses() -> bool:
        try:
            executor.submit(job("echo"))
        except NoWorkers:
            return True
        return False

    wait_until(refuses)
    assert not futures[0].done(), "refused from the start of the stop on"
    stopping.join()
    assert all(future.done() for future in futures)
    assert len({future.result().fields["pid"] for future in futures}) == 1


def test_stop_without_grace(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind)
    nap = 10.0
    futures = [executor.submit(job("sleep", nap=nap)) for _ in range(3)]
    wait_until(lambda: executor.stats().running == 1)
    started = time.monotonic()
    executor.stop(0.1)
    assert time.monotonic() - started < nap - 1
    for future in futures:
        assert isinstance(future.exception(0), NoWorkers)
    executor.stop(0.0)


def test_not_started_yet(kind: str, job: MakeJob) -> None:
    executor: Executor = InlineExecutor() if kind == "inline" else PoolExecutor()
    with pytest.raises(NoWorkers):
        executor.submit(job("echo"))
    executor.stop(0.0)


def test_statistics_of_workers(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind, 2)
    assert executor.stats().alive == 2
    executor.submit(job("echo")).result()
    future = executor.submit(job("sleep", nap=NAP))

    def busy() -> int:
        return sum(worker.busy_since is not None for worker in executor.stats().workers)

    wait_until(lambda: busy() == 1)
    assert executor.stats().running == 1
    assert all(worker.rss > 2**20 for worker in executor.stats().workers)
    future.result()
    wait_until(lambda: sum(worker.jobs for worker in executor.stats().workers) == 2)


def test_callback_may_submit_again(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind)
    second: list[Future[Outcome]] = []
    done = threading.Event()

    def go_on(_: Future[Outcome]) -> None:
        second.append(executor.submit(job("echo")))
        done.set()

    executor.submit(job("sleep", nap=0.1)).add_done_callback(go_on)
    assert done.wait(10)
    assert second[0].result(10)


def test_params_that_are_no_json(kind: str, make_executor: Make, job: MakeJob) -> None:
    executor = make_executor(kind)
    if kind == "pool":
        with pytest.raises(InternalError):
            executor.submit(job("echo", value={1, 2})).result(10)
        assert executor.stats().restarts == {}
    assert executor.submit(job("echo")).result(10)
