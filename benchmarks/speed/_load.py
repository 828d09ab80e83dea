"""Callers for load tests: a closed loop (each waits for its answer) and an open one (calls come on time)."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

import httpx2

from benchmarks.speed._pictures import sample
from benchmarks.speed._server import FORM, Request
from tests.server import RunningServer
from xiutu.cli.bench_pictures import needed

OVERLOADED = 4  # the documented answer of a server whose queue is full
MIX = ("contrast_enhance", "color_enhance", "dehaze", "denoise", "doc_repair", "sky_seg")
_SIZE = (670, 447)  # 0.3 megapixels


@dataclass(frozen=True)
class Answer:
    """What became of a call: its error code (0: success) and seconds."""

    app: str
    code: int
    seconds: float


def mixed(token: str, app: str = "") -> list[Request]:
    """One call of each operator of the mix, on a picture of 0.3 megapixels."""
    return [
        Request.of(operator, sample(operator, *_SIZE), needed(operator, *_SIZE), token, app)
        for operator in MIX
    ]


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

        ``each`` is called with the seconds gone by, about forty times: to look at memory.
        """

        async def run() -> list[Answer]:
            async with self._client() as client:
                start, running = time.monotonic(), []
                source = cycle(requests)
                count = int(rate * seconds)
                for number in range(count):
                    await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
                    running.append(asyncio.create_task(_sent(client, next(source))))
                    if number % max(1, count // 40) == 0:
                        each(time.monotonic() - start)
                return list(await asyncio.gather(*running))

        return asyncio.run(run())

    def _client(self) -> httpx2.AsyncClient:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=200)
        return httpx2.AsyncClient(base_url=self.url, timeout=120, trust_env=False, limits=limits)


def percentile(seconds: Sequence[float], percent: int) -> float:
    """Seconds within which so many of a hundred came; NaN without any."""
    if len(seconds) < 2:
        return seconds[0] if seconds else float("nan")
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]


def successes(answers: Sequence[Answer]) -> list[float]:
    """Seconds of the calls that were served."""
    return [answer.seconds for answer in answers if answer.code == 0]


def figures(answers: Sequence[Answer], seconds: float) -> dict[str, object]:
    """Rates and percentiles of a run."""
    times = successes(answers)
    good = len(times)
    refused = sum(a.code == OVERLOADED for a in answers)
    return {
        "calls/s": round(good / seconds, 2),
        "p50 s": round(percentile(times, 50), 3),
        "p95 s": round(percentile(times, 95), 3),
        "p99 s": round(percentile(times, 99), 3),
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
    start = time.monotonic()
    answer = await client.post(request.url, content=request.body, headers=FORM)
    took = time.monotonic() - start
    code = int(answer.json().get("error_code", 0)) if len(answer.content) < 1000 else 0
    return Answer(request.app, code, took)
