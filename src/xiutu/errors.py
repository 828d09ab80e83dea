"""Every error the domain raises, one class each.

A class says *what* went wrong in the domain's words; which number a vendor prints for it is decided in
one table per gateway (``gateway/baidu/errors.py``). ``str(error)`` is the internal text, for logs only;
``public`` is what a caller of the library or the CLI may read. ``kind`` (the class name) is how an error
crosses from a worker process to the server, so classes take exactly one text argument.
"""

from typing import ClassVar


class XiutuError(Exception):
    """Base of all expected failures. ``report`` marks those an operator of the server should look at."""

    report: ClassVar[bool] = False
    public: ClassVar[str] = "internal error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.public)
        self.detail = detail or self.public

    @property
    def kind(self) -> str:
        return type(self).__name__

    @staticmethod
    def revive(kind: str, detail: str) -> "XiutuError":
        """Rebuild an error that another process reported by name; unknown names become ``InternalError``."""
        return _by_kind(XiutuError).get(kind, InternalError)(detail)


def _by_kind(base: type[XiutuError]) -> dict[str, type[XiutuError]]:
    found: dict[str, type[XiutuError]] = {base.__name__: base}
    for child in base.__subclasses__():
        found.update(_by_kind(child))
    return found


class BadSettings(ValueError):
    """Settings that cannot be used; ``problems`` has a line for each, without secret values."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


# --- parameters ---------------------------------------------------------------------------------


class ParameterError(XiutuError):
    """Something about the parameters of a call."""

    public = "invalid parameter"


class InvalidParameter(ParameterError):
    """A single value outside its range or of the wrong type."""


class MissingParameter(ParameterError):
    """A named parameter is missing; ``detail`` is its bare name."""

    public = "missing parameter"


class MissingSource(ParameterError):
    """No member of a one-of group (image / url / pdf_file) was given."""

    public = "no picture was given"


class InconsistentParameters(ParameterError):
    """Each value is fine alone, together they make no sense."""

    public = "parameters do not fit together"


class ParameterTooLong(ParameterError):
    """A short text parameter or list is absurdly long."""

    public = "parameter too long"


class MalformedBody(ParameterError):
    """The request body cannot be parsed as what it claims to be."""

    public = "malformed request body"


class BodyTooLarge(ParameterError):
    """The raw request body passes the transport ceiling."""

    public = "request body too large"


# --- pictures -----------------------------------------------------------------------------------


class PictureError(XiutuError):
    """Something about an input picture."""

    public = "bad picture"


class EmptyPicture(PictureError):
    public = "the picture is empty"


class BadBase64(PictureError):
    public = "the picture is not valid base64"


class UnsupportedFormat(PictureError):
    """The bytes are no picture, or of a format this operator does not take."""

    public = "picture format not supported"


class PictureSizeError(PictureError):
    """Base64 length, side, aspect ratio or pixel count outside the limits."""

    public = "picture size outside the limits"


class TranscodeError(PictureError):
    """The header was fine but the body is truncated or corrupt, or a result cannot be encoded."""

    public = "the picture is damaged"


# --- url inputs ---------------------------------------------------------------------------------


class FetchError(XiutuError):
    """A ``url=`` input could not be had."""

    public = "the picture could not be fetched"


class UrlLength(FetchError):
    public = "url is empty or longer than 1024 bytes"


class UrlIllegal(FetchError):
    """Not absolute http/https, or an address the server refuses for safety."""

    public = "url is not an allowed http/https address"


class UrlNotFound(FetchError):
    public = "url does not exist"


class UrlTimeout(FetchError):
    public = "url download timed out"


class UrlBadResponse(FetchError):
    public = "url returned invalid content"


# --- operators ----------------------------------------------------------------------------------


class OperatorError(XiutuError):
    """An operator could not do its work on this picture."""


class TargetNotFound(OperatorError):
    """Nothing of what the operator works on (face, subject) is in the picture."""

    public = "no target was found in the picture"


class TargetUnusable(OperatorError):
    public = "the target in the picture cannot be used"


class DetectionFailed(OperatorError):
    report = True
    public = "detection failed"


class RecognitionFailed(OperatorError):
    report = True
    public = "recognition failed"


class UnusableResult(OperatorError):
    report = True
    public = "the result is unusable"


class OperatorUnavailable(OperatorError):
    """Known to the contract, but not offered by this server."""

    public = "this operator is not available"


class WeightsMissing(OperatorError):
    """Model weights are not in the store; the text names the command that fetches them."""

    report = True
    public = "model weights are missing: run `xiutu models pull`"


class WeightsCorrupt(OperatorError):
    report = True
    public = "model weights are damaged: run `xiutu models pull`"


# --- custom classification ----------------------------------------------------------------------


class ClassifyError(XiutuError):
    """Something about data sets, trainings, models or services of custom classification."""

    public = "custom classification failed"


class DatasetNotFound(ClassifyError):
    public = "no such data set"


class BadDataset(ClassifyError):
    """What was to be imported, or trained on, cannot be used; the text says why."""

    public = "the data set cannot be used"


class ModelNotFound(ClassifyError):
    public = "no such model"


class BadModel(ClassifyError):
    """A model file is not what it has to be, or computes something else than it should."""

    public = "the model cannot be used"


class TrainingCancelled(ClassifyError):
    public = "the training was cancelled"


class ServiceNotFound(ClassifyError):
    public = "no such service"


class ModelUnavailable(ClassifyError):
    """The service exists, but is stopped, or its model is being loaded or replaced."""

    public = "the model is temporarily unavailable"


# --- engine -------------------------------------------------------------------------------------


class EngineError(XiutuError):
    """The machine room failed, not the picture."""


class InternalError(EngineError):
    report = True


class Overloaded(EngineError):
    """Queue, memory or body bounds are reached; nothing was started."""

    public = "the server is at its limit, try again"


class NoWorkers(EngineError):
    report = True
    public = "service temporarily unavailable"


class DeadlineExceeded(EngineError):
    report = True
    public = "the work took too long"


class WorkerDied(EngineError):
    report = True


# --- accounts, apps, credentials ----------------------------------------------------------------


class PlatformError(XiutuError):
    """Something about accounts, applications or credentials."""

    public = "not allowed"


class NoCredentials(PlatformError):
    """Token absent or not of the shape of a token."""


class TokenInvalid(PlatformError):
    """Well-formed, but unknown or revoked."""


class TokenExpired(PlatformError):
    public = "token expired"


class SignatureInvalid(PlatformError):
    """Request signing: header malformed, key unknown, clock off or signature different."""


class AppDeleted(PlatformError):
    """Credentials are genuine, the application behind them was deleted or disabled."""

    public = "the application was deleted"


class AppNotFound(PlatformError):
    public = "no such application"


class AccountNotFound(PlatformError):
    public = "no such account"


class PermissionDenied(PlatformError):
    """The operator is not ticked for this application."""

    public = "the operator is not enabled for this application"


class NameTaken(PlatformError):
    public = "the name is already taken"


# --- quota, packs, money ------------------------------------------------------------------------


class LimitReached(PlatformError):
    """A call was refused by quota or rate; it consumed nothing."""


class QpsExceeded(LimitReached):
    """More calls within a second than account and operator are allowed."""

    public = "too many calls a second"


class QuotaExhausted(LimitReached):
    """Free quota and packs are empty, and pay-as-you-go is off or the account in arrears."""

    public = "the quota of the operator is used up"


class TotalLimitReached(LimitReached):
    """The lifetime limit that an administrator has set is used up."""

    public = "the total limit of the operator is used up"


class InsufficientBalance(PlatformError):
    public = "the balance does not suffice"


class NotPurchasable(PlatformError):
    """The operator, or this size of pack, has no price; or a condition of the purchase is missing."""

    public = "this cannot be bought"


class NotRefundable(PlatformError):
    """Calls were made from the pack, its 7 days are over, or it was refunded before."""

    public = "this pack cannot be refunded"


class PackNotFound(PlatformError):
    public = "no such pack"


# --- management ---------------------------------------------------------------------------------


class ApiTokenNotFound(PlatformError):
    public = "no such token"


class TicketNotFound(PlatformError):
    public = "no such ticket"


class AdminOnly(PlatformError):
    """The token is genuine, but of an account, and this is for administrators."""

    public = "only an administrator may do this"


class UserNotFound(PlatformError):
    public = "no such user"
