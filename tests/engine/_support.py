"""Types of the fixtures, and waiting for what happens in another thread or process."""

import time
from collections.abc import Callable

import psutil

from xiutu.engine import Executor, Job, PoolExecutor

RUNNER = "tests.engine._runner:run"

MakeJob = Callable[..., Job]
MakeExecutor = Callable[..., Executor]
MakePool = Callable[..., PoolExecutor]


def wait_until(condition: Callable[[], bool], seconds: float = 8.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
