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


def engine_processes() -> list[psutil.Process]:
    """Fork servers that this very process started, and their workers."""
    forks = [child for child in psutil.Process().children() if child.name() == "xiutu-forks"]
    return forks + [worker for fork in forks for worker in fork.children()]


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
