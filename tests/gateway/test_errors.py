"""Every domain error has a vendor code; messages are literal."""

import pytest

from xiutu import contract, errors
from xiutu.gateway.baidu.errors import TABLE, code_of, error_body
from xiutu.storage.errors import StorageError, StorageUnavailable


def _every(base: type[errors.XiutuError]) -> list[type[errors.XiutuError]]:
    found = [base]
    for child in base.__subclasses__():
        if child.__module__ == "xiutu.errors":
            found += _every(child)
    return found


@pytest.mark.parametrize("kind", _every(errors.XiutuError))
def test_every_error_crosses_and_maps(kind: type[errors.XiutuError]) -> None:
    """R-133 to R-138: whatever a worker reports by name becomes a documented code with its text."""
    revived = errors.XiutuError.revive(kind.__name__, "inner text /srv/secret")
    assert type(revived) is kind
    body = error_body(revived)
    assert body["error_code"] in contract.error_codes()
    if kind not in (errors.BodyTooLarge, errors.MissingParameter):
        assert body["error_msg"] == contract.error(code_of(revived)).message
        assert "secret" not in str(body)


def test_unknown_kind_is_an_internal_error() -> None:
    """R-123, R-136: an exception nobody foresaw is 1 at the gateway, 282000 from a worker."""
    assert code_of(ValueError("x")) == 1
    assert code_of(errors.XiutuError.revive("NoSuchKind", "x")) == 282000


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.TargetNotFound, 282102),
        (errors.TargetUnusable, 282103),
        (errors.DetectionFailed, 216634),
        (errors.RecognitionFailed, 216630),
        (errors.UnusableResult, 282810),
        (errors.TranscodeError, 282100),
        (errors.WeightsMissing, 216401),
        (errors.DeadlineExceeded, 282000),
        (errors.WorkerDied, 282000),
        (errors.TokenExpired, 111),
        (errors.Overloaded, 4),
        (errors.NoWorkers, 2),
    ],
)
def test_codes_of_stages(kind: type[errors.XiutuError], code: int) -> None:
    """R-030, R-136, R-137."""
    assert code_of(kind()) == code


def test_two_texts_of_216202() -> None:
    """R-058, R-135."""
    assert error_body(errors.PictureSizeError())["error_msg"] == "image size error"
    assert error_body(errors.BodyTooLarge())["error_msg"] == "input oversize"


def test_table_has_no_dead_rows() -> None:
    assert set(TABLE) <= {*_every(errors.XiutuError), StorageError}


def test_token_store_failure() -> None:
    """R-127."""
    assert code_of(StorageUnavailable("down")) == 13
