"""A call as a short list of stages, each readable alone, in the documented check order.

Overload and credentials come before the body is looked at; parameters before pictures; the ledger
before the answer (design: every success is recorded before it is answered).
"""

from collections.abc import Awaitable, Callable
from functools import partial

import pybase64
from anyio.to_thread import run_sync

from xiutu.contract import Operator
from xiutu.engine.job import Job
from xiutu.errors import (
    InternalError,
    NoWorkers,
    OperatorUnavailable,
)
from xiutu.gateway.baidu import body
from xiutu.gateway.baidu.call import Call
from xiutu.gateway.baidu.credentials import identify
from xiutu.gateway.baidu.params import read_params
from xiutu.gateway.baidu.sources import Source, further_pictures, limits_of, pick_source
from xiutu.gateway.pictures import checked_header, decode_picture, fetch_picture
from xiutu.gateway.reading import read_body
from xiutu.gateway.work import run_job
from xiutu.image.header import read_header, sniff
from xiutu.image.pdf import is_pdf
from xiutu.operators._params import build
from xiutu.operators._registry import get, implemented
from xiutu.operators._runner import estimate

__all__ = ["STAGES", "Stage", "transport_ceiling"]

Stage = Callable[[Call], Awaitable[None]]
# Percent-encoding can triple every + and / of base64, plus room for the small parameters.
_SMALL_PARAMETERS = 64 * 1024
# Bodies below this are parsed on the event loop: a thread hop costs more.
_PARSE_INLINE = 64 * 1024


def transport_ceiling(operator: Operator) -> int:
    """Bytes of raw body allowed: three times the operator's base64 limits, 64 KiB for the rest."""
    rows = [row for name, row in operator.image_limits.items() if name != "url"]
    return 3 * sum(row.max_base64_bytes_recommended for row in rows) + _SMALL_PARAMETERS


async def check_service(call: Call) -> None:
    """Maintenance, switched-off and not yet implemented operators."""
    settings = call.context.settings
    if settings.maintenance:
        raise NoWorkers("maintenance")
    if call.operator.id in settings.operators_off or call.operator.id not in implemented():
        raise OperatorUnavailable(call.operator.id)


async def authenticate(call: Call) -> None:
    """Who calls, by token or by signature."""
    call.principal, call.credential = await run_sync(identify, call.request, call.context.platform)


async def authorise(call: Call) -> None:
    """May this application call this operator now: permission, rate, quota (6, 18, 17, 19)?

    From here on a failure counts as a call, and what the call will take is reserved.
    """
    assert call.principal is not None
    admission = call.context.platform.billing.admission
    call.ticket = await run_sync(admission.admit, call.principal, call.operator.id, call.log_id)


async def receive(call: Call) -> None:
    """The whole body, and the fields in it."""
    ceiling, timeout = transport_ceiling(call.operator), call.context.settings.body_timeout_s
    raw = await read_body(call.request, ceiling, timeout, call.held)
    call.bytes_in = len(raw)
    content_type = call.request.headers.get("content-type")
    if len(raw) < _PARSE_INLINE:
        call.fields = body.parse(raw, content_type)
    else:
        call.fields = await run_sync(body.parse, raw, content_type)


async def read_parameters(call: Call) -> None:
    """Documented parameters, checked by the contract and then by the operator itself."""
    call.params = read_params(call.operator, call.fields, strict=call.context.settings.strict)
    build(get(call.operator.id).params, call.params)


async def load_source(call: Call) -> None:
    """The bytes of the effective picture, from the body or from an address, and of further ones."""
    source = pick_source(call.operator, call.fields)
    further = further_pictures(call.operator, call.fields)
    call.source, call.fields = source.name, {}  # up to 30 MB that nobody needs any more
    row = call.operator.image_limits[source.name]
    limits = limits_of(row)
    if source.name == "url":
        text = source.value if isinstance(source.value, str) else source.value.decode("latin-1")
        data = await fetch_picture(call.context, text, limits)
    else:
        data = await _decoded(call, source)
    if source.name == "pdf_file":
        limits.check_format("pdf" if is_pdf(data) else sniff(data))
        call.inputs = {"pdf_file": data}  # opened by a worker only: a hostile one ends there
        return
    header = checked_header(data, limits)
    call.pixels = header.pixels
    implementation = get(call.operator.id)
    if implementation.check is not None:
        checked = build(implementation.params, call.params)
        implementation.check(checked, header.width, header.height)
    call.inputs = {"image": data}
    for picture in further:
        call.inputs[picture.name] = await _checked(call, picture)


async def _checked(call: Call, picture: Source) -> bytes:
    """A further picture (``style``), inside its own limits."""
    data = await _decoded(call, picture)
    checked_header(data, limits_of(call.operator.image_limits[picture.name]))
    return data


async def _decoded(call: Call, source: Source) -> bytes:
    row = call.operator.image_limits[source.name]
    encoded = call.context.settings.strict and row.counts_percent_encoding
    decode = partial(decode_picture, percent_encoded=encoded)
    return await run_sync(decode, source.value, limits_of(row).max_base64)


async def process(call: Call) -> None:
    """Hand the work to the engine and wait, unless the client hangs up first."""
    assert call.principal is not None
    job = Job(
        operator=call.operator.id,
        inputs=call.inputs,
        params=call.params,
        deadline=call.deadline,
        log_id=str(call.log_id),
        megabytes=estimate(call.operator.id, _most_pixels(call)),
        owner=call.principal.app_id,
    )
    call.inputs = {}
    done = await run_job(call.request, call.context.executor, job)
    call.result, call.timings = done.fields, done.timings
    if call.source == "pdf_file":
        result = done.fields[call.operator.response.result_image_field]
        call.pixels = read_header(result).pixels if isinstance(result, bytes) else 0


def _most_pixels(call: Call) -> int:
    """What the job is admitted for: of a PDF's page only the bound is known here."""
    if call.source != "pdf_file":
        return call.pixels
    return (call.operator.image_limits["pdf_file"].max_long_side_px or 0) ** 2


async def compose(call: Call) -> None:
    """The answer's JSON members, log_id typed as in the operator's sample (A-32)."""
    response = call.operator.response
    texts = await run_sync(_as_text, call.result)
    answer: dict[str, object] = {
        "log_id": str(call.log_id) if response.log_id_is_text else call.log_id,
        **texts,
    }
    optional = set() if call.source == "pdf_file" else {"pdf_file_size"}
    missing = {row.name for row in response.fields} - set(answer) - optional
    if missing:
        raise InternalError(f"{call.operator.id} lacks {missing}")
    call.bytes_out = sum(map(len, texts.values()))
    call.result, call.answer = {}, answer


def _as_text(fields: dict[str, bytes | str]) -> dict[str, str]:
    """Pictures as base64; megabytes, so not on the event loop."""
    return {
        name: value if isinstance(value, str) else pybase64.b64encode(value).decode("ascii")
        for name, value in fields.items()
    }


STAGES: tuple[Stage, ...] = (
    check_service,
    authenticate,
    authorise,
    receive,
    read_parameters,
    load_source,
    process,
    compose,
)
