"""Which situation of the vendor's answers which error, and the answer's shape (A-82)."""

from collections.abc import Iterator
from contextlib import contextmanager

from xiutu import errors as e
from xiutu.gateway.answering import nearest
from xiutu.gateway.baidu.errors import code_of
from xiutu.gateway.tencent.messages import SITUATIONS

__all__ = ["TABLE", "Refusal", "error_body", "naming", "number_of", "refused"]

TABLE: dict[type[e.XiutuError], str] = {
    e.EmptyPicture: "picture_empty",
    e.BadBase64: "picture_base64",
    e.PictureSizeError: "picture_size",
    e.UnsupportedFormat: "picture_format",
    e.TranscodeError: "decode",
    e.InconsistentParameters: "mask_size",
    e.UrlLength: "url",
    e.UrlIllegal: "url",
    e.FetchError: "download",
    e.BodyTooLarge: "too_large",
    e.MalformedBody: "body",
    e.ParameterTooLong: "body",
    e.ParameterError: "value",
    e.SignatureInvalid: "signature",
    e.AppDeleted: "secret_id",
    e.PermissionDenied: "not_allowed",
    e.OperatorUnavailable: "offline",
    e.Overloaded: "overload",
    e.DeadlineExceeded: "time_out",
    e.NoWorkers: "unavailable",
}
_NUMBERS = {
    "MissingParameter": 282003,
    "UnknownParameter": 282004,
    "InvalidParameter": 216100,
    "InvalidParameterValue": 216100,
}
_UNNAMED = {"name": "request", "why": "see the documents"}


class Refusal(e.XiutuError):
    """One of ``SITUATIONS`` and the words for its template. ``str()`` of it is for logs."""

    public = "refused"

    def __init__(self, situation: str, detail: str = "", **words: str) -> None:
        self.situation, self.words = SITUATIONS[situation], _UNNAMED | words
        super().__init__(detail or self.message("en"))

    @property
    def code(self) -> str:
        return self.situation.code

    def message(self, language: str) -> str:
        template = self.situation.zh if language == "zh-CN" else self.situation.en
        return template.format_map(self.words)


def refused(error: Exception, name: str = "") -> Refusal:
    """The vendor's answer to any error; ``name`` is the parameter that is to blame."""
    if isinstance(error, Refusal):
        return error
    situation = nearest(TABLE, error, "internal")
    words = {"name": name} if name else {}
    if isinstance(error, e.ParameterError | e.PermissionDenied):
        words["why"] = error.detail
    return Refusal(situation, str(error), **words)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Whatever goes wrong with a picture inside is answered as the fault of this parameter."""
    try:
        yield
    except Refusal:
        raise
    except (e.PictureError, e.FetchError, e.ParameterError) as error:
        raise refused(error, name) from error


def error_body(error: Exception, request_id: str, language: str) -> dict[str, object]:
    """``{"Response": {"Error": {"Code", "Message"}, "RequestId"}}``."""
    refusal = refused(error)
    told = {"Code": refusal.code, "Message": refusal.message(language)}
    return {"Response": {"Error": told, "RequestId": request_id}}


def number_of(error: Exception) -> int:
    """The usage ledger counts failures by number: that of the same cause at the Baidu interface."""
    if not isinstance(error, Refusal):
        return code_of(error)
    cause = error.__cause__
    if isinstance(cause, e.XiutuError):
        return code_of(cause)
    return _NUMBERS.get(error.code.partition(".")[0], 1)
