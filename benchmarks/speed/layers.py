"""Where the time of a call goes, for every operator at 0.3, 2, 8 MP and its largest legal picture.

In one run, in turns, so that all layers see the same machine: `kernel` (the networks alone, on the inputs
the picture gives them; where they are less than half of the work, the operator's own function), `array` (the
operator, array in, array out), `job` (bytes in, bytes out, in this process), `engine` (the same through the
pool of worker processes), `HTTP` (token, form body, JSON answer). Medians in seconds; `p95` is that of HTTP;
`ratio` is HTTP / job, `over kernel` HTTP / kernel; `peak MB` is the worker's. The pictures are soft shapes
with grain (selfie_anime: a face), saved as JPEG. Budget on two cores: 2 MP within 3 s (image_quality_enhance
6 s), the largest within 10 s (9.5 s), a worker within 1536 MB.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.speed._kernel import Kernel, recorded
from benchmarks.speed._load import percentile
from benchmarks.speed._pictures import sample
from benchmarks.speed._results import stored
from benchmarks.speed._server import FORM, Request, serving
from tests.server import RunningServer
from xiutu.cli.bench_pictures import fitted, needed
from xiutu.engine import Job, PoolExecutor
from xiutu.operators._registry import implemented
from xiutu.operators._runner import Executed, execute

SIZES = (0.3, 2.0, 8.0, 25.0)  # megapixels, cut down to what the contract allows
ROUNDS = ((3.0, 3, 9), (30.0, 2, 5))  # up to so many megapixels: rounds at least, and at most ...
ENOUGH = 12.0  # ... when so many seconds are not over yet
DEADLINE = 60.0  # s


def measure() -> list[dict[str, object]]:
    """A row for each operator and size; those of operators not in XIUTU_OPERATORS are kept."""
    chosen = os.environ.get("XIUTU_OPERATORS", "").split() or list(implemented())
    before = stored().get("layers", {}).get("rows", [])
    kept = [row for row in before if row["operator"] not in chosen]
    engine = PoolExecutor(1)
    engine.start()
    try:
        with serving(XIUTU_WORKERS="1") as server:
            rows = [
                _row(operator, width, height, engine, server, warm=number > 0)
                for operator in chosen
                for number, (width, height) in enumerate(
                    dict.fromkeys(fitted(operator, size) for size in SIZES)
                )
            ]
            order = list(implemented())
            return sorted(kept + rows, key=lambda row: order.index(str(row["operator"])))
    finally:
        engine.stop(5)


def _row(
    operator: str,
    width: int,
    height: int,
    engine: PoolExecutor,
    server: RunningServer,
    *,
    warm: bool,
) -> dict[str, object]:
    data = sample(operator, width, height)
    params = needed(operator, width, height)
    layers = _layers(operator, data, params, engine, server)
    with recorded() as kernel:
        layers["job"]()
    pixels = width * height / 1e6
    least, most = next((least, most) for bound, least, most in ROUNDS if pixels <= bound)
    taken: dict[str, list[float]] = {name: [] for name in ("kernel", "array", *layers)}
    if not warm:  # the first call of a worker reads weights
        for layer in layers.values():
            layer()
    for worker in server.workers():
        _forget_peak(worker)
    peak, begin = 0, time.monotonic()
    for number in range(most):
        if number >= least and time.monotonic() - begin > ENOUGH:
            break
        taken["kernel"].append(kernel.seconds())
        for name, layer in layers.items():
            start = time.perf_counter()
            done = layer()
            taken[name].append(time.perf_counter() - start)
            if isinstance(done, Executed):
                taken["array"].append(done.timings["apply"])
        peak = max([peak, *map(_peak, server.workers())])  # one may be replaced after a large job
    row = _figures(operator, pixels, taken, kernel)
    row["peak MB"] = peak
    print("  ".join(str(value) for value in row.values()), file=sys.stderr, flush=True)
    return row


def _layers(
    operator: str,
    data: bytes,
    params: dict[str, Any],
    engine: PoolExecutor,
    server: RunningServer,
) -> dict[str, Callable[[], object]]:
    call = Request.of(operator, data, params, server.token())

    def submitted() -> object:
        job = Job(operator, {"image": data}, params, time.monotonic() + DEADLINE)
        return engine.submit(job).result()

    def called() -> object:
        answer = server.client.post(call.url, content=call.body, headers=FORM).content
        assert b'"error_code"' not in answer[:200], answer[:200]
        return answer

    return {
        "job": lambda: execute(operator, {"image": data}, params),
        "engine": submitted,
        "HTTP": called,
    }


def _figures(
    operator: str, pixels: float, taken: dict[str, list[float]], kernel: Kernel
) -> dict[str, object]:
    middle = {name: statistics.median(times) for name, times in taken.items()}
    nets = bool(kernel.calls) and middle["kernel"] > middle["array"] / 2
    bare = middle["kernel"] if nets else middle["array"]
    return {
        "operator": operator,
        "MP": round(pixels, 1),
        "kernel": f"{bare:.3f} {'nets' if nets else 'filter'}",
        "array": f"{middle['array']:.3f}",
        "job": f"{middle['job']:.3f}",
        "engine": f"{middle['engine']:.3f}",
        "HTTP": f"{middle['HTTP']:.3f}",
        "p95": f"{percentile(taken['HTTP'], 95):.3f}",
        "ratio": f"{middle['HTTP'] / middle['job']:.2f}",
        "over kernel": f"{middle['HTTP'] / bare:.2f}",
    }


def _forget_peak(process: psutil.Process) -> None:
    """Linux: the high-water mark of resident memory starts anew."""
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def _peak(process: psutil.Process) -> int:
    """High-water mark of resident memory, MB."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it was just replaced
        return 0
    peak = status.partition("VmHWM:")[2].split()
    return int(peak[0]) // 1024 if peak else 0
