"""The token endpoint: GET or POST, parameters from query or body (A-05 to A-07).

The one Baidu address whose errors are not HTTP 200: the Java SDK needs 401 to fall back to signing.
"""

from urllib.parse import parse_qsl

import orjson
import structlog
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from xiutu.errors import ParameterError
from xiutu.gateway.answering import CLIENT_CLOSED
from xiutu.gateway.answers import json_answer
from xiutu.gateway.context import Context
from xiutu.gateway.reading import read_body
from xiutu.platform.tokens import Grant, TokenRefused

__all__ = ["token"]

_log = structlog.get_logger("xiutu.token")
_LARGEST_BODY = 64 * 1024
_NAMES = ("grant_type", "client_id", "client_secret")


async def token(request: Request) -> Response:
    """Exchange API Key and Secret Key for an access token of 30 days."""
    context: Context = request.app.state.context
    status = context.settings.token_error_status
    try:
        grant = await _grant(request, context)
    except TokenRefused as refused:
        context.metrics.tokens.labels("refused").inc()
        return json_answer({"error": refused.error, "error_description": refused.detail}, status)
    except ClientDisconnect:
        return Response(status_code=CLIENT_CLOSED)
    except Exception:
        # Not 500: the Java SDK repeats that at once, three times. The traceback goes to the log only.
        _log.exception("token request failed")
        context.metrics.tokens.labels("failed").inc()
        body: dict[str, object] = {"error": "server_error", "error_description": "try again later"}
        return json_answer(body, status)
    context.metrics.tokens.labels("issued").inc()
    return json_answer(
        {
            "refresh_token": grant.refresh_token,
            "expires_in": grant.expires_in,
            "session_key": grant.session_key,
            "access_token": grant.access_token,
            "scope": grant.scope,
            "session_secret": grant.session_secret,
        }
    )


async def _grant(request: Request, context: Context) -> Grant:
    try:
        values = await _parameters(request, context.settings.body_timeout_s)
    except (ParameterError, ValueError) as error:  # ValueError: more fields than parse_qsl allows
        raise TokenRefused("invalid_request", "malformed request") from error
    if values["grant_type"] != "client_credentials":
        text = "The authorization grant type is not supported"
        raise TokenRefused("unsupported_grant_type", text)
    issue = context.platform.tokens.issue
    return await run_sync(issue, values["client_id"], values["client_secret"])


async def _parameters(request: Request, timeout: float) -> dict[str, str]:
    """The three parameters; the body (form or JSON) wins over the query."""
    query = request.scope["query_string"].decode("latin-1")
    values = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=100))
    if request.method == "POST":
        raw = (await read_body(request, _LARGEST_BODY, timeout)).strip()
        if raw.startswith(b"{"):
            try:
                members = orjson.loads(raw)
            except orjson.JSONDecodeError:
                members = {}
            values |= {str(k): v for k, v in members.items() if isinstance(v, str)}
        else:
            values |= dict(parse_qsl(raw.decode("utf-8", "replace"), max_num_fields=100))
    return {name: values.get(name, "") for name in _NAMES}
