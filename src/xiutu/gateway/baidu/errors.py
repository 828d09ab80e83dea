"""One table: which vendor code answers which domain error (errors.yaml, ambiguities.md section D)."""

from xiutu import contract
from xiutu import errors as e
from xiutu.gateway.answering import nearest
from xiutu.storage.errors import StorageError

__all__ = ["TABLE", "code_of", "error_body"]

TABLE: dict[type[e.XiutuError], int] = {
    e.InvalidParameter: 216100,
    e.MissingParameter: 282003,
    e.MissingSource: 216101,
    e.InconsistentParameters: 282004,
    e.ParameterTooLong: 216103,
    e.MalformedBody: 283300,
    e.BodyTooLarge: 216202,
    e.EmptyPicture: 216200,
    e.BadBase64: 216203,
    e.UnsupportedFormat: 216201,
    e.PictureSizeError: 216202,
    e.TranscodeError: 282100,
    e.UrlLength: 282114,
    e.UrlIllegal: 282111,
    e.UrlNotFound: 282110,
    e.UrlTimeout: 282112,
    e.UrlBadResponse: 282113,
    e.TargetNotFound: 282102,
    e.TargetUnusable: 282103,
    e.DetectionFailed: 216634,
    e.RecognitionFailed: 216630,
    e.UnusableResult: 282810,
    e.OperatorUnavailable: 216102,
    e.WeightsMissing: 216401,
    e.WeightsCorrupt: 216401,
    e.Overloaded: 4,
    e.NoWorkers: 2,
    e.EngineError: 282000,
    e.NoCredentials: 100,
    e.TokenInvalid: 110,
    e.TokenExpired: 111,
    e.SignatureInvalid: 14,
    e.AppDeleted: 15,
    e.AppNotFound: 216110,
    e.PermissionDenied: 6,
    e.QpsExceeded: 18,
    e.QuotaExhausted: 17,
    e.TotalLimitReached: 19,
    StorageError: 13,  # the database behind tokens and keys; the ledger's failures become 282000
}
_UNKNOWN = 1  # "an exception at the gateway that no other code describes"


def code_of(error: Exception) -> int:
    """The vendor code of an error: its class's row, or that of its nearest listed base."""
    return nearest(TABLE, error, _UNKNOWN)


def error_body(error: Exception) -> dict[str, object]:
    """``{"error_code", "error_msg"}`` as documented; the message is the vendor's, never ours."""
    code = code_of(error)
    if isinstance(error, e.BodyTooLarge):
        # 216202 is listed twice; this is its second text (errors.yaml E1).
        return {"error_code": code, "error_msg": "input oversize"}
    name = error.detail if isinstance(error, e.MissingParameter) else ""
    return {"error_code": code, "error_msg": contract.error(code).text(name=name)}
