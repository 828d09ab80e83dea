"""Calls a second and how long they take, from 1 to 64 callers, and at fixed rates of arrival.

Six operators in turns on pictures of 0.3 megapixels, `xiutu serve` with its own defaults, the callers on the
same machine. Closed loop: every caller waits for its answer, and 0.2 s after being refused. Open loop: calls
come at a share of the capacity (the best rate of the closed loop) whether or not earlier ones were answered.
`fairness`: 32 callers of one application beside 2 of another; the quiet one's figures. Refused means error 4,
the documented answer of a full queue; failed means anything else.
"""

from benchmarks.speed._load import Load, figures, mixed
from benchmarks.speed._server import serving

SECONDS = 15.0
CALLERS = (1, 2, 4, 8, 16, 32, 64)
SHARES = (0.5, 0.8, 1.0, 2.0)


def measure() -> list[dict[str, object]]:
    """A row for each way of calling."""
    with serving() as server:
        calls, loads = mixed(server.token()), Load(server)
        loads.closed([calls] * 4, 5)  # weights are read, workers are warm
        rows: list[dict[str, object]] = []
        for callers in CALLERS:
            answers = loads.closed([calls] * callers, SECONDS)
            rows.append({"load": f"closed, {callers} callers", **figures(answers, SECONDS)})
        capacity = max(float(str(row["calls/s"])) for row in rows)
        for share in SHARES:
            answers = loads.open(calls, share * capacity, SECONDS)
            rate = f"open, {share:g} x capacity ({share * capacity:.1f}/s)"
            rows.append({"load": rate, **figures(answers, SECONDS)})
        loud, quiet = (
            mixed(server.token(server.make_app(name)), name) for name in ("loud", "quiet")
        )
        answers = loads.closed([loud] * 32 + [quiet] * 2, SECONDS)
        for name in ("loud", "quiet"):
            own = [answer for answer in answers if answer.app == name]
            count = 32 if name == "loud" else 2
            rows.append({"load": f"fairness, {count} callers, {name}", **figures(own, SECONDS)})
    return rows
