"""A call as a short list of stages, each readable alone.

Credentials come first, then what is called, then whether this app may call it, then parameters; the
ledger before the answer (design: every success is recorded before it is answered).
"""

from collections.abc import Awaitable, Callable
from functools import partial

import pybase64
from anyio.to_thread import run_sync
from starlette.requests import Request

from xiutu.contract.services import TENCENT_INPAINTING
from xiutu.engine.job import Job, Json
from xiutu.errors import (
    BodyTooLarge,
    InternalError,
    NoWorkers,
    OperatorUnavailable,
    PermissionDenied,
)
from xiutu.gateway.json_body import json_object
from xiutu.gateway.reading import read_body
from xiutu.gateway.tencent import identify
from xiutu.gateway.tencent.action import ACTION, VERSION, read_action
from xiutu.gateway.tencent.call import Call
from xiutu.gateway.tencent.errors import Refusal
from xiutu.gateway.tencent.links import absolute
from xiutu.gateway.tencent.parameters import nested, pairs_of, split_common
from xiutu.gateway.tencent.pictures import LIMITS, load_pictures
from xiutu.gateway.tencent.recognise import NotForTencent, is_form, is_marked
from xiutu.gateway.tencent.results import results_of
from xiutu.gateway.work import run_job
from xiutu.operators import _removal

__all__ = ["STAGES", "most_bytes"]

Stage = Callable[[Call], Awaitable[None]]
_MOST_QUERY = 32 * 1024
_MOST_V1 = 1024 * 1024
_MOST_JSON = 3 * LIMITS.max_base64 + 64 * 1024  # picture, mask and mark, each below 6 MB
_GRACE_S = 30.0


def most_bytes(request: Request) -> int:
    """Bytes of body that a request of this kind may have."""
    return _MOST_V1 if is_form(request) else _MOST_JSON


async def check_service(call: Call) -> None:
    """Maintenance, and a service that is switched off."""
    if call.context.settings.maintenance:
        raise NoWorkers("maintenance")
    if call.service in call.context.settings.operators_off:
        raise OperatorUnavailable(call.service)


async def receive_and_identify(call: Call) -> None:
    """The whole request, and proof of who sent it."""
    request = call.request
    if request.method not in ("GET", "POST"):
        raise Refusal("protocol")
    header = request.headers.get("authorization", "")
    signed = header not in ("", identify.SKIP)
    authorization = await identify.identify_tc3(call, header) if signed else None
    body, query = await _body(call), request.scope["query_string"]
    call.bytes_in = len(body)
    if authorization is not None:
        await identify.verify_tc3(call, authorization, body)
    pairs = None if _is_json(request) else pairs_of(query if request.method == "GET" else body)
    values = await _json(request, body) if pairs is None else nested(pairs)
    call.common, call.values = split_common(values)
    call.language = call.named("x-tc-language", "Language") or call.language
    if "Action" not in call.common and not is_marked(request):
        raise NotForTencent
    if authorization is not None:
        return
    if pairs is not None and "Signature" in call.common:
        await identify.identify_v1(call, pairs)  # what is signed is what is read
    else:
        await identify.identify_unsigned(call)


def _is_json(request: Request) -> bool:
    return request.method == "POST" and not is_form(request)


async def _body(call: Call) -> bytes:
    """Raises ``Refusal`` where body or query are too large."""
    request = call.request
    if len(request.scope["query_string"]) > _MOST_QUERY:
        raise Refusal("too_large", why="32 KB")
    if request.method == "GET":
        return b""
    timeout = call.context.settings.body_timeout_s
    try:
        return await read_body(request, most_bytes(request), timeout, call.held)
    except BodyTooLarge as error:
        if is_form(request):
            raise Refusal("signature_too_large", str(error)) from error
        raise Refusal("too_large", str(error), why=f"{_MOST_JSON >> 20} MB") from error


async def _json(request: Request, body: bytes) -> dict[str, object]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        raise Refusal("body", why="multipart/form-data is not part of this interface")
    return await run_sync(json_object, body) if body.strip() else {}


async def check_target(call: Call) -> None:
    """Action, version and region. A trial without a signature may leave out the last two."""
    action = call.named("x-tc-action", "Action")
    version, region = call.named("x-tc-version", "Version"), call.named("x-tc-region", "Region")
    if not action:
        raise Refusal("missing", name="Action")
    if call.credential == "none":
        version, region = version or VERSION, region or call.context.settings.tencent_regions[0]
    if not version:
        raise Refusal("missing", name="Version")
    if version != VERSION:
        raise Refusal("version", name=version[:40])
    if action != ACTION:
        raise Refusal("action", name=action[:80])
    if region is None:
        raise Refusal("missing", name="Region")
    if not region:
        raise Refusal("value", name="X-TC-Region")
    if region not in call.context.settings.tencent_regions:
        raise Refusal("region", name=region[:40])


async def authorise(call: Call) -> None:
    """Is the service ticked for this app? From here on a failure counts as a call."""
    assert call.principal is not None
    if not call.principal.allows(call.service):
        raise PermissionDenied(call.service)
    call.counted = True


async def read_parameters(call: Call) -> None:
    """The interface's own parameters."""
    call.removal = read_action(call.values)
    call.values = {}


async def take_turn(call: Call) -> None:
    """One task of an account at a time, or as many as are set (A-87)."""
    assert call.principal is not None
    settings = call.context.settings
    longest = settings.job_timeout_s + settings.fetch_timeout_s + _GRACE_S
    key = f"{call.service}:{call.principal.account_id}"
    acquire = partial(call.context.leases.acquire, key, settings.tencent_concurrency, longest)
    call.lease = await run_sync(acquire)
    if call.lease is None:
        raise Refusal("jobs")


async def load(call: Call) -> None:
    """The pictures; with DryRun that is all."""
    assert call.removal is not None
    call.inputs, header = await load_pictures(call.context, call.removal)
    call.pixels = header.pixels
    if call.removal.dry_run:
        raise Refusal("dry_run")


async def process(call: Call) -> None:
    """Remove, repaint, mark and encode, in a worker."""
    assert call.removal is not None and call.principal is not None
    logo = call.removal.logo
    params: dict[str, Json] = {"mark": call.removal.mark, "produced": call.request_id}
    if logo is not None:
        params["rect"] = list(logo.rect)
    job = Job(
        operator=_removal.ID,
        inputs=call.inputs,
        params=params,
        deadline=call.deadline,
        log_id=str(call.log_id),
        megabytes=_removal.estimate(call.pixels),
        owner=call.principal.app_id,
    )
    call.inputs = {}
    done = await run_job(call.request, call.context.executor, job)
    result = done.fields["image"]
    if not isinstance(result, bytes):
        raise InternalError("the removal gave no picture")
    call.result, call.timings = result, done.timings


async def deliver(call: Call) -> None:
    """The result as base64, or behind a link."""
    assert call.removal is not None
    if call.removal.by_url:
        kind = "jpg" if call.result.startswith(b"\xff\xd8") else "png"
        path = await run_sync(results_of(call.context).store, call.result, kind)
        image = absolute(call.request, path)
    else:
        image = (await run_sync(pybase64.b64encode, call.result)).decode("ascii")
    call.bytes_out, call.result = len(image), b""
    call.answer = {"Response": {"ResultImage": image, "RequestId": call.request_id}}


STAGES: tuple[Stage, ...] = (
    check_service,
    receive_and_identify,
    check_target,
    authorise,
    read_parameters,
    take_turn,
    load,
    process,
    deliver,
)
SERVICE = TENCENT_INPAINTING.id
