"""``/``: Tencent's one address. Whatever is not for Tencent goes where it would go otherwise."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from xiutu.errors import InternalError, NoWorkers, Overloaded
from xiutu.gateway.answers import json_answer
from xiutu.gateway.context import Context
from xiutu.gateway.reading import BodyStalled, announced_length, drain
from xiutu.gateway.reports import report
from xiutu.gateway.tencent.call import Call
from xiutu.gateway.tencent.errors import Refusal, error_body, number_of, refused
from xiutu.gateway.tencent.recognise import NotForTencent, is_form, is_marked
from xiutu.gateway.tencent.stages import SERVICE, STAGES, most_bytes
from xiutu.gateway.work import ClientGone

__all__ = ["ANY_METHOD", "at_root"]

Handler = Callable[[Request], Awaitable[Response]]

ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_log = structlog.get_logger("xiutu.call")
_DRAIN_SECONDS = 20.0
_CLIENT_CLOSED = 499  # nginx's number for a client that hung up; nobody reads it
_FREE = frozenset({"RequestLimitExceeded.JobNumExceed", "DryRunOperation"})


def at_root(home: Handler, stranger: Handler) -> Handler:
    """The handler of ``/``: Tencent's interface, ``home`` for a plain GET, ``stranger`` for the rest."""

    async def serve(request: Request) -> Response:
        if is_marked(request) or (request.method == "POST" and is_form(request)):
            try:
                return await _answer(request)
            except NotForTencent:
                return await stranger(request)
        return await (home if request.method in ("GET", "HEAD") else stranger)(request)

    return serve


async def _answer(request: Request) -> Response:
    """Run the stages and turn whatever happens into the documented answer."""
    context: Context = request.app.state.context
    log_id = context.platform.log_ids.large()
    call = Call(request=request, context=context, service=SERVICE, log_id=log_id)
    call.language = request.headers.get("x-tc-language", call.language)
    error: Exception | None = None
    size = min(announced_length(request) or 0, most_bytes(request))
    try:
        with context.bodies.hold(size) as call.held:
            for stage in STAGES:
                await stage(call)
    except (ClientGone, ClientDisconnect):
        context.metrics.abandoned.labels(SERVICE).inc()
        _log.info("client hung up", log_id=str(log_id), operator=SERVICE)
        return Response(status_code=_CLIENT_CLOSED)
    except NotForTencent:
        raise
    except Exception as raised:
        error = raised
    finally:
        await _give_turn(call)
    error = await _recorded(call, error)
    code = "0" if error is None else refused(error).code
    body = call.answer if error is None else error_body(error, call.request_id, call.language)
    report(call, error, code, request_id=call.request_id)
    stalled = isinstance(error, BodyStalled)
    if error is not None and not stalled and request.headers.get("expect") is None:
        await drain(request, _DRAIN_SECONDS)
    response = json_answer(body)
    if "x-tc-traceid" in request.headers:  # the Node.js SDK shows it in its errors
        response.headers["x-tc-traceid"] = request.headers["x-tc-traceid"][:100]
    return response


async def _give_turn(call: Call) -> None:
    if call.lease is not None and call.principal is not None:
        key = f"{call.service}:{call.principal.account_id}"
        await run_sync(call.context.leases.release, key, call.lease)


async def _recorded(call: Call, error: Exception | None) -> Exception | None:
    """Write the call to the ledger. A success that cannot be written is no success; what was not even
    begun is not written."""
    if not call.counted or call.principal is None or isinstance(error, Overloaded | NoWorkers):
        return error
    if isinstance(error, Refusal) and error.code in _FREE:
        return error
    entry = call.entry(call.principal, 0 if error is None else number_of(error))
    try:
        await asyncio.wrap_future(call.context.platform.ledger.record(entry))
    except Exception as failure:
        _log.exception("usage not recorded", log_id=str(call.log_id), operator=call.service)
        return error or InternalError(f"usage not recorded: {failure}")
    return error
