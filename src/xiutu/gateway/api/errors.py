"""Errors of the management API: an HTTP status, a name for programs, a sentence for people.

{"error": {"code": "account_not_found", "message": "no account 'acme'"}}
"""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from xiutu import errors as e
from xiutu.gateway.answering import nearest
from xiutu.gateway.reading import BodyStalled
from xiutu.storage.errors import StorageError

__all__ = ["HANDLERS", "ErrorBody", "error_answer"]

STATUS: dict[type[e.XiutuError], int] = {
    e.ParameterError: 422,
    e.MalformedBody: 400,
    BodyStalled: 408,
    e.BodyTooLarge: 413,
    e.NoCredentials: 401,
    e.TokenInvalid: 401,
    e.TokenExpired: 401,
    e.AdminOnly: 403,
    e.AccountNotFound: 404,
    e.AppNotFound: 404,
    e.PackNotFound: 404,
    e.TicketNotFound: 404,
    e.ApiTokenNotFound: 404,
    e.DatasetNotFound: 404,
    e.ModelNotFound: 404,
    e.ServiceNotFound: 404,
    e.ClassifyError: 422,
    e.PictureError: 422,
    e.Overloaded: 503,
    e.NameTaken: 409,
    e.NotPurchasable: 409,
    e.NotRefundable: 409,
    e.InsufficientBalance: 402,
    StorageError: 503,
}
_MESSAGE = {401: "a valid token is needed: Authorization: Bearer xiutu_..."}
_FROM_HTTP = {404: "not_found", 405: "method_not_allowed", 400: "malformed_body"}


class FieldError(BaseModel):
    """What is wrong with one value; ``name`` as in ``body.amount``."""

    name: str
    message: str


class ErrorDetail(BaseModel):
    """``code`` is for programs and stays the same, ``message`` is for people."""

    code: str
    message: str
    fields: list[FieldError] = []


class ErrorBody(BaseModel):
    """Every answer that is no success."""

    error: ErrorDetail


def error_answer(error: Exception) -> Response:
    """The answer to any error; of those nobody expected nothing is told."""
    status = nearest(STATUS, error, 500)
    headers = {"www-authenticate": "Bearer"} if status == 401 else None
    if not isinstance(error, e.XiutuError):
        return _answer(500, "internal_error", "internal error")
    text = error.public if status >= 500 else _MESSAGE.get(status, error.detail)
    return _answer(status, _snake(error.kind), text, headers=headers)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _answer(
    status: int,
    code: str,
    message: str,
    fields: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = ErrorBody(error=ErrorDetail(code=code, message=message, fields=fields or []))
    return JSONResponse(body.model_dump(), status, headers)


async def _domain(_: Request, error: Exception) -> Response:
    return error_answer(error)


async def _invalid(_: Request, error: Exception) -> Response:
    """FastAPI's own checks of path, query and body; values given are not repeated."""
    assert isinstance(error, RequestValidationError)
    fields = [
        FieldError(name=".".join(map(str, found["loc"])), message=found["msg"])
        for found in error.errors()
    ]
    text = "; ".join(f"{field.name}: {field.message}" for field in fields)
    return _answer(422, "invalid_parameter", text, fields)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _FROM_HTTP.get(error.status_code, "http_error")
    return _answer(error.status_code, code, str(error.detail), headers=error.headers)


HANDLERS: dict[Any, Any] = {
    e.XiutuError: _domain,
    RequestValidationError: _invalid,
    HTTPException: _http,
}
