"""Pictures that somebody uploads to a data set: decoded in a worker, as every stranger's picture is."""

import time

from xiutu.classify.datasets import Examine
from xiutu.classify.facts import LIMITS, Facts
from xiutu.engine.interface import Executor
from xiutu.engine.job import Job
from xiutu.gateway.easydl.jobs import EXAMINE, facts_of, megabytes
from xiutu.image.header import read_header

__all__ = ["examiner"]


def examiner(executor: Executor, seconds: float) -> Examine:
    """For ``Datasets.add``; blocks, so it is called in threads. Raises picture and engine errors."""

    def examine(data: bytes) -> Facts:
        header = read_header(data)
        LIMITS.check(header)
        job = Job(
            operator=EXAMINE,
            inputs={"0": data},
            params={},
            deadline=time.monotonic() + seconds,
            megabytes=megabytes(header.pixels),
        )
        return facts_of(executor.submit(job).result())

    return examine
