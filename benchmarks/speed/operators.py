"""Every operator at 2 MP and at its largest legal picture, each in a process of its own.

Budget (two cores): 2 MP within 3 s, the largest within 10 s, a worker within 1536 MB; x2 enlargement 6 s
at 2 MP and 9.5 s at 4 MP.
"""

import json
import subprocess
import sys

from xiutu.operators._registry import implemented

LARGEST = 25.0  # `xiutu bench` cuts this down to what the operator's contract row allows


def measure() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for operator in implemented():
        for megapixels in (2.0, LARGEST):
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "xiutu",
                    "bench",
                    operator,
                    "--megapixels",
                    str(megapixels),
                    "--json",
                ],
                capture_output=True,
                text=True,
                check=True,
            )
            (row,) = json.loads(done.stdout)
            rows.append(
                {
                    "what": operator,
                    "MP": row["megapixels"],
                    "median s": round(row["median"], 2),
                    "decode s": round(row["decode"], 2),
                    "apply s": round(row["apply"], 2),
                    "encode s": round(row["encode"], 2),
                    "peak MB": round(row["peak_mb"]),
                }
            )
    return rows
