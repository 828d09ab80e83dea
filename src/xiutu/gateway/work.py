"""Handing work to the engine and waiting for it, for as long as there is somebody to answer."""

import asyncio
from typing import Any, TypeVar

from starlette.requests import Request

from xiutu.engine.interface import Executor
from xiutu.engine.job import Job, Outcome

__all__ = ["ClientGone", "run_job", "unless_gone"]

T = TypeVar("T")


class ClientGone(Exception):
    """The client hung up; there is nobody to answer."""


async def run_job(request: Request, executor: Executor, job: Job) -> Outcome:
    """The outcome of a job.

    The request's body must have been read. Raises ``ClientGone`` when the client hangs up first (the
    job is taken out of the queue), what ``Executor.submit`` raises, and what the operator raised.
    """
    submitted = executor.submit(job)
    try:
        return await unless_gone(request, asyncio.wrap_future(submitted))
    except ClientGone:
        submitted.cancel()
        raise


async def unless_gone(request: Request, result: asyncio.Future[T]) -> T:
    """The result of a future, which is cancelled when the client hangs up first (``ClientGone``).

    The request's body must have been read.
    """
    hung_up = asyncio.create_task(_disconnect(request))
    waiting: set[asyncio.Future[Any]] = {result, hung_up}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not result.done():
            raise ClientGone
        return result.result()
    finally:
        hung_up.cancel()
        if not result.done():
            result.cancel()


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
