"""``/``: Tencent's one address. Whatever is not for Tencent goes where it would go otherwise."""

from collections.abc import Awaitable, Callable

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from xiutu.errors import NoWorkers, Overloaded
from xiutu.gateway.answering import CLIENT_CLOSED, pass_stages, recorded, seen_off
from xiutu.gateway.context import Context
from xiutu.gateway.reading import announced_length
from xiutu.gateway.reports import report
from xiutu.gateway.tencent.call import Call
from xiutu.gateway.tencent.errors import Refusal, error_body, number_of, refused
from xiutu.gateway.tencent.recognise import NotForTencent, is_form, is_marked
from xiutu.gateway.tencent.stages import SERVICE, STAGES, most_bytes
from xiutu.gateway.work import ClientGone

__all__ = ["ANY_METHOD", "at_root"]

Handler = Callable[[Request], Awaitable[Response]]

ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
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
    size = min(announced_length(request) or 0, most_bytes(request))
    try:
        error = await pass_stages(call, size, STAGES)
    except ClientGone:
        return Response(status_code=CLIENT_CLOSED)
    finally:
        await _give_turn(call)
    if isinstance(error, NotForTencent):
        raise error
    error = await _recorded(call, error)
    code = "0" if error is None else refused(error).code
    body = call.answer if error is None else error_body(error, call.request_id, call.language)
    report(call, error, code, request_id=call.request_id)
    response = await seen_off(request, error, body)
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
    return await recorded(call, error, 0 if error is None else number_of(error))
