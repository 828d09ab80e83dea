"""One route for every operator of the contract, plus the token endpoint and error 3 for the rest."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from xiutu import contract
from xiutu.contract import Operator
from xiutu.errors import InternalError, NoWorkers, OperatorUnavailable, Overloaded
from xiutu.gateway.answers import json_answer
from xiutu.gateway.baidu.call import Call
from xiutu.gateway.baidu.errors import code_of, error_body
from xiutu.gateway.baidu.oauth import token
from xiutu.gateway.baidu.stages import STAGES, Stage, transport_ceiling
from xiutu.gateway.context import Context
from xiutu.gateway.reading import BodyStalled, announced_length, drain
from xiutu.gateway.reports import report
from xiutu.gateway.work import ClientGone

__all__ = ["ROUTES", "answered", "unknown_path"]

_log = structlog.get_logger("xiutu.call")
_DRAIN_SECONDS = 20.0
_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_CLIENT_CLOSED = 499  # nginx's number for a client that hung up; nobody reads it


def _endpoint(operator: Operator) -> Callable[[Request], Awaitable[Response]]:
    """The handler of one contract row."""
    ceiling = transport_ceiling(operator)

    async def serve(request: Request) -> Response:
        if request.method != "POST":  # known path, wrong method: 216102
            return json_answer(error_body(OperatorUnavailable("wrong HTTP method")))
        context: Context = request.app.state.context
        ids = context.platform.log_ids
        log_id = ids.small() if operator.response.log_id_needs_53_bits else ids.large()
        call = Call(
            request=request,
            context=context,
            service=operator.id,
            log_id=log_id,
            operator=operator,
        )
        return await answered(call, min(announced_length(request) or 0, ceiling))

    return serve


async def answered(call: Call, size: int, stages: tuple[Stage, ...] = STAGES) -> Response:
    """Run the stages and turn whatever happens into the documented answer.

    ``size`` bytes of the body are reserved beforehand. The console knows its callers in another way
    and gives stages of its own.
    """
    error: Exception | None = None
    try:
        with call.context.bodies.hold(size) as call.held:
            for stage in stages:
                await stage(call)
    except (ClientGone, ClientDisconnect):
        _release(call)
        call.context.metrics.abandoned.labels(call.operator.id).inc()
        _log.info("client hung up", log_id=str(call.log_id), operator=call.operator.id)
        return Response(status_code=_CLIENT_CLOSED)
    except Exception as raised:
        error = raised
    error = await _recorded(call, error)
    body = call.answer if error is None else error_body(error)
    report(call, error, str(body.get("error_code", 0)))
    stalled = isinstance(error, BodyStalled)
    if error is not None and not stalled and call.request.headers.get("expect") is None:
        await drain(call.request, _DRAIN_SECONDS)
    return json_answer(body)


async def _recorded(call: Call, error: Exception | None) -> Exception | None:
    """Write the call to the ledger and settle it. A success that cannot be written is no success."""
    if call.ticket is None or call.principal is None:
        return error
    if isinstance(error, Overloaded):
        _release(call)
        return error
    entry = call.entry(call.principal, 0 if error is None else code_of(error))
    try:
        unserved = isinstance(error, NoWorkers)
        record = call.context.platform.ledger.record
        await asyncio.wrap_future(record(entry, call.ticket, free_of_charge=unserved))
    except Exception as failure:
        _log.exception("usage not recorded", log_id=str(call.log_id), operator=call.operator.id)
        return error or InternalError(f"usage not recorded: {failure}")
    return error


def _release(call: Call) -> None:
    """Nothing was served, so nothing is taken; nobody has to wait until that is written."""
    if call.ticket is not None:
        call.context.platform.billing.admission.release(call.ticket)


async def unknown_path(request: Request) -> Response:
    """Error 3, also for a typographic dash in the path."""
    _log.info("unknown path", path=request.url.path[:200])
    await drain(request, _DRAIN_SECONDS)
    return json_answer({"error_code": 3, "error_msg": contract.error(3).message})


ROUTES: list[BaseRoute] = [
    Route("/oauth/2.0/token", token, methods=["GET", "POST"]),
    *(
        Route(row.path, _endpoint(row), methods=_EVERY_METHOD, name=row.id)
        for row in contract.operators().values()
    ),
]
