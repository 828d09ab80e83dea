"""The route of every published service."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from xiutu.contract.services import CUSTOM_CLASSIFICATION
from xiutu.errors import NoWorkers, Overloaded, ServiceNotFound
from xiutu.gateway.answering import CLIENT_CLOSED, pass_stages, recorded, seen_off
from xiutu.gateway.answers import json_answer
from xiutu.gateway.context import Context
from xiutu.gateway.easydl.call import Call
from xiutu.gateway.easydl.errors import code_of, error_body
from xiutu.gateway.easydl.stages import CEILING, STAGES, Stage
from xiutu.gateway.reading import announced_length
from xiutu.gateway.reports import report
from xiutu.gateway.work import ClientGone

__all__ = ["PATH", "ROUTES", "answered"]

PATH = "/rpc/2.0/ai_custom/v1/classification/{name}"
_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


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
    size = min(announced_length(call.request) or 0, CEILING)
    try:
        error = await pass_stages(call, size, stages)
    except ClientGone:
        return Response(status_code=CLIENT_CLOSED)
    error = await _recorded(call, error)
    body = call.answer if error is None else error_body(error)
    report(call, error, str(body.get("error_code", 0)))
    return await seen_off(call.request, error, body)


async def _recorded(call: Call, error: Exception | None) -> Exception | None:
    """Write the call to the ledger. A success that cannot be written is no success; what was not even
    begun is not written."""
    if not call.counted or call.principal is None or isinstance(error, Overloaded | NoWorkers):
        return error
    return await recorded(call, error, 0 if error is None else code_of(error))


ROUTES: list[BaseRoute] = [Route(PATH, serve, methods=_EVERY_METHOD, name="classification")]
