"""The runner of the real operators; the fork server imports this module before it forks."""

from xiutu.engine.job import Job, Outcome
from xiutu.operators import _removal
from xiutu.operators._registry import implemented
from xiutu.operators._runner import execute

__all__ = ["PRELOAD", "run"]

PRELOAD = ("onnxruntime",)
"""What the fork server imports as well, once for all workers. Operators import it when they need
it, so
that a single call from the command line does not pay for it in vain."""

# Here and not at the first call: workers then share the loaded code of all operators, and a broken
# operator file stops the server at its start.
implemented()


def run(job: Job) -> Outcome:
    """Decode, apply, encode. Raises what the operator raises."""
    if job.operator == _removal.ID:
        executed = _removal.execute(job.inputs, job.params)
    else:
        executed = execute(job.operator, job.inputs, job.params)
    return Outcome(executed.fields, executed.timings)
