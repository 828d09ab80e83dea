"""``python -m xiutu.classify.work MODEL``: do one waiting training, politely, and end.

Servers and ``xiutu classify train --detach`` start it. SIGTERM gives the job back to the queue, SIGKILL
and power cuts are noticed by its silence.
"""

import os
import signal
import sys
from types import FrameType

from xiutu.classify.facade import Classifiers
from xiutu.classify.jobs import Interrupted
from xiutu.settings import load

__all__ = ["main"]

_NICE = 10


def main() -> int:
    """Exit code 0, also when somebody else does it already or it was interrupted."""
    number = int(sys.argv[1])
    os.nice(_NICE)

    def interrupt(_: int, __: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
        raise Interrupted

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    try:
        with Classifiers.of(load()) as classifiers:
            classifiers.jobs.work(number)
    except Interrupted:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
