"""Callers for load tests: a closed loop (each waits for its answer) and an open one (calls come on time)."""

import asyncio
import base64
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import quote, urlencode

import httpx2

from benchmarks.speed._pictures import sample
from tests.server import PREFIX, RunningServer
from xiutu.cli.bench_pictures import needed

OVERLOADED = 4  # the documented answer of a server whose queue is full
MIX = ("contrast_enhance", "color_enhance", "dehaze", "denoise", "doc_repair", "sky_seg")
_SIZE = (670, 447)  # 0.3 megapixels


@dataclass(frozen=True)
class Request:
    """A call, ready to be sent any number of times."""

    url: str
    body: bytes
    app: str


@dataclass(frozen=True)
class Answer:
    """What became of a call: its error code (0: success), seconds, and when it was sent."""

    app: str
    code: int
    seconds: float
    sent: float


def mixed(token: str, app: str = "") -> list[Request]:
    """One call of each operator of the mix, on a picture of 0.3 megapixels."""
    requests = []
    for operator in MIX:
        text = quote(base64.b64encode(sample(operator, *_SIZE)).decode(), safe="")
        body = f"image={text}&{urlencode(needed(operator, *_SIZE))}".encode()
        requests.append(Request(f"{PREFIX}{operator}?access_token={token}", body, app))
    return requests


class Load:
    """Calls of one running server."""

    def __init__(self, server: RunningServer) -> None:
        self.url = server.url

    def closed(self, callers: Sequence[Sequence[Request]], seconds: float) -> list[Answer]:
        """Every caller goes round its requests for so long, one call at a time."""

        async def run() -> list[Answer]:
            async with self._client() as client:
                end = time.monotonic() + seconds
                each = [
                    _caller(client, _turned(requests, number), end)
                    for number, requests in enumerate(callers)
                ]
                return [answer for found in await asyncio.gather(*each) for answer in found]

        return asyncio.run(run())

    def open(
        self,
        requests: Sequence[Request],
        rate: float,
        seconds: float,
        each: Callable[[float], None] = lambda _: None,
    ) -> list[Answer]:
        """``rate`` calls a second whether or not the ones before were answered.

        ``each`` is called with the seconds gone by once in a while: to look at memory.
        """

        async def run() -> list[Answer]:
            async with self._client() as client:
                start, running = time.monotonic(), []
                source = cycle(requests)
                for number in range(int(rate * seconds)):
                    await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
                    running.append(asyncio.create_task(_sent(client, next(source))))
                    if number % max(1, int(10 * rate)) == 0:
                        each(time.monotonic() - start)
                return list(await asyncio.gather(*running))

        return asyncio.run(run())

    def _client(self) -> httpx2.AsyncClient:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=200)
        return httpx2.AsyncClient(base_url=self.url, timeout=120, trust_env=False, limits=limits)


def percentile(answers: Sequence[Answer], percent: int) -> float:
    """Seconds within which so many of a hundred successes came; NaN without any."""
    times = sorted(a.seconds for a in answers if a.code == 0)
    if len(times) < 2:
        return times[0] if times else float("nan")
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def figures(answers: Sequence[Answer], seconds: float) -> dict[str, object]:
    """Rates and percentiles of a run."""
    good = sum(a.code == 0 for a in answers)
    refused = sum(a.code == OVERLOADED for a in answers)
    return {
        "calls/s": round(good / seconds, 2),
        "p50 s": round(percentile(answers, 50), 3),
        "p95 s": round(percentile(answers, 95), 3),
        "p99 s": round(percentile(answers, 99), 3),
        "refused": f"{100 * refused / max(1, len(answers)):.1f} %",
        "failed": len(answers) - good - refused,
    }


def _turned(requests: Sequence[Request], by: int) -> Iterator[Request]:
    by %= len(requests)
    return cycle([*requests[by:], *requests[:by]])


async def _caller(
    client: httpx2.AsyncClient, source: Iterator[Request], end: float
) -> list[Answer]:
    found = []
    while time.monotonic() < end:
        answer = await _sent(client, next(source))
        found.append(answer)
        if answer.code == OVERLOADED:
            await asyncio.sleep(0.2)  # as a client that was told to come later
    return found


async def _sent(client: httpx2.AsyncClient, request: Request) -> Answer:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    start = time.monotonic()
    answer = await client.post(request.url, content=request.body, headers=headers)
    took = time.monotonic() - start
    code = int(answer.json().get("error_code", 0)) if len(answer.content) < 1000 else 0
    return Answer(request.app, code, took, start)
