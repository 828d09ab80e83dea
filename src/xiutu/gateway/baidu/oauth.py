"""The token endpoint: GET or POST, parameters from query or body (A-05 to A-07).

The one Baidu address whose errors are not HTTP 200: the Java SDK needs 401 to fall back to signing.
"""

from urllib.parse import parse_qsl

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from xiutu.errors import ParameterError
from xiutu.gateway.answers import json_answer
from xiutu.gateway.context import Context
from xiutu.gateway.reading import read_body
from xiutu.platform.tokens import TokenRefused

__all__ = ["token"]

_LARGEST_BODY = 64 * 1024
_NAMES = ("grant_type", "client_id", "client_secret")


async def token(request: Request) -> Response:
    """Exchange API Key and Secret Key for an access token of 30 days."""
    context: Context = request.app.state.context
    try:
        values = await _parameters(request, context.settings.body_timeout_s)
        if values["grant_type"] != "client_credentials":
            raise TokenRefused(
                "unsupported_grant_type", "The authorization grant type is not supported"
            )
        grant = await run_sync(
            context.platform.tokens.issue, values["client_id"], values["client_secret"]
        )
    except (TokenRefused, ParameterError) as error:
        context.metrics.tokens.labels("refused").inc()
        refused = error if isinstance(error, TokenRefused) else None
        body: dict[str, object] = {
            "error": refused.error if refused else "invalid_request",
            "error_description": refused.detail if refused else "malformed request",
        }
        return json_answer(body, context.settings.token_error_status)
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
