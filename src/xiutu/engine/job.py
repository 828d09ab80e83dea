"""One unit of work and its answer, as they travel between the server and whatever runs it."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Job", "Json", "Outcome", "Runner", "load_runner", "preload"]

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True)
class Job:
    """One call of an operator.

    ``inputs`` are encoded pictures (file bytes) by name, ``params`` plain JSON values. ``deadline``
    is a reading of ``time.monotonic()`` in seconds; that clock is shared by all processes of a
    machine. ``log_id`` ties log lines of server and worker together. ``owner`` (an application)
    shares the engine fairly with the others; the worker is not told. ``megabytes`` is the estimated
    peak of the job inside a worker, for admission.
    """

    operator: str
    inputs: dict[str, bytes]
    params: dict[str, Json]
    deadline: float
    log_id: str = ""
    megabytes: float = 0.0
    owner: str = ""

    @property
    def input_bytes(self) -> int:
        return sum(map(len, self.inputs.values()))


@dataclass(frozen=True)
class Outcome:
    """Response fields (encoded pictures as bytes, text as str) and seconds by step.

    ``timings`` holds what the runner measured (``decode``, ``apply``, ``encode``) and ``queue``,
    the time between submission and start, added by the engine.
    """

    fields: dict[str, bytes | str]
    timings: dict[str, float]


Runner = Callable[[Job], Outcome]
"""Does the work of one job; raises ``XiutuError`` subclasses for expected failures."""


def load_runner(path: str) -> Runner:
    """Import a runner named ``package.module:function``.

    Runners are passed by name because worker processes import them on their own; nothing is
    pickled.
    """
    module, _, name = path.partition(":")
    found: Runner = getattr(importlib.import_module(module), name)
    return found


def preload(path: str) -> None:
    """Import a runner's module and the modules its ``PRELOAD`` names, if it has one."""
    module = importlib.import_module(path.partition(":")[0])
    for name in getattr(module, "PRELOAD", ()):
        importlib.import_module(name)
