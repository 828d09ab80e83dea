"""The runner of the real operators; worker processes import this module before they fork."""

from xiutu.engine.job import Job, Outcome
from xiutu.operators._runner import execute

__all__ = ["run"]


def run(job: Job) -> Outcome:
    """Decode, apply, encode. Raises what the operator raises."""
    executed = execute(job.operator, job.inputs, job.params)
    return Outcome(executed.fields, executed.timings)
