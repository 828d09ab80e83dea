"""The runner of the server's workers: operators, and the models of custom classification."""

from xiutu.engine.job import Job, Outcome
from xiutu.engine.runner import PRELOAD
from xiutu.engine.runner import run as run_operator
from xiutu.gateway.easydl.jobs import EXAMINE, PREDICT, run_examine, run_predict

__all__ = ["PRELOAD", "RUNNER", "run"]

RUNNER = f"{__name__}:run"
"""As the engine wants it: workers import it on their own."""


def run(job: Job) -> Outcome:
    """One job. Raises what the operator or the model raises."""
    if job.operator == PREDICT:
        return run_predict(job)
    if job.operator == EXAMINE:
        return run_examine(job)
    return run_operator(job)
