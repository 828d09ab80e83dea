"""What can go wrong at this interface: the vendor's code, its English and its Chinese words.

Texts that are the vendor's own, letter by letter: signature failure, unknown SecretId, oversized v1
request, missing and unknown parameter, version, invalid value, malformed Authorization. The others say
what is the matter in its style; clients look at the code.
"""

from typing import NamedTuple

__all__ = ["SITUATIONS", "Situation"]


class Situation(NamedTuple):
    """``en`` and ``zh`` are templates; the words in braces are given by who refuses."""

    code: str
    en: str
    zh: str


_UNSIGNED = "The request `Authorization` header does not conform to tencentcloud standards: {why}."
_VALUE = "A value specified in `{name}` is not valid, is unsupported, or cannot be used"
_VALUE_ZH = "参数 `{name}` 的取值不合法、不受支持或无法使用"

SITUATIONS: dict[str, Situation] = {
    # --- who calls ------------------------------------------------------------------------------
    "signature": Situation(
        "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated. Please check your signature is correct.",
        "请求签名验证失败，请检查您的签名计算是否正确。",
    ),
    "signature_too_large": Situation(
        "AuthFailure.SignatureFailure",
        "The provided credentials could not be validated because of exceeding request size limit, "
        "please use new signature method `TC3-HMAC-SHA256`.",
        "请求大小超过限制，请求签名验证失败，请使用新的签名方法 `TC3-HMAC-SHA256`。",
    ),
    "signature_expired": Situation(
        "AuthFailure.SignatureExpire",
        "Signature expired. Timestamp and server time must not differ by more than five minutes; "
        "please check that the local time is synchronized with standard time.",
        "签名过期。Timestamp 和服务器时间相差不得超过五分钟，请检查本地时间是否和标准时间同步。",
    ),
    "secret_id": Situation(
        "AuthFailure.SecretIdNotFound",
        "The SecretId is not found, please ensure that your SecretId is correct.",
        "SecretId 不存在，请输入正确的密钥。",
    ),
    "authorization": Situation(
        "AuthFailure.InvalidAuthorization",
        _UNSIGNED,
        "请求头部的 `Authorization` 不符合腾讯云标准：{why}。",
    ),
    "token": Situation(
        "AuthFailure.TokenFailure",
        "The token is not valid: temporary credentials are not issued here.",
        "Token 错误：本服务不签发临时密钥。",
    ),
    "not_allowed": Situation(
        "AuthFailure.UnauthorizedOperation",
        "The application is not authorized to call `{name}`.",
        "应用未被授权调用 `{name}`。",
    ),
    # --- what is called -------------------------------------------------------------------------
    "action": Situation(
        "InvalidAction",
        "The action `{name}` is invalid or not found in service=`aiart`.",
        "接口 `{name}` 不存在或不属于服务 `aiart`。",
    ),
    "version": Situation(
        "NoSuchVersion",
        "The specified api version=`{name}` does not exist in service=`aiart`.",
        "服务 `aiart` 没有版本 `{name}`。",
    ),
    "region": Situation(
        "UnsupportedRegion",
        "The specified region `{name}` is not supported.",
        "不支持地域 `{name}`。",
    ),
    "protocol": Situation(
        "UnsupportedProtocol",
        "Only GET and POST requests are supported.",
        "HTTP(S) 请求协议错误，只支持 GET 和 POST 请求。",
    ),
    "offline": Situation(
        "ActionOffline", "The action is not offered by this server.", "接口已下线。"
    ),
    # --- parameters -----------------------------------------------------------------------------
    "missing": Situation(
        "MissingParameter",
        "The request is missing a required parameter `{name}`.",
        "请求缺少必要参数 `{name}`。",
    ),
    "unknown": Situation(
        "UnknownParameter",
        "The parameter `{name}` is not recognized.",
        "无法识别参数 `{name}`。",
    ),
    "type": Situation(
        "InvalidParameter",
        "The value type of parameter `{name}` is not valid.",
        "参数 `{name}` 的类型不正确。",
    ),
    "body": Situation(
        "InvalidParameter",
        "The request body cannot be read: {why}.",
        "无法解析请求内容：{why}。",
    ),
    "value": Situation("InvalidParameterValue", f"{_VALUE}.", f"{_VALUE_ZH}。"),
    "too_large": Situation(
        "RequestSizeLimitExceeded",
        "The request exceeds the size limit of {why}.",
        "请求大小超过限制 {why}。",
    ),
    "dry_run": Situation(
        "DryRunOperation",
        "The request would have succeeded, but the DryRun parameter was used.",
        "DryRun 操作，代表请求将会是成功的，只是多传了 DryRun 参数。",
    ),
    # --- pictures -------------------------------------------------------------------------------
    "picture_empty": Situation(
        "InvalidParameterValue.ImageEmpty",
        "The picture in `{name}` is empty.",
        "`{name}` 图片为空。",
    ),
    "picture_base64": Situation(
        "InvalidParameterValue",
        f"{_VALUE}: no valid base64.",
        f"{_VALUE_ZH}：不是合法的 Base64。",
    ),
    "picture_size": Situation(
        "InvalidParameterValue",
        f"{_VALUE}: each side must be below 5000 pixels and the base64 text below 6 MB.",
        f"{_VALUE_ZH}：图片单边分辨率须小于 5000，Base64 须小于 6MB。",
    ),
    "picture_format": Situation(
        "InvalidParameterValue",
        f"{_VALUE}: the picture must be jpg, jpeg, png, bmp, tiff or webp.",
        f"{_VALUE_ZH}：图片格式须为 jpg、jpeg、png、bmp、tiff 或 webp。",
    ),
    "mask_size": Situation(
        "InvalidParameterValue",
        f"{_VALUE}: the mask must have the resolution of the picture.",
        f"{_VALUE_ZH}：Mask 分辨率须与原图一致。",
    ),
    "download": Situation(
        "InvalidParameterValue",
        f"{_VALUE}: the picture could not be downloaded.",
        f"{_VALUE_ZH}：图片下载失败。",
    ),
    "url": Situation(
        "InvalidParameterValue.UrlIllegal",
        "The address in `{name}` is not legal.",
        "`{name}` 的 URL 不合法。",
    ),
    "logo": Situation(
        "InvalidParameterValue.LogoParamErr",
        f"{_VALUE}: the mark must lie inside the picture.",
        f"{_VALUE_ZH}：标识须位于图片之内。",
    ),
    "decode": Situation(
        "FailedOperation.ImageDecodeFailed",
        "The picture could not be decoded.",
        "图片解码失败。",
    ),
    # --- the machine room -----------------------------------------------------------------------
    "jobs": Situation(
        "RequestLimitExceeded.JobNumExceed",
        "Too many tasks are being processed at the same time, please try again later.",
        "同时处理的任务数过多，请稍后重试。",
    ),
    "overload": Situation(
        "RequestLimitExceeded",
        "Too many requests, please try again later.",
        "请求的次数超过了频率限制，请稍后重试。",
    ),
    "time_out": Situation(
        "FailedOperation.RequestTimeout", "The work took too long.", "后端服务超时。"
    ),
    "unavailable": Situation(
        "ServiceUnavailable", "The service is temporarily unavailable.", "当前服务暂时不可用。"
    ),
    "internal": Situation(
        "InternalError",
        "An internal error has occurred. Retry your request; if the problem persists, look for its "
        "RequestId in the server's log.",
        "内部错误，请稍后重试。",
    ),
}
