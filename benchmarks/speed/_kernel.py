"""The bare kernel of an operator: its networks alone, on the very inputs one picture gives them.

Every call of an onnxruntime session is taken down while the operator works on a picture; replaying those
calls, with the same number of threads, is the part of the time that no code of ours can save.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from unittest.mock import patch

from onnxruntime import InferenceSession

from xiutu.models import threads

__all__ = ["Kernel", "recorded"]


@dataclass(frozen=True)
class _Call:
    session: InferenceSession
    arguments: tuple[Any, ...]
    tiled: bool  # called beside others, from a thread of its own


class Kernel:
    """The network calls of one picture, in their order."""

    def __init__(self) -> None:
        self.calls: list[_Call] = []

    def seconds(self) -> float:
        """Replays the calls: tiles on all threads, the others one after the other."""
        start = time.perf_counter()
        with ThreadPoolExecutor(threads()) as pool:
            for tiled, calls in groupby(self.calls, key=lambda call: call.tiled):
                run: Callable[..., Any] = pool.map if tiled else map
                for _ in run(lambda call: call.session.run(*call.arguments), calls):
                    pass
        return time.perf_counter() - start


@contextmanager
def recorded() -> Iterator[Kernel]:
    """While this is open, network calls of this process are taken down, their inputs too."""
    kernel = Kernel()
    lock, home = threading.Lock(), threading.get_ident()
    run = InferenceSession.run

    def noted(session: InferenceSession, *arguments: Any, **options: Any) -> Any:
        with lock:
            tiled = threading.get_ident() != home
            kernel.calls.append(_Call(session, arguments, tiled))
        return run(session, *arguments, **options)

    with patch.object(InferenceSession, "run", noted):
        yield kernel
