"""Jobs, outcomes and errors as frames, and back; what comes from a worker is not trusted."""

from xiutu.engine.frames import Frame, FrameError
from xiutu.engine.job import Job, Outcome
from xiutu.errors import XiutuError

__all__ = ["READY", "error_frame", "is_ready", "job_frame", "job_of", "outcome_frame", "result_of"]

READY = Frame({"ready": True})
"""A worker says so after it came up and after it tidied up behind each job."""

DETAIL_LIMIT = 2000
"""Characters of an error's text that cross."""


def is_ready(frame: Frame) -> bool:
    return frame == READY


def job_frame(job: Job) -> Frame:
    body = {
        "operator": job.operator,
        "params": job.params,
        "deadline": job.deadline,
        "log_id": job.log_id,
        "megabytes": job.megabytes,
    }
    return Frame(body, job.inputs)


def job_of(frame: Frame) -> Job:
    return Job(inputs=frame.blobs, **frame.body)


def outcome_frame(outcome: Outcome) -> Frame:
    texts = {name: value for name, value in outcome.fields.items() if isinstance(value, str)}
    blobs = {name: value for name, value in outcome.fields.items() if isinstance(value, bytes)}
    if len(texts) + len(blobs) != len(outcome.fields):
        raise FrameError("a field is neither text nor bytes")
    # The order of the fields is the order in the response, so it is kept.
    body = {"names": list(outcome.fields), "texts": texts, "timings": outcome.timings}
    return Frame(body, blobs)


def error_frame(error: XiutuError) -> Frame:
    return Frame({"kind": error.kind, "detail": error.detail[:DETAIL_LIMIT]})


def result_of(frame: Frame) -> Outcome | XiutuError:
    """The outcome, or the error revived. Raises ``FrameError`` if it is neither."""
    match frame.body:
        case {"kind": str() as kind, "detail": str() as detail}:
            return XiutuError.revive(kind, detail[:DETAIL_LIMIT])
        case {"names": list() as names, "texts": dict() as texts, "timings": dict() as timings}:
            fields = _fields(names, texts, frame.blobs)
            return Outcome(fields, {str(step): _seconds(took) for step, took in timings.items()})
    raise FrameError("neither an outcome nor an error")


def _fields(
    names: list[object], texts: dict[str, object], blobs: dict[str, bytes]
) -> dict[str, bytes | str]:
    fields: dict[str, bytes | str] = {}
    for name in names:
        value = texts.get(name, blobs.get(name)) if isinstance(name, str) else None
        if not isinstance(name, str) or not isinstance(value, str | bytes):
            raise FrameError("field without a value")
        fields[name] = value
    return fields


def _seconds(value: object) -> float:
    if not isinstance(value, int | float):
        raise FrameError("timing is no number")
    return float(value)
