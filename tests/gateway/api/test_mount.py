"""The management API is made at its first call, once, and a server starts without its framework."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Scope

from xiutu.gateway.api.mount import Later

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}


async def call(app: Later) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(SCOPE, receive, send)
    return sent


def test_made_once_beside_the_event_loop() -> None:
    made: list[threading.Thread] = []

    def make() -> ASGIApp:
        made.append(threading.current_thread())
        time.sleep(0.1)
        return PlainTextResponse("here")

    async def several() -> list[list[Message]]:
        app = Later(make)
        return await asyncio.gather(*(call(app) for _ in range(5)))

    answers = asyncio.run(several())
    assert [answer[1]["body"] for answer in answers] == [b"here"] * 5
    assert len(made) == 1
    assert made[0] is not threading.main_thread()


def test_a_failure_is_tried_again() -> None:
    tries: list[int] = []

    def make() -> ASGIApp:
        tries.append(1)
        if len(tries) == 1:
            raise MemoryError
        return PlainTextResponse("here")

    async def twice() -> None:
        app = Later(make)
        with pytest.raises(MemoryError):
            await call(app)
        assert (await call(app))[1]["body"] == b"here"

    asyncio.run(twice())


def test_a_server_starts_without_the_framework() -> None:
    program = "import sys, xiutu.gateway.server; print('fastapi' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]
