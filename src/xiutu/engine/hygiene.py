"""What a worker process owes the machine it runs on. Everything but the signals is Linux only."""

import ctypes
import gc
import os
import signal
import sys
from pathlib import Path

__all__ = ["adopt_worker_manners", "ignore_signals", "name_process", "tidy"]

PR_SET_PDEATHSIG = 1
OOM_SCORE_ADJ = 500
"""Of -1000..1000: when the machine runs out of memory a worker goes first, never the server."""

TRIM_ABOVE = 400 * 2**20
"""Bytes resident above which freed heap is handed back. Below, keeping it saves page faults."""

_LINUX = sys.platform == "linux"
# Loaded before the fork, so that no worker opens libraries on its way up.
_libc = ctypes.CDLL(None, use_errno=True)


def ignore_signals() -> None:
    """Ctrl-C and ``systemctl stop`` reach the whole group; the server decides what they mean."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def adopt_worker_manners(parent: int) -> None:
    """Die with the parent process (even inside native code), be killed first, be named."""
    ignore_signals()
    name_process("xiutu-worker")
    if _LINUX:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _write("/proc/self/oom_score_adj", str(OOM_SCORE_ADJ))
    if os.getppid() != parent:  # it died before the request to follow it took effect
        os._exit(1)


def name_process(name: str) -> None:
    """As ``ps -o comm`` and ``top`` show it; 15 characters at most."""
    if _LINUX:
        _write("/proc/self/comm", name)


def tidy() -> None:
    """Free what the last job left in reference cycles; hand a large freed heap back."""
    gc.collect()
    if _LINUX and _resident() > TRIM_ABOVE and hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text)
    except OSError:
        return  # a hardened container may forbid it; these are courtesies
