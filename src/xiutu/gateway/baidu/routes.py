"""One route for every operator of the contract, plus the token endpoint and error 3 for the rest."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from xiutu import contract
from xiutu.contract import Operator
from xiutu.errors import NoWorkers, OperatorUnavailable, Overloaded
from xiutu.gateway.answering import CLIENT_CLOSED, DRAIN_SECONDS, pass_stages, recorded, seen_off
from xiutu.gateway.answers import json_answer
from xiutu.gateway.baidu.call import Call
from xiutu.gateway.baidu.errors import code_of, error_body
from xiutu.gateway.baidu.oauth import token
from xiutu.gateway.baidu.stages import STAGES, Stage, transport_ceiling
from xiutu.gateway.context import Context
from xiutu.gateway.reading import announced_length, drain
from xiutu.gateway.reports import report
from xiutu.gateway.work import ClientGone

__all__ = ["ROUTES", "answered", "unknown_path"]

_log = structlog.get_logger("xiutu.call")
_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


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
    try:
        error = await pass_stages(call, size, stages)
    except ClientGone:
        _release(call)
        return Response(status_code=CLIENT_CLOSED)
    error = await _recorded(call, error)
    body = call.answer if error is None else error_body(error)
    report(call, error, str(body.get("error_code", 0)))
    return await seen_off(call.request, error, body)


async def _recorded(call: Call, error: Exception | None) -> Exception | None:
    """Write the call to the ledger and settle it. A success that cannot be written is no success."""
    if call.ticket is None or call.principal is None:
        return error
    if isinstance(error, Overloaded):
        _release(call)
        return error
    code = 0 if error is None else code_of(error)
    return await recorded(call, error, code, free_of_charge=isinstance(error, NoWorkers))


def _release(call: Call) -> None:
    """Nothing was served, so nothing is taken; nobody has to wait until that is written."""
    if call.ticket is not None:
        call.context.platform.billing.admission.release(call.ticket)


async def unknown_path(request: Request) -> Response:
    """Error 3, also for a typographic dash in the path."""
    _log.info("unknown path", path=request.url.path[:200])
    await drain(request, DRAIN_SECONDS)
    return json_answer({"error_code": 3, "error_msg": contract.error(3).message})


ROUTES: list[BaseRoute] = [
    Route("/oauth/2.0/token", token, methods=["GET", "POST"]),
    *(
        Route(row.path, _endpoint(row), methods=_EVERY_METHOD, name=row.id)
        for row in contract.operators().values()
    ),
]
