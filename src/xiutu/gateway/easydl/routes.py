"""The route of every published service."""

import asyncio
from collections.abc import Sequence

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from xiutu.contract.services import CUSTOM_CLASSIFICATION
from xiutu.errors import InternalError, NoWorkers, Overloaded, ServiceNotFound
from xiutu.gateway.answers import json_answer
from xiutu.gateway.context import Context
from xiutu.gateway.easydl.call import Call
from xiutu.gateway.easydl.errors import code_of, error_body
from xiutu.gateway.easydl.stages import CEILING, STAGES, Stage
from xiutu.gateway.reading import BodyStalled, announced_length, drain
from xiutu.gateway.reports import report
from xiutu.gateway.work import ClientGone

__all__ = ["PATH", "ROUTES", "answered"]

PATH = "/rpc/2.0/ai_custom/v1/classification/{name}"
_log = structlog.get_logger("xiutu.call")
_DRAIN_SECONDS = 20.0
_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_CLIENT_CLOSED = 499  # nginx's number for a client that hung up; nobody reads it


async def serve(request: Request) -> Response:
    """A call by whoever has a token or signs it."""
    if request.method != "POST":
        return json_answer(error_body(ServiceNotFound("wrong HTTP method")))
    context: Context = request.app.state.context
    call = Call(
        request=request,
        context=context,
        service=CUSTOM_CLASSIFICATION.id,
        log_id=context.platform.log_ids.small(),
        name=request.path_params["name"],
    )
    return await answered(call, STAGES)


async def answered(call: Call, stages: Sequence[Stage]) -> Response:
    """Run the stages and turn whatever happens into the documented answer."""
    request, context = call.request, call.context
    error: Exception | None = None
    try:
        with context.bodies.hold(min(announced_length(request) or 0, CEILING)) as call.held:
            for stage in stages:
                await stage(call)
    except (ClientGone, ClientDisconnect):
        context.metrics.abandoned.labels(call.service).inc()
        _log.info("client hung up", log_id=str(call.log_id), operator=call.service)
        return Response(status_code=_CLIENT_CLOSED)
    except Exception as raised:
        error = raised
    error = await _recorded(call, error)
    body = call.answer if error is None else error_body(error)
    report(call, error, str(body.get("error_code", 0)))
    stalled = isinstance(error, BodyStalled)
    if error is not None and not stalled and request.headers.get("expect") is None:
        await drain(request, _DRAIN_SECONDS)
    return json_answer(body)


async def _recorded(call: Call, error: Exception | None) -> Exception | None:
    """Write the call to the ledger. A success that cannot be written is no success; what was not even
    begun is not written."""
    if not call.counted or call.principal is None or isinstance(error, Overloaded | NoWorkers):
        return error
    entry = call.entry(call.principal, 0 if error is None else code_of(error))
    try:
        await asyncio.wrap_future(call.context.platform.ledger.record(entry))
    except Exception as failure:
        _log.exception("usage not recorded", log_id=str(call.log_id), operator=call.service)
        return error or InternalError(f"usage not recorded: {failure}")
    return error


ROUTES: list[BaseRoute] = [Route(PATH, serve, methods=_EVERY_METHOD, name="classification")]
