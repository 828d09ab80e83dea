"""The pool with the operators of this version, as the server starts it."""

import time
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from tests.engine._support import MakeJob, engine_processes
from xiutu.engine import PoolExecutor
from xiutu.errors import InvalidParameter, OperatorUnavailable, PictureError


@pytest.fixture(scope="module")
def pool() -> Iterator[PoolExecutor]:
    pool = PoolExecutor(2)
    pool.start()
    yield pool
    pool.stop(0.0)


def photo() -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(file, "PNG")
    return file.getvalue()


def test_idle_memory_and_safety_of_forking(pool: PoolExecutor) -> None:
    processes = engine_processes()
    assert sorted(process.name() for process in processes) == ["xiutu-forks"] + 2 * ["xiutu-worker"]
    # A library that starts threads when imported must not get into the process that forks.
    assert [process.num_threads() for process in processes] == [1, 1, 1]
    # The whole idle server may take 400 MB; the engine leaves most of that to the rest of it.
    assert sum(process.memory_full_info().pss for process in processes) < 200 * 2**20


def test_picture_in_picture_out(pool: PoolExecutor, job: MakeJob) -> None:
    outcome = pool.submit(job("dehaze", inputs={"image": photo()})).result(30)
    image = outcome.fields["image"]
    assert isinstance(image, bytes)
    assert Image.open(BytesIO(image)).size == (64, 48)
    assert {"queue", "decode", "apply", "encode"} <= outcome.timings.keys()
    assert all(seconds >= 0 for seconds in outcome.timings.values())


@pytest.mark.parametrize(
    ("operator", "picture", "params", "expected"),
    [
        ("dehaze", b"not a picture", {}, PictureError),
        ("dehaze", photo()[:100], {}, PictureError),
        ("dehaze", photo(), {"strength": 77}, InvalidParameter),
        ("no_such_operator", photo(), {}, OperatorUnavailable),
    ],
)
def test_errors_of_operators_arrive(
    pool: PoolExecutor,
    job: MakeJob,
    operator: str,
    picture: bytes,
    params: dict[str, float],
    expected: type[Exception],
) -> None:
    with pytest.raises(expected):
        pool.submit(job(operator, inputs={"image": picture}, **params)).result(30)
    assert pool.stats().restarts == {}


def test_a_dead_worker_is_back_within_the_second(pool: PoolExecutor, job: MakeJob) -> None:
    worker = next(child for child in engine_processes() if child.name() == "xiutu-worker")
    worker.kill()
    started = time.monotonic()
    while pool.stats().alive < 2 or worker.pid in [w.pid for w in pool.stats().workers]:
        assert time.monotonic() - started < 3
        time.sleep(0.01)
