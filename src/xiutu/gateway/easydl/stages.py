"""A classification call as a short list of stages, each readable alone."""

from collections.abc import Awaitable, Callable

from anyio.to_thread import run_sync

from xiutu.contract.services import CUSTOM_CLASSIFICATION
from xiutu.errors import (
    InternalError,
    ModelUnavailable,
    NoWorkers,
    OperatorUnavailable,
    PermissionDenied,
)
from xiutu.gateway.baidu import query
from xiutu.gateway.baidu.credentials import identify
from xiutu.gateway.easydl.call import Call
from xiutu.gateway.easydl.parameters import LIMITS, picture_of, read_body_fields, wanted
from xiutu.gateway.pictures import checked_header, fetch_picture
from xiutu.gateway.reading import read_body
from xiutu.gateway.work import unless_gone

__all__ = ["CEILING", "STAGES", "Stage"]

Stage = Callable[[Call], Awaitable[None]]

CEILING = 2 * LIMITS.max_base64 + 64 * 1024
"""Bytes of body: PHP escapes every slash of the base64."""

_PARSE_INLINE = 64 * 1024


async def check_service(call: Call) -> None:
    """Maintenance, and custom classification switched off altogether."""
    settings = call.context.settings
    if settings.maintenance:
        raise NoWorkers("maintenance")
    if CUSTOM_CLASSIFICATION.id in settings.operators_off:
        raise OperatorUnavailable(call.service)


async def authenticate(call: Call) -> None:
    """Who calls, by token or by signature; and what there is under this name."""
    call.principal, call.credential = await run_sync(identify, call.request, call.context.platform)
    call.published = await run_sync(call.context.classifiers.services.get, call.name)
    call.service = f"classification/{call.name}"  # a name strangers make up is no label of metrics


async def authorise(call: Call) -> None:
    """May this application call this service? From here on a failure counts as a call.

    A service that names its applications is for those; any other one for all that have custom
    classification ticked.
    """
    assert call.principal is not None and call.published is not None
    apps = call.published.apps
    allowed = call.principal.allows(CUSTOM_CLASSIFICATION.id)
    if not (allowed if apps is None else call.principal.app_id in apps):
        raise PermissionDenied(call.service)
    call.counted = True
    if not call.published.running:
        raise ModelUnavailable("the service is stopped")


async def receive(call: Call) -> None:
    """The whole body, and the fields in it."""
    timeout = call.context.settings.body_timeout_s
    raw = await read_body(call.request, CEILING, timeout, call.held)
    call.bytes_in = len(raw)
    kind = call.request.headers.get("content-type")
    if len(raw) < _PARSE_INLINE:
        call.fields = read_body_fields(raw, kind)
    else:
        call.fields = await run_sync(read_body_fields, raw, kind)


async def read_parameters(call: Call) -> None:
    """``image`` and ``top_num``; ``url`` where the query says ``input_type=url`` (the product's later
    pages)."""
    given = query.parameters(call.request.scope["query_string"])
    call.wanted = wanted(call.fields, by_url=given.get("input_type", "").lower() == "url")
    call.fields = {}


async def load_picture(call: Call) -> None:
    """The bytes of the picture, its header checked."""
    assert call.wanted is not None
    if call.wanted.url is not None:
        data = await fetch_picture(call.context, call.wanted.url, LIMITS)
    else:
        data = await run_sync(picture_of, call.wanted.image or "")
    call.pixels = checked_header(data, LIMITS).pixels
    call.data = data


async def process(call: Call) -> None:
    """Let a worker answer, together with others where others wait."""
    assert call.published is not None and call.wanted is not None
    model = call.context.classifiers.files.model(call.published.model_id)
    future = call.context.batcher.submit(
        model, call.data, call.pixels, call.deadline, str(call.log_id)
    )
    call.data = b""
    done = await unless_gone(call.request, future)
    call.timings = done.timings
    if done.reply.error is not None:
        raise done.reply.error
    if done.reply.answer is None:
        raise InternalError("neither answer nor error")
    answer = done.reply.answer.opened() if call.published.open_set else done.reply.answer
    best = answer.scores[: call.wanted.top]
    call.results = [{"name": name, "score": score} for name, score in best]


async def compose(call: Call) -> None:
    """The answer's members; log_id is a number here (R-221)."""
    call.answer = {"log_id": call.log_id, "results": call.results}


STAGES: tuple[Stage, ...] = (
    check_service,
    authenticate,
    authorise,
    receive,
    read_parameters,
    load_picture,
    process,
    compose,
)
