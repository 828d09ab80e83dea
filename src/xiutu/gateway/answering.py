"""What every gateway does round its stages: run them, write the ledger, see the request off."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from xiutu.errors import InternalError
from xiutu.gateway.answers import json_answer
from xiutu.gateway.reading import BodyStalled, drain
from xiutu.gateway.served import Served
from xiutu.gateway.work import ClientGone

__all__ = ["CLIENT_CLOSED", "DRAIN_SECONDS", "nearest", "pass_stages", "recorded", "seen_off"]

CLIENT_CLOSED = 499
"""nginx's number for a client that hung up; nobody reads it."""
DRAIN_SECONDS = 20.0

_log = structlog.get_logger("xiutu.call")
C = TypeVar("C", bound=Served)
V = TypeVar("V")


def nearest(table: Mapping[type[Any], V], error: Exception, default: V) -> V:
    """The row of an error's class, or that of its nearest listed base."""
    return next((table[kind] for kind in type(error).__mro__ if kind in table), default)


async def pass_stages(
    call: C, size: int, stages: Iterable[Callable[[C], Awaitable[None]]]
) -> Exception | None:
    """What went wrong, None for nothing; ``size`` bytes of the body are reserved beforehand.

    Raises ``ClientGone`` when there is nobody to answer; that is counted and logged here.
    """
    try:
        with call.context.bodies.hold(size) as call.held:
            for stage in stages:
                await stage(call)
    except (ClientGone, ClientDisconnect) as error:
        call.context.metrics.abandoned.labels(call.service).inc()
        _log.info("client hung up", log_id=str(call.log_id), operator=call.service)
        raise ClientGone from error
    except Exception as error:
        return error
    return None


async def recorded(
    call: Served, error: Exception | None, code: int, *, free_of_charge: bool = False
) -> Exception | None:
    """Write the call to the ledger, and settle its ticket. A success that cannot be written is none.

    ``code`` is what a failure is counted as. The call must have a principal.
    """
    assert call.principal is not None
    entry = call.entry(call.principal, 0 if error is None else code)
    try:
        record = call.context.platform.ledger.record
        await asyncio.wrap_future(record(entry, call.ticket, free_of_charge=free_of_charge))
    except Exception as failure:
        _log.exception("usage not recorded", log_id=str(call.log_id), operator=call.service)
        return error or InternalError(f"usage not recorded: {failure}")
    return error


async def seen_off(request: Request, error: Exception | None, body: dict[str, object]) -> Response:
    """The answer, once a refused client has had its say: some see none before all is sent."""
    stalled = isinstance(error, BodyStalled)
    if error is not None and not stalled and request.headers.get("expect") is None:
        await drain(request, DRAIN_SECONDS)
    return json_answer(body)
