"""Networks ready to run: opened when first asked for, shared, checked against their hash."""

import os
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from xiutu import settings
from xiutu.models import bfloat16
from xiutu.models.store import checked_path

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = ["Runs", "quick_session", "session", "threads"]

_sessions: dict[tuple[str, int, bool], "InferenceSession"] = {}
_quick: dict[tuple[str, int], bfloat16.Bfloat16Net] = {}
_lock = Lock()


def threads() -> int:
    """Threads one picture may use (setting ``THREADS``)."""
    return settings.load().threads


def session(name: str, intra_op: int | None = None, *, arena: bool = False) -> "InferenceSession":
    """The session of a weight; ``run`` may be called from several threads at once.

    The memory arena is off by default: it keeps every tensor shape it ever saw, and pictures come
    in all sizes. Idle threads sleep instead of spinning, because another picture may want the core.

    Args:
        name: A weight of the catalogue or a net of this project.
        intra_op: Threads inside one ``run``; default ``threads()``. 1 suits callers that run tiles
            in parallel themselves.
        arena: Keep the memory of one run for the next; for callers whose inputs have one shape.

    Raises:
        WeightsMissing: The file is not in the store.
        WeightsCorrupt: The file is damaged.
    """
    count = intra_op or threads()
    with _lock:
        found = _sessions.get((name, count, arena))
        if found is None:
            found = _sessions[name, count, arena] = _open(name, count, arena)
        return found


class Runs(Protocol):
    """A network: onnxruntime's session, or one like it."""

    def run(self, outputs: Sequence[str], inputs: Mapping[str, Any], /) -> Sequence[Any]:
        """The outputs asked for, arrays."""


def quick_session(name: str, otherwise: str | None = None, *, arena: bool = False) -> Runs:
    """A network for the tiles of a large picture, as fast as this processor runs it.

    In 16-bit floats where the processor multiplies these (``bfloat16.available``), else onnxruntime's
    session. ``run`` may be called from ``threads()`` threads at once, each of which is busy with it.

    Args:
        name: A weight of the catalogue or a net of this project.
        otherwise: The weight for other processors, such as an 8-bit version; default ``name``.
        arena: As for ``session``.

    Raises:
        WeightsMissing: The file is not in the store.
        WeightsCorrupt: The file is damaged.
    """
    if not bfloat16.available():
        other: Runs = session(otherwise or name, 1, arena=arena)
        return other
    with _lock:
        found = _quick.get((name, threads()))
        if found is None:
            found = bfloat16.Bfloat16Net(checked_path(name), threads())
            _quick[name, threads()] = found
        return found


def _open(name: str, count: int, arena: bool) -> "InferenceSession":
    import onnxruntime  # here, because it costs 50 MB that an idle server need not pay

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = count
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = arena
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = list(settings.load().providers)
    return onnxruntime.InferenceSession(str(checked_path(name)), options, providers=providers)


def _forget() -> None:
    """A forked child must not use its parent's sessions: their threads did not come along."""
    global _lock  # noqa: PLW0603 - the old lock may be held by a thread that is gone
    _lock = Lock()
    _sessions.clear()
    _quick.clear()
    bfloat16.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
