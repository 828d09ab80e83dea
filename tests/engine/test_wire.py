import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiutu import errors
from xiutu.engine import Job, Outcome, wire
from xiutu.engine.frames import Frame, FrameError


def test_job_survives() -> None:
    job = Job("dehaze", {"image": b"\xff\xd8"}, {"strength": 0.5, "x": [1, None]}, 12.5, "id", 80.0)
    assert wire.job_of(wire.job_frame(job)) == job


names = st.text(max_size=8)
fields = st.dictionaries(names, st.binary(max_size=40) | st.text(max_size=40), max_size=6)


@settings(max_examples=60, deadline=None)
@given(fields, st.dictionaries(names, st.floats(0, 100), max_size=4))
def test_outcome_survives_in_order(
    content: dict[str, bytes | str], timings: dict[str, float]
) -> None:
    outcome = wire.result_of(wire.outcome_frame(Outcome(content, timings)))
    assert outcome == Outcome(content, timings)
    assert isinstance(outcome, Outcome)
    assert list(outcome.fields) == list(content)


def _all_errors(base: type[errors.XiutuError]) -> list[type[errors.XiutuError]]:
    """Those of xiutu.errors: which others exist depends on what else was imported."""
    children = [c for c in base.__subclasses__() if c.__module__ == "xiutu.errors"]
    return [base] + [found for child in children for found in _all_errors(child)]


@pytest.mark.parametrize("kind", _all_errors(errors.XiutuError))
def test_every_domain_error_survives(kind: type[errors.XiutuError]) -> None:
    revived = wire.result_of(wire.error_frame(kind("some detail")))
    assert type(revived) is kind
    assert isinstance(revived, errors.XiutuError)
    assert revived.detail == "some detail"


def test_endless_error_text_is_cut() -> None:
    revived = wire.result_of(Frame({"kind": "TargetNotFound", "detail": "x" * 10**6}))
    assert isinstance(revived, errors.TargetNotFound)
    assert len(revived.detail) == wire.DETAIL_LIMIT


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "InternalError"},
        {"kind": 3, "detail": "x"},
        {"names": ["image"], "texts": {}, "timings": {}},
        {"names": [["image"]], "texts": {}, "timings": {}},
        {"names": ["n"], "texts": {"n": 5}, "timings": {}},
        {"names": [], "texts": {}, "timings": {"apply": "1"}},
    ],
)
def test_nonsense_from_a_worker_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(FrameError):
        wire.result_of(Frame(body))


def test_a_field_of_another_type_cannot_be_sent() -> None:
    with pytest.raises(FrameError):
        wire.outcome_frame(Outcome({"score": 5}, {}))  # type: ignore[dict-item]
