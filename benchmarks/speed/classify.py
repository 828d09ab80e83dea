"""Custom classification: from import to published, and one call of a service.

`import to published`: `xiutu classify import`, `train` and `publish` as commands, on ants/bees (397 pictures,
XIUTU_TRAIN) and an empty data folder; three minutes is the bound. `call`: a 640 px JPEG by HTTP on a kept
connection, token and all, against a server with two workers; 120 ms at the median is the bound. `backbone`:
the bare network on one picture in this process with the same number of threads, for comparison.
"""

import base64
import os
import statistics
import time

import numpy as np

from benchmarks.quality.classify import ROOT
from benchmarks.speed._server import serving
from tests.server import jpeg
from xiutu.classify.backbones import DEFAULT, backbone
from xiutu.models import threads

CALLS = 60
_PATH = "/rpc/2.0/ai_custom/v1/classification/insects"


def measure() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    with serving(XIUTU_WORKERS="2") as server:
        started, used = time.perf_counter(), os.times()
        server.cli("classify", "import", str(ROOT / "classify"), "--name", "insects")
        server.cli("classify", "train", "insects")
        server.cli("classify", "publish", "insects")
        took, now = time.perf_counter() - started, os.times()
        processor = now.children_user + now.children_system
        processor -= used.children_user + used.children_system
        rows.append(_row("import to published, 397 pictures", [took], f"{processor:.0f} s CPU"))
        body = {"image": base64.b64encode(jpeg(640, 480)).decode()}
        query = {"access_token": server.token()}
        calls = []
        for _ in range(CALLS):
            begun = time.perf_counter()
            answer = server.client.post(_PATH, params=query, json=body).json()
            calls.append(time.perf_counter() - begun)
            assert answer["results"], answer
        rows.append(_row("call, 640 px JPEG", calls[5:], ""))
    network = backbone(DEFAULT)
    square = np.full((1, network.side, network.side, 3), 120, np.uint8)
    runs = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        network.run(square, threads())
        runs.append(time.perf_counter() - begun)
    rows.append(_row("bare backbone", runs[5:], f"{threads()} threads"))
    return rows


def _row(name: str, seconds: list[float], note: str) -> dict[str, object]:
    return {
        "what": name,
        "median ms": round(1000 * statistics.median(seconds)),
        "minimum ms": round(1000 * min(seconds)),
        "note": note,
    }
