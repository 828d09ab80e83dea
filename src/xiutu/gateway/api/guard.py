"""In front of every route of the management API: the token, then a bounded body, then the route.

It stands outside the framework because that one reads and parses a body before anything else: nobody
without a token gets that far.
"""

import re
from typing import cast

import structlog
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xiutu.errors import NoCredentials, XiutuError
from xiutu.gateway.api.errors import error_answer
from xiutu.gateway.api.mount import OPENAPI
from xiutu.gateway.reading import drain, read_body
from xiutu.platform.facade import Platform
from xiutu.platform.management.models import ApiToken

__all__ = ["CALLER", "Guard"]

CALLER = "xiutu.caller"

_MOST_BYTES = 64 * 1024
_UPLOADS = re.compile(r"/classify/datasets/[^/]+/(pictures|archive)")
_MOST_UPLOAD = {"pictures": 48 * 1024 * 1024, "archive": 256 * 1024 * 1024}
_DRAIN_SECONDS = 5.0
_log = structlog.get_logger("xiutu.api")


class Guard:
    """Puts the caller's ``ApiToken`` into the scope, under ``CALLER``."""

    def __init__(self, app: ASGIApp, platform: Platform, body_timeout_s: float) -> None:
        self._app = app
        self._platform = platform
        self._body_timeout_s = body_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        started = False

        async def private(message: Message) -> None:
            """Answers hold keys and balances: no cache may keep them."""
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
            await send(message)

        try:
            body = await self._admitted(request)
            await self._app(scope, _replaying(body, receive), private)
        except ClientDisconnect:
            return
        except Exception as error:
            if not isinstance(error, XiutuError):
                _log.error("management call failed", path=scope["path"], exc_info=error)
            if not started:
                await drain(request, _DRAIN_SECONDS)
                await error_answer(error)(scope, receive, private)

    async def _admitted(self, request: Request) -> bytes:
        """The body, once the caller is known. Raises as ``ApiTokens.verify`` and ``read_body``."""
        scope = request.scope
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if not (path == OPENAPI and scope["method"] in ("GET", "HEAD")):
            scheme, _, secret = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer":
                raise NoCredentials
            verify = self._platform.api_tokens.verify
            scope[CALLER] = await run_sync(verify, secret.strip())
        return await read_body(request, _most_bytes(request, path), self._body_timeout_s)


def _most_bytes(request: Request, path: str) -> int:
    """Pictures are larger than everything else, and administrators' only."""
    upload = _UPLOADS.fullmatch(path)
    if upload is None or request.method != "POST" or not caller_of(request).admin:
        return _MOST_BYTES
    return _MOST_UPLOAD[upload[1]]


def _replaying(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def caller_of(request: Request) -> ApiToken:
    """Whose token this request came with."""
    return cast(ApiToken, request.scope[CALLER])
