"""The route that result links lead to, and the removal of what they led to."""

import asyncio

import structlog
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from xiutu.gateway.context import Context
from xiutu.gateway.tencent.results import PATH, LinkRefused, results_of
from xiutu.storage import StorageError

__all__ = ["ROUTES", "absolute", "keep_swept"]

_log = structlog.get_logger("xiutu.results")
_SWEEP_S = 60.0


def absolute(request: Request, path: str) -> str:
    """The address as the caller can reach it: PUBLIC_URL, else the host the request was sent to."""
    context: Context = request.app.state.context
    public = context.settings.public_url
    return (public or str(request.base_url)).rstrip("/") + path


async def result(request: Request) -> Response:
    """The picture; 403 for a forged link and after its hour, 404 once the picture is gone."""
    context: Context = request.app.state.context
    name, signature = request.path_params["name"], request.query_params.get("signature", "")
    try:
        data, kind, left = await run_sync(results_of(context).open, name, signature)
    except LinkRefused:
        return PlainTextResponse("the link is not valid, or no longer\n", 403)
    except StorageError:
        _log.exception("result cannot be read", name=name)
        return PlainTextResponse("try again later\n", 503)
    if data is None:
        return PlainTextResponse("the picture is gone\n", 404)
    headers = {"cache-control": f"private, max-age={left}", "x-content-type-options": "nosniff"}
    return Response(data, media_type=kind, headers=headers)


async def keep_swept(context: Context) -> None:
    """Remove results whose hour is over, every minute, until cancelled."""
    results = results_of(context)
    while True:
        try:
            gone = await run_sync(results.sweep)
        except StorageError:
            _log.exception("results cannot be removed")
        else:
            if gone:
                _log.info("results removed", count=gone)
        await asyncio.sleep(_SWEEP_S)


ROUTES = [Route(f"{PATH}{{name}}", result, methods=["GET"])]
