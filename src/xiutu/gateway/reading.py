"""Request bodies: bounded in size, in time and in what all callers together may hold in memory."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import ClientDisconnect, Request

from xiutu.errors import BodyTooLarge, MalformedBody, Overloaded

__all__ = ["BodyBudget", "announced_length", "drain", "read_body"]

_DRAIN_LIMIT = 256 * 1024 * 1024


class BodyBudget:
    """Bytes of request bodies that may be in memory at one time. Used from the event loop only."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Reserve before the first byte is read. Raises ``Overloaded`` when it does not fit.

        One body always fits, however large, or a small budget would refuse legal pictures for ever.
        """
        if self.held and self.held + size > self.limit:
            raise Overloaded(f"{self.held >> 20} MB of request bodies are in memory")
        self.held += size
        try:
            yield
        finally:
            self.held -= size


def announced_length(request: Request) -> int | None:
    """Content-Length, or None for chunked bodies and rubbish."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


async def read_body(request: Request, ceiling: int, timeout: float) -> bytes:
    """The whole body. Raises ``BodyTooLarge`` above ``ceiling`` bytes, ``MalformedBody`` when it stalls.

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
                    chunks.append(chunk)
                elif size > _DRAIN_LIMIT:
                    break
    except TimeoutError:
        raise MalformedBody(f"body not complete after {timeout:.0f} s") from None
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
