"""The machine room: bounded queue, workers that may die, deadlines that hold."""

from xiutu.engine.admission import Bounds
from xiutu.engine.inline import InlineExecutor
from xiutu.engine.interface import Executor, Stats, WorkerStats
from xiutu.engine.job import Job, Json, Outcome
from xiutu.engine.pool import PoolExecutor
from xiutu.engine.process import Limits

__all__ = [
    "Bounds",
    "Executor",
    "InlineExecutor",
    "Job",
    "Json",
    "Limits",
    "Outcome",
    "PoolExecutor",
    "Stats",
    "WorkerStats",
]
