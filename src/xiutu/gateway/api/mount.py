"""Where the management API is, and the application that makes it when it is first asked for.

Its framework takes a second to import and to read some hundred models, and most starts of a server end
without a call of it.
"""

from collections.abc import Callable

from anyio import Lock
from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Receive, Scope, Send

from xiutu.classify.datasets import Examine
from xiutu.classify.facade import Classifiers
from xiutu.platform.facade import Platform

__all__ = ["OPENAPI", "PREFIX", "Later", "later"]

PREFIX = "/api/v1"
OPENAPI = "/openapi.json"
"""Open to everybody: the page at /docs needs it before a token is known, and it has no secrets."""


class Later:
    """``make`` is called once, in a thread, when the first request comes."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._made: ASGIApp | None = None
        self._one_at_a_time = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        made = self._made or await self._first()
        await made(scope, receive, send)

    async def _first(self) -> ASGIApp:
        async with self._one_at_a_time:
            if self._made is None:
                self._made = await run_sync(self._make)
            return self._made


def later(
    platform: Platform, classifiers: Classifiers, examine: Examine, body_timeout_s: float
) -> Later:
    """Mount it at ``PREFIX``. ``examine`` decodes the pictures that are uploaded to data sets."""

    def make() -> ASGIApp:
        from xiutu.gateway.api.app import build_api

        return build_api(platform, classifiers, examine, body_timeout_s)

    return Later(make)
