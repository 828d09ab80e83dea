"""A batch of pictures as a job of the engine, on both sides: what the server sends and what a worker does.

Pictures of several callers travel together; each has its own answer or its own error.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from xiutu.classify.facts import Facts, examine
from xiutu.classify.predictor import Answer, predictor
from xiutu.contract.services import CUSTOM_CLASSIFICATION
from xiutu.engine.job import Job, Outcome
from xiutu.errors import BadModel, InternalError, XiutuError
from xiutu.image.decode import decode
from xiutu.operators._runner import prepare

__all__ = [
    "EXAMINE",
    "PREDICT",
    "Reply",
    "facts_of",
    "megabytes",
    "replies",
    "run_examine",
    "run_predict",
]

PREDICT = CUSTOM_CLASSIFICATION.id
EXAMINE = f"{PREDICT}.examine"


@dataclass(frozen=True)
class Reply:
    """Answer to one picture, or why there is none."""

    answer: Answer | None
    error: XiutuError | None


def megabytes(pixels: int) -> float:
    """Peak of a worker for one picture: decoded, and resized."""
    return 40 + pixels * 7 / 1e6


def run_predict(job: Job) -> Outcome:
    """In a worker: ``inputs`` are files by number, ``params`` name the model's folder.

    Raises ``ModelUnavailable`` or ``BadModel`` when there is nothing to answer with.
    """
    prepare()
    model = predictor(Path(str(job.params["model"])))
    started = time.perf_counter()
    fields: dict[str, bytes | str] = {}
    pictures = {}
    for name, data in job.inputs.items():
        try:
            pictures[name] = decode(data).rgb
        except XiutuError as error:
            fields[name] = _text({"error": error.kind, "detail": error.detail[:500]})
    decoded = time.perf_counter()
    if pictures:
        try:
            answers = model.predict(list(pictures.values()))
        except XiutuError:
            raise
        except Exception as error:  # whatever a stranger's graph makes onnxruntime raise
            raise BadModel(f"{type(error).__name__} in the model") from None
        for name, answer in zip(pictures, answers, strict=True):
            fields[name] = _text({"scores": answer.scores, "known": answer.known})
    timings = {"decode": decoded - started, "apply": time.perf_counter() - decoded}
    return Outcome(fields, timings)


def run_examine(job: Job) -> Outcome:
    """In a worker: facts of a picture somebody uploads to a data set."""
    prepare()
    facts = examine(job.inputs["0"])
    return Outcome({"0": _text([facts.width, facts.height, facts.fingerprint])}, {})


def replies(outcome: Outcome, count: int) -> list[Reply]:
    """In the server: what came back, in the order of the pictures."""
    found = []
    for number in range(count):
        text = outcome.fields.get(str(number))
        if not isinstance(text, str):
            raise InternalError("a picture of a batch has no answer")
        values = orjson.loads(text)
        if "error" in values:
            found.append(Reply(None, XiutuError.revive(values["error"], values["detail"])))
        else:
            scores = tuple((str(label), float(score)) for label, score in values["scores"])
            found.append(Reply(Answer(scores, values["known"]), None))
    return found


def facts_of(outcome: Outcome) -> Facts:
    """In the server: the result of ``run_examine``."""
    return Facts(*orjson.loads(outcome.fields["0"]))


def _text(value: dict[str, object] | Sequence[int]) -> str:
    return orjson.dumps(value).decode()
