"""Micro-batching: calls of one model that wait at the same time go to a worker together.

Nobody waits for company. While a worker is free for the model a call goes at once and alone; what arrives
while all are busy is gathered and leaves together with the next free one. One run of a network on eight
pictures costs less than eight runs, and one trip to a worker less than eight.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from xiutu.engine.interface import Executor
from xiutu.engine.job import Job
from xiutu.errors import InternalError, Overloaded, WorkerDied, XiutuError
from xiutu.gateway.easydl.jobs import PREDICT, Reply, megabytes, replies

__all__ = ["Answered", "Batcher"]

MOST = 8
"""Pictures of a batch."""

MOST_PIXELS = 24_000_000
"""Of a batch, unless one picture alone has more."""

MOST_WAITING = 64
"""Calls of one model that may wait here; more are answered ``Overloaded``."""


@dataclass(frozen=True)
class Answered:
    """One call's reply, the seconds its batch took by step, and how many pictures that had."""

    reply: Reply
    timings: dict[str, float]
    together: int


@dataclass(eq=False)
class _Waiting:
    data: bytes
    pixels: int
    deadline: float
    log_id: str
    future: asyncio.Future[Answered]
    alone: bool = False


@dataclass
class _Line:
    waiting: deque[_Waiting] = field(default_factory=deque)
    busy: int = 0


class Batcher:
    """Used from the event loop only. ``at_once`` batches of a model may be with workers."""

    def __init__(self, executor: Executor, at_once: int) -> None:
        self._executor = executor
        self._at_once = at_once
        self._lines: dict[Path, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(
        self, model: Path, data: bytes, pixels: int, deadline: float, log_id: str
    ) -> asyncio.Future[Answered]:
        """The answer to one picture; cancel the future when nobody wants it any more.

        Raises ``Overloaded`` when too many wait; the future raises what ``Executor.submit`` and the job
        raise.
        """
        line = self._lines.setdefault(model, _Line())
        if len(line.waiting) >= MOST_WAITING:
            raise Overloaded(f"{MOST_WAITING} calls wait for the model")
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        line.waiting.append(_Waiting(data, pixels, deadline, log_id, future))
        self._send(model, line)
        return future

    def _send(self, model: Path, line: _Line) -> None:
        while line.busy < self._at_once and (batch := _next(line.waiting)):
            line.busy += 1
            task = asyncio.create_task(self._run(model, line, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, model: Path, line: _Line, batch: list[_Waiting]) -> None:
        try:
            await self._answer(model, line, batch)
        finally:
            line.busy -= 1
            self._send(model, line)
            if not line.busy and not line.waiting:
                self._lines.pop(model, None)

    async def _answer(self, model: Path, line: _Line, batch: list[_Waiting]) -> None:
        job = Job(
            operator=PREDICT,
            inputs={str(number): row.data for number, row in enumerate(batch)},
            params={"model": str(model)},
            deadline=min(row.deadline for row in batch),
            log_id=batch[0].log_id,
            megabytes=sum(megabytes(row.pixels) for row in batch),
        )
        try:
            outcome = await asyncio.wrap_future(self._executor.submit(job))
            found = replies(outcome, len(batch))
        except (WorkerDied, InternalError) as error:
            if len(batch) == 1:
                _fail(batch, error)
                return
            # One of them may have done it: each has another chance, by itself.
            for row in batch:
                row.alone = True
            line.waiting.extendleft(reversed(batch))
            return
        except (XiutuError, asyncio.CancelledError) as error:
            _fail(batch, error if isinstance(error, XiutuError) else InternalError("stopped"))
            return
        except Exception as error:
            _fail(batch, InternalError(f"{type(error).__name__} in a batch"))
            return
        for row, reply in zip(batch, found, strict=True):
            if not row.future.done():
                row.future.set_result(Answered(reply, outcome.timings, len(batch)))


def _next(waiting: deque[_Waiting]) -> list[_Waiting]:
    """The next batch; those nobody waits for any more are dropped."""
    batch: list[_Waiting] = []
    pixels = 0
    while waiting and len(batch) < MOST:
        row = waiting[0]
        if row.future.done():
            waiting.popleft()
            continue
        if batch and (row.alone or pixels + row.pixels > MOST_PIXELS):
            break
        batch.append(waiting.popleft())
        pixels += row.pixels
        if row.alone:
            break
    return batch


def _fail(batch: list[_Waiting], error: XiutuError) -> None:
    for row in batch:
        if not row.future.done():
            row.future.set_exception(type(error)(error.detail))
