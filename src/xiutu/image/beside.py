"""Two pieces of work that need nothing of each other, on two cores."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["beside"]

A = TypeVar("A")
B = TypeVar("B")


def beside(one: Callable[[], A], other: Callable[[], B], workers: int) -> tuple[A, B]:
    """Results of both. ``workers`` is a number of threads; with one they run in turn.

    Raises what either raises, once both have ended.
    """
    if workers == 1:
        return one(), other()
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(other)
        return one(), later.result()
