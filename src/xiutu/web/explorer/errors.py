"""What an error code means and what to do about it, for every vendor's codes."""

from xiutu import contract
from xiutu.contract.services import TENCENT_INPAINTING
from xiutu.gateway.tencent.messages import SITUATIONS
from xiutu.web.content import explained
from xiutu.web.visit import Visit

__all__ = ["explanation"]

_TENCENT = {
    "AuthFailure.SignatureFailure": "The signature checker shows what differs; a proxy must not change it.",
    "AuthFailure.SignatureExpire": "Set the clock of the machine that calls: five minutes are allowed.",
    "AuthFailure.SecretIdNotFound": "Use the API Key of an app of this server as SecretId.",
    "AuthFailure.InvalidAuthorization": "Compare the Authorization header with that of a generated program.",
    "AuthFailure.TokenFailure": "Leave out X-TC-Token: there are no temporary keys here.",
    "AuthFailure.UnauthorizedOperation": "Tick the interface on the page of the app.",
    "InvalidAction": "X-TC-Action must be ImageInpaintingRemoval.",
    "NoSuchVersion": "X-TC-Version must be 2022-12-29.",
    "UnsupportedRegion": "Use a region of the setting TENCENT_REGIONS, such as ap-guangzhou.",
    "UnsupportedProtocol": "Use GET or POST.",
    "ActionOffline": "An administrator has switched this interface off.",
    "MissingParameter": "Send the parameter that the message names.",
    "UnknownParameter": "Take out the parameter that the message names.",
    "InvalidParameter": "Send one JSON object with the types of the document.",
    "InvalidParameterValue": "Compare the value that the message names with the document.",
    "InvalidParameterValue.ImageEmpty": "Send a picture that is not empty.",
    "InvalidParameterValue.UrlIllegal": "Send an absolute http(s) address.",
    "InvalidParameterValue.LogoParamErr": "Put the mark inside the picture.",
    "RequestSizeLimitExceeded": "Send less: base64 below 6 MB for each picture, or an address.",
    "DryRunOperation": "All is well: without DryRun the request would have succeeded.",
    "FailedOperation.ImageDecodeFailed": "Save the picture anew with another program.",
    "RequestLimitExceeded.JobNumExceed": "Wait for the task before, or raise TENCENT_CONCURRENCY.",
    "RequestLimitExceeded": "Repeat after a moment.",
    "FailedOperation.RequestTimeout": "Repeat with a smaller picture or mask.",
    "ServiceUnavailable": "Wait a moment. Under Operate an administrator sees what is missing.",
    "InternalError": "Repeat it; if it stays, look up the RequestId in the log of the server.",
}
"""Remedies by code."""
_AGAIN = (
    "RequestLimitExceeded",
    "FailedOperation.RequestTimeout",
    "ServiceUnavailable",
    "InternalError",
)


def explanation(visit: Visit, code: str) -> dict[str, object] | None:
    """``code``, ``message``, ``cause``, ``remedy`` and ``retry``; None for what no document has."""
    if code.isascii() and code.isdigit() and int(code) in contract.error_codes():
        row = explained(int(code), visit.language)
        return {
            "code": code,
            "message": row.message,
            "cause": row.cause,
            "remedy": row.remedy,
            "retry": bool(row.retry),
        }
    if code not in _TENCENT:
        return None
    situation = next(row for row in SITUATIONS.values() if row.code == code)
    words = {"name": "…", "why": "…"}
    text = situation.zh if visit.language == "zh" else situation.en
    return {
        "code": code,
        "message": situation.en.format(**words),
        "cause": text.format(**words),
        "remedy": visit.t(_TENCENT[code]),
        "retry": code.startswith(_AGAIN),
        "service": TENCENT_INPAINTING.id,
    }
