"""Servers of metered accounts, and callers of them, for tests of acceptance."""

import base64
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.server import PREFIX, SMALL, RunningServer, checked

SETTINGS = SMALL | {"XIUTU_QUEUE": "200"}


def no_rate_limit(folder: Path) -> str:
    """A price file whose allowance of calls a second is never met."""
    prices = folder / "prices.toml"
    prices.write_text("free_qps = 10000\npaid_qps = 10000\n")
    return str(prices)


def metered(server: RunningServer, name: str) -> str:
    """A new metered personal account; gives a token of its app."""
    server.cli("accounts", "create", name, "--kind", "personal", "--plan", "metered")
    return server.token(server.make_app(f"{name} app", "--account", name))


@dataclass(frozen=True)
class Answer:
    """When the call was sent and its answer received (monotonic seconds), and the answer."""

    sent: float
    received: float
    body: dict[str, Any]

    @property
    def code(self) -> int:
        return int(self.body.get("error_code", 0))


def client(url: str, timeout: float = 60) -> httpx2.Client:
    """Without certificates: reading them would cost more than a call."""
    return httpx2.Client(base_url=url, timeout=timeout, trust_env=False, verify=False)


def call(by: httpx2.Client, token: str, operator: str, image: bytes = b"") -> Answer:
    """Raises ``httpx2.TransportError``."""
    fields = {"image": base64.b64encode(image).decode()} if image else {}
    fields["option"] = "20"  # denoise needs it; others ignore it
    sent = time.monotonic()
    answer = by.post(f"{PREFIX}{operator}", params={"access_token": token}, data=fields)
    return Answer(sent, time.monotonic(), checked(answer))


def at_once(count: int, url: str, one: Callable[[httpx2.Client], Answer]) -> list[Answer]:
    """So many calls, begun together, each by a client of its own."""
    barrier = threading.Barrier(count)

    def begun(_: int) -> Answer:
        with client(url) as mine:
            barrier.wait(60)
            return one(mine)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begun, range(count)))
