"""What HTTP, credentials, the pool and the ledger add to a call.

The same 2-megapixel JPEG of about 1 MB goes through ``POST .../dehaze`` and through the same
bytes-in/bytes-out job in this process, in turns, so that both see the same machine. Reported: the medians
and their difference. The job itself uses all cores in both cases.
"""

import statistics
import time

from benchmarks.speed._pictures import jpeg
from benchmarks.speed._server import FORM, Request, serving
from xiutu.operators._runner import execute

ROUNDS = 21


def measure() -> list[dict[str, object]]:
    """One row for each operator measured."""
    data = jpeg(1732, 1155, 1_050_000)
    rows = []
    with serving() as server:
        token = server.token()
        for operator, params in (("dehaze", {}), ("denoise", {"option": "0"})):
            call = Request.of(operator, data, params, token)
            local, remote = [], []
            for _ in range(ROUNDS + 2):  # the first two warm up
                start = time.perf_counter()
                execute(operator, {"image": data}, params)
                middle = time.perf_counter()
                answer = server.client.post(call.url, content=call.body, headers=FORM).content
                end = time.perf_counter()
                assert b'"error_code"' not in answer[:200], answer[:200]
                local.append(middle - start)
                remote.append(end - middle)
            inside, outside = statistics.median(local[2:]), statistics.median(remote[2:])
            rows.append(
                {
                    "what": f"{operator}, 2 MP JPEG of {len(data) / 1e6:.2f} MB, {ROUNDS} rounds",
                    "in process ms": round(inside * 1000, 1),
                    "over HTTP ms": round(outside * 1000, 1),
                    "overhead ms": round((outside - inside) * 1000, 1),
                    "ratio": round(outside / inside, 2),
                }
            )
    return rows
