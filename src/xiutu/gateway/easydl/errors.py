"""Which code of the BML page answers which domain error (contract bml.md section 4, A-75, A-76)."""

from xiutu import contract
from xiutu import errors as e
from xiutu.gateway.answering import nearest
from xiutu.gateway.baidu.errors import TABLE as SHARED

__all__ = ["TABLE", "code_of", "error_body"]

TABLE: dict[type[Exception], int] = {
    # Gateway codes mean the same as on image-process.
    **{kind: code for kind, code in SHARED.items() if code <= 111},
    e.ParameterError: 336001,
    e.FetchError: 336001,
    e.MalformedBody: 336002,
    e.ParameterTooLong: 336002,
    e.BadBase64: 336003,
    e.PictureSizeError: 336004,
    e.BodyTooLarge: 336004,
    e.UnsupportedFormat: 336005,
    e.TranscodeError: 336005,
    e.EmptyPicture: 336006,
    e.MissingSource: 336006,
    e.ModelUnavailable: 336100,
    e.ServiceNotFound: 3,
    e.ClassifyError: 336000,
    e.OperatorError: 336000,
    e.OperatorUnavailable: 3,
    e.EngineError: 336000,
}
_UNKNOWN = 336000  # the page calls any internal error so
_PAGE = "BML"


def code_of(error: Exception) -> int:
    """The code of an error: its class's row, or that of its nearest listed base."""
    return nearest(TABLE, error, _UNKNOWN)


def error_body(error: Exception) -> dict[str, object]:
    """``{"error_code", "error_msg"}``, the message as this page has it (15 is spelt right here)."""
    row = contract.error(code_of(error))
    message = row.message_variants.get(_PAGE, row.message)
    return {"error_code": row.code, "error_msg": message}
