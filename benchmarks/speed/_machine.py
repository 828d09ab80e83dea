"""What a table was measured on, and how fast that machine was at that moment."""

import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from xiutu.models import session, threads

__all__ = ["facts"]

_SIDE = 240  # px
_TILES = 6


def facts() -> str:
    """One line: cores, processor, load, versions, and the yardstick.

    The yardstick is SPAN x2 in 32 bits, a tile on each thread, seconds for a megapixel: design
    budgets were drawn on machines where it takes 3.0. Shared machines differ by a factor of two
    from hour to hour.
    """
    import onnxruntime

    moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    load = os.getloadavg()[0]
    return (
        f"Measured {moment}: {os.cpu_count()} cores, {_processor()}, load before {load:.1f}, Python "
        f"{platform.python_version()}, onnxruntime {onnxruntime.__version__}; yardstick (SPAN x2 in 32 "
        f"bits, s/MP) {_yardstick():.1f}."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _yardstick() -> float:
    net = session("span_x2", 1)
    tile = np.random.default_rng(0).random((1, 3, _SIDE, _SIDE), np.float32)
    with ThreadPoolExecutor(threads()) as pool:
        for _ in range(2):  # the first round is for warmth
            start = time.perf_counter()
            list(pool.map(lambda _: net.run(None, {"image": tile}), range(_TILES)))
            took = time.perf_counter() - start
    return took / _TILES / _SIDE**2 * 1e6
