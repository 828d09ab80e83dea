"""onnxruntime sessions: made when first asked for, shared, checked against their hash."""

import os
from threading import Lock
from typing import TYPE_CHECKING

from xiutu import settings
from xiutu.models.store import checked_path

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = ["session", "threads"]

_sessions: dict[tuple[str, int, bool], "InferenceSession"] = {}
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


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
