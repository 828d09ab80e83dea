import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.engine._support import RUNNER, MakeExecutor, MakeJob, MakePool
from xiutu.engine import Bounds, Executor, InlineExecutor, Job, Json, Limits, PoolExecutor


@pytest.fixture
def job() -> MakeJob:
    def make(
        operator: str,
        *,
        seconds: float = 20.0,
        inputs: dict[str, bytes] | None = None,
        megabytes: float = 0.0,
        owner: str = "",
        **params: Json,
    ) -> Job:
        deadline = time.monotonic() + seconds
        return Job(operator, inputs or {}, params, deadline, "log-1", megabytes, owner)

    return make


@pytest.fixture
def make_executor() -> Iterator[MakeExecutor]:
    """Starts executors of either kind; stops them after the test."""
    with ExitStack() as stack:

        def make(
            kind: str, workers: int = 1, *, waiting: int = 16, megabytes: float = 1000.0
        ) -> Executor:
            bounds = Bounds(workers, waiting, megabytes)
            executor: Executor
            if kind == "inline":
                executor = InlineExecutor(workers, runner=RUNNER, bounds=bounds)
            else:
                executor = PoolExecutor(workers, runner=RUNNER, bounds=bounds)
            stack.callback(executor.stop, 0.0)
            executor.start()
            return executor

        yield make


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    with ExitStack() as stack:

        def make(
            workers: int = 1,
            *,
            runner: str = RUNNER,
            limits: Limits | None = None,
            environment: dict[str, str] | None = None,
            fresh: bool = False,
        ) -> PoolExecutor:
            pool = PoolExecutor(
                workers,
                runner=runner,
                bounds=Bounds(workers, 16, 4000.0),
                limits=limits,
                threads=1,
                environment=environment,
                fresh=fresh,
            )
            stack.callback(pool.stop, 0.0)
            pool.start()
            return pool

        yield make
