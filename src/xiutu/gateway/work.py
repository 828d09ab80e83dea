"""Handing work to the engine and waiting for it, for as long as there is somebody to answer."""

import asyncio
from typing import Any

from starlette.requests import Request

from xiutu.engine.interface import Executor
from xiutu.engine.job import Job, Outcome

__all__ = ["ClientGone", "run_job"]


class ClientGone(Exception):
    """The client hung up; there is nobody to answer."""


async def run_job(request: Request, executor: Executor, job: Job) -> Outcome:
    """The outcome of a job.

    The request's body must have been read. Raises ``ClientGone`` when the client hangs up first (the
    job is taken out of the queue), what ``Executor.submit`` raises, and what the operator raised.
    """
    submitted = executor.submit(job)
    outcome = asyncio.wrap_future(submitted)
    hung_up = asyncio.create_task(_disconnect(request))
    waiting: set[asyncio.Future[Any]] = {outcome, hung_up}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not outcome.done():
            submitted.cancel()
            raise ClientGone
        return outcome.result()
    finally:
        hung_up.cancel()
        if not outcome.done():
            outcome.cancel()


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
