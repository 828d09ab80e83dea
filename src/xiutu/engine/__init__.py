"""The machine room: bounded queue, workers that may die, deadlines that hold."""

from xiutu.engine.admission import Bounds
from xiutu.engine.inline import InlineExecutor
from xiutu.engine.interface import Executor, Stats, WorkerStats
from xiutu.engine.job import Job, Json, Outcome

__all__ = ["Bounds", "Executor", "InlineExecutor", "Job", "Json", "Outcome", "Stats", "WorkerStats"]
