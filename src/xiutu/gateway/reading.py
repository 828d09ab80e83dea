"""Request bodies: bounded in size, in time and in what all callers together may hold in memory."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import ClientDisconnect, Request

from xiutu.errors import BodyTooLarge, MalformedBody, Overloaded

__all__ = ["BodyBudget", "BodyStalled", "Held", "announced_length", "drain", "read_body"]

_DRAIN_LIMIT = 256 * 1024 * 1024


class BodyStalled(MalformedBody):
    """The client stopped sending in the middle; waiting for more is pointless."""


class Held:
    """What one request holds of the budget; grows while a body of unknown length arrives."""

    def __init__(self, budget: "BodyBudget") -> None:
        self._budget = budget
        self.size = 0

    def at_least(self, size: int) -> None:
        """Raises ``Overloaded`` when it does not fit.

        One body always fits, however large, or a small budget would refuse legal pictures for ever.
        """
        more = size - self.size
        if more <= 0:
            return
        others = self._budget.held - self.size
        if others and self._budget.held + more > self._budget.limit:
            raise Overloaded(f"{self._budget.held >> 20} MB of pictures are in memory")
        self._budget.held += more
        self.size = size

    def release(self) -> None:
        self._budget.held -= self.size
        self.size = 0


class BodyBudget:
    """Bytes of request bodies and fetched pictures in memory. Used from the event loop only."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0

    @contextmanager
    def hold(self, size: int) -> Iterator[Held]:
        """Reserve before the first byte is read. Raises ``Overloaded`` when it does not fit."""
        held = Held(self)
        try:
            held.at_least(size)
            yield held
        finally:
            held.release()


def announced_length(request: Request) -> int | None:
    """Content-Length, or None for chunked bodies and rubbish."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


async def read_body(
    request: Request, ceiling: int, timeout: float, held: Held | None = None
) -> bytes:
    """The whole body. Raises ``BodyTooLarge`` above ``ceiling`` bytes, ``BodyStalled`` when it stalls.

    A body that is too large is read to its end and thrown away: most clients only look at the answer
    once they have sent everything.
    """
    announced = announced_length(request)
    if announced is not None and announced > ceiling:
        await drain(request, timeout)
        raise BodyTooLarge(f"{announced} bytes announced, {ceiling} allowed")
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(timeout):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= ceiling:
                    if held is not None:
                        held.at_least(size)
                    chunks.append(chunk)
                elif size > _DRAIN_LIMIT:
                    break
    except TimeoutError:
        raise BodyStalled(f"body not complete after {timeout:.0f} s") from None
    if size > ceiling:
        raise BodyTooLarge(f"{size} bytes, {ceiling} allowed")
    return b"".join(chunks)


async def drain(request: Request, timeout: float) -> None:
    """Read and drop what the client still sends, within bounds, so that it gets to see the answer."""
    size = 0
    try:
        async with asyncio.timeout(timeout):
            async for chunk in request.stream():
                size += len(chunk)
                if size > _DRAIN_LIMIT:
                    return
    except (TimeoutError, ClientDisconnect, RuntimeError):
        return  # RuntimeError: the body was read before
