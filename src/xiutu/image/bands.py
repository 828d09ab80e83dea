"""Bands of rows, for work that needs little of a picture at a time and can use several threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["in_bands"]


def in_bands(work: Callable[[int, int], None], height: int, rows: int, workers: int) -> None:
    """Call ``work(top, bottom)`` for bands of ``rows`` rows, the last one smaller, that cover ``height``.

    Raises what ``work`` raises. ``workers`` is a number of threads; a single band needs none.
    """
    spans = [(top, min(top + rows, height)) for top in range(0, height, rows)]
    if len(spans) == 1:
        work(*spans[0])
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda span: work(*span), spans):
            pass
