"""What only processes can promise: whatever a worker does, the server and the next caller are fine."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.engine._support import MakeJob, MakePool, engine_processes, gone, wait_until
from xiutu.engine import Limits
from xiutu.errors import DeadlineExceeded, EngineError, NoWorkers, WorkerDied


def worker_pid(make: MakeJob, pool: object) -> int:
    return int(str(pool.submit(make("echo")).result(10).fields["pid"]))  # type: ignore[attr-defined]


def test_crash_in_the_middle_of_a_job(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool()
    before = worker_pid(job, pool)
    with pytest.raises(WorkerDied):
        pool.submit(job("crash")).result(10)
    assert pool.stats().restarts == {"crash": 1}
    assert worker_pid(job, pool) != before


def test_killed_from_outside_in_the_middle_of_a_job(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool()
    future = pool.submit(job("sleep", nap=20))
    queued = pool.submit(job("echo"))
    wait_until(lambda: pool.stats().workers[0].busy_since is not None)
    victim = pool.stats().workers[0].pid
    assert victim
    os.kill(victim, signal.SIGKILL)
    with pytest.raises(WorkerDied):
        future.result(10)
    assert int(str(queued.result(10).fields["pid"])) != victim
    assert gone(victim)


def test_killed_while_idle_costs_nobody_a_job(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool()
    victim = worker_pid(job, pool)
    wait_until(lambda: pool.stats().workers[0].jobs == 1)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: gone(victim))
    assert worker_pid(job, pool) != victim
    assert pool.stats().restarts == {"died": 1}


def test_idle_worker_is_replaced_without_being_asked(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool()
    victim = worker_pid(job, pool)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: pool.stats().workers[0].pid not in (victim, None))


@pytest.mark.parametrize("operator", ["sleep", "hang"])
def test_hang_is_killed_at_the_deadline(make_pool: MakePool, job: MakeJob, operator: str) -> None:
    pool = make_pool()
    before = worker_pid(job, pool)
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        pool.submit(job(operator, nap=30, seconds=0.3)).result()
    assert time.monotonic() - started < 15, "long before the 30 s both take"
    assert gone(before)
    assert worker_pid(job, pool) != before
    assert pool.stats().restarts == {"deadline": 1}


def test_memory_balloon(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool(limits=Limits(megabytes=250))
    before = worker_pid(job, pool)
    ours = psutil.Process().memory_info().rss
    with pytest.raises(WorkerDied, match="memory"):
        pool.submit(job("balloon")).result(20)
    assert psutil.Process().memory_info().rss - ours < 20 * 2**20
    assert worker_pid(job, pool) != before
    assert pool.stats().restarts == {"memory": 1}


def test_worker_that_announces_more_than_it_may(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool()
    for operator in ("babble", "boast"):
        with pytest.raises(WorkerDied, match="nonsense"):
            pool.submit(job(operator)).result(10)
    assert worker_pid(job, pool)
    assert pool.stats().restarts == {"crash": 2}


def test_result_that_cannot_cross(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool()
    with pytest.raises(EngineError, match="FrameError in no_fields"):
        pool.submit(job("no_fields")).result(10)
    assert pool.stats().restarts == {}


def test_recycled_after_its_share_of_jobs(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool(limits=Limits(jobs=3))
    pids = [worker_pid(job, pool) for _ in range(7)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


def test_cyclic_garbage_does_not_outlive_its_job(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool()
    before, after = (
        int(str(pool.submit(job("litter", megabytes_left=60)).result(10).fields["rss"]))
        for _ in range(2)
    )
    assert after - before < 30 * 2**20


def test_recycled_when_it_holds_too_much(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool(limits=Limits(idle_megabytes=120))
    first = pool.submit(job("hold", megabytes_held=150)).result(10)
    assert worker_pid(job, pool) != int(str(first.fields["pid"]))
    assert pool.stats().restarts == {"recycled": 1}


def test_recycled_when_the_next_job_would_not_fit_beside_what_it_holds(
    make_pool: MakePool, job: MakeJob
) -> None:
    pool = make_pool(limits=Limits(megabytes=400, idle_megabytes=300))
    first = pool.submit(job("hold", megabytes_held=150)).result(10).fields["pid"]
    second = pool.submit(job("echo", megabytes=100)).result(10).fields["pid"]
    third = pool.submit(job("echo", megabytes=300)).result(10).fields["pid"]
    assert first == second != third
    assert pool.stats().restarts == {"recycled": 1}


@pytest.mark.parametrize("module", ["no_such_module", "_stillborn"])
def test_broken_installation_is_no_fork_storm(
    make_pool: MakePool, job: MakeJob, module: str
) -> None:
    pool = make_pool(2, runner=f"tests.engine.{module}:run")
    with pytest.raises(NoWorkers):
        pool.submit(job("echo"))
    time.sleep(1.0)
    with pytest.raises(NoWorkers):
        pool.submit(job("echo"))
    stats = pool.stats()
    assert stats.alive == 0
    assert 2 <= stats.restarts["start"] <= 12


def test_jobs_already_queued_learn_that_there_are_no_workers(
    make_pool: MakePool, job: MakeJob, tmp_path: Path
) -> None:
    pool = make_pool(environment={"ENGINE_TEST_SPOIL": str(tmp_path / "spoilt")})
    running = pool.submit(job("spoil"))  # from now on no worker comes up
    queued = pool.submit(job("echo"))
    with pytest.raises(WorkerDied):
        running.result(10)
    with pytest.raises(NoWorkers):
        queued.result(10)


def test_fork_server_may_die_too(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool(2)
    hanging = pool.submit(job("hang"))
    wait_until(lambda: any(worker.busy_since for worker in pool.stats().workers))
    time.sleep(0.1)  # the job is on its way into the worker
    before = {worker.pid for worker in pool.stats().workers if worker.pid}
    parent = psutil.Process(min(before)).parent()
    assert parent is not None
    parent.kill()
    with pytest.raises(WorkerDied):
        hanging.result(10)
    wait_until(lambda: all(gone(pid) for pid in before))
    assert worker_pid(job, pool) not in before


def test_no_process_is_left(make_pool: MakePool, job: MakeJob) -> None:
    before = {process.pid for process in engine_processes()}
    pool = make_pool(2)
    pool.submit(job("sleep", nap=0.1)).result(10)
    hanging = pool.submit(job("sleep", nap=30))
    ours = {process.pid for process in engine_processes()} - before
    assert len(ours) == 3
    pool.stop(0.2)
    assert isinstance(hanging.exception(0), NoWorkers)
    assert {process.pid for process in engine_processes()} == before
    assert all(gone(pid) for pid in ours)


def test_manners_of_a_worker(make_pool: MakePool, job: MakeJob) -> None:
    fields = make_pool().submit(job("manners")).result(10).fields
    assert fields["name"] == "xiutu-worker"
    assert fields["oom"] == "500"
    assert fields["signals"] == "SIGINT SIGTERM SIGHUP"
    assert fields["threads"] == "1"
    assert int(str(fields["descriptors"])) <= 6, "standard three, its pipe, the listing itself"


def test_environment_of_a_worker(
    make_pool: MakePool, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIUTU_ADMIN_PASSWORD", "hush")
    monkeypatch.setenv("XIUTU_DATABASE_URL", "postgresql://u:hush@db/x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("XIUTU_MODELS", "/models")
    pool = make_pool(environment={"XIUTU_DATA": "/data"})
    fields = pool.submit(job("environment")).result(10).fields
    assert "hush" not in "".join(str(value) for value in fields.values())
    assert fields["XIUTU_MODELS"] == "/models"
    assert fields["XIUTU_DATA"] == "/data"
    assert fields["XIUTU_THREADS"] == "1"
    assert fields["OPENBLAS_NUM_THREADS"] == "1"
    assert fields["ORT_DISABLE_TELEMETRY"] == "1"


def test_chatter_stays_out_of_our_output(
    make_pool: MakePool, job: MakeJob, capfd: pytest.CaptureFixture[str]
) -> None:
    pool = make_pool()
    pool.submit(job("chatter")).result(10)
    captured = capfd.readouterr()
    assert "on standard output" not in captured.out
    assert "on standard output" in captured.err


def test_workers_that_execute_instead_of_only_forking(make_pool: MakePool, job: MakeJob) -> None:
    pool = make_pool(fresh=True)
    image = bytes(300_000)
    outcome = pool.submit(job("echo", inputs={"image": image})).result(20)
    assert outcome.fields["image"] == image
    with pytest.raises(WorkerDied):
        pool.submit(job("crash")).result(20)
    assert worker_pid(job, pool)
