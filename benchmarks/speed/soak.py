"""Ten minutes at twice the capacity: what is refused, how long the accepted calls take, and memory.

Open loop on pictures of 0.3 megapixels: calls of one operator, then the mix of `throughput`. Bound of the
95th percentile of accepted calls: (queue / workers + 1) x 1.5 x the median of a single caller. It is made
for calls of one length; of the mix, where half of the operators take three times the median, it is printed
all the same. Memory is the sum of the proportional set sizes of the server and its workers, at the first
minute and at the last. `restarts` of workers are the planned ones too: each is renewed after 1000 jobs.
XIUTU_SOAK sets other seconds than 600; with XIUTU_OPERATORS=mix (or dehaze) the other row is kept.
"""

import os

import psutil

from benchmarks.speed._load import MIX, Load, figures, mixed, percentile, successes
from benchmarks.speed._results import stored
from benchmarks.speed._server import serving
from tests.server import RunningServer
from xiutu.settings import load

ONE = "dehaze"
WARM = 15.0


def measure() -> list[dict[str, object]]:
    """A row for the calls of one operator, one for the mix."""
    chosen = os.environ.get("XIUTU_OPERATORS", "").split() or [ONE, "mix"]
    before = stored().get("soak", {}).get("rows", [])
    rows = [row for row in before if row["calls"] not in chosen] + [_soaked(n) for n in chosen]
    return sorted(rows, key=lambda row: str(row["calls"]))


def _soaked(name: str) -> dict[str, object]:
    seconds = float(os.environ.get("XIUTU_SOAK", "600"))
    settings = load()
    with serving() as server:
        every, loads = mixed(server.token()), Load(server)
        calls = every if name == "mix" else [every[MIX.index(name)]]
        loads.closed([calls] * 4, 5)
        alone = percentile(successes(loads.closed([calls], WARM)), 50)
        busy = loads.closed([calls] * 8, WARM)
        capacity = len(successes(busy)) / WARM
        memory: list[tuple[float, float]] = []
        answers = loads.open(
            calls, 2 * capacity, seconds, lambda gone: memory.append((gone, _megabytes(server)))
        )
        early, late = (
            [mb for gone, mb in memory if low <= gone / seconds < high]
            for low, high in ((0.05, 0.15), (0.9, 1.1))
        )
        return {
            "calls": name,
            "arriving/s": round(2 * capacity, 1),
            **figures(answers, seconds),
            "alone p50 s": round(alone, 3),
            "p95 bound s": round((settings.queue_length / settings.workers + 1) * 1.5 * alone, 3),
            "early MB": round(max(early)),
            "late MB": round(max(late)),
            "restarts": _restarts(server),
        }


def _megabytes(server: RunningServer) -> float:
    parent = psutil.Process(server.process.pid)
    tree = [parent, *parent.children(recursive=True)]
    return sum(process.memory_full_info().pss for process in tree) / 1e6


def _restarts(server: RunningServer) -> int:
    lines = server.client.get("/metrics").text.splitlines()
    found = [line for line in lines if line.startswith("xiutu_worker_restarts{")]
    return int(sum(float(line.rsplit(" ", 1)[1]) for line in found))
