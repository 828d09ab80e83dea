"""The server's hold on the fork server: starts it when needed, asks it for workers, ends them."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping

from xiutu.engine.forkserver import END, REPLY, REQUEST, SPAWN, UNKNOWN, command

__all__ = ["LaunchError", "Launcher", "worker_environment"]

START_SECONDS = 60.0
"""Time for the fork server to import everything, on a slow disk with cold caches."""

REPLY_SECONDS = 15.0

_SECRETS = ("PASSWORD", "SECRET", "TOKEN", "CREDENTIAL", "_KEY", "DATABASE_URL", "REDIS_URL")


class LaunchError(Exception):
    """No worker can be had at the moment."""


def worker_environment(base: Mapping[str, str], threads: int | None) -> dict[str, str]:
    """The environment of workers: no secrets, thread counts that fit.

    Decoders of strangers' pictures run there, so nothing worth stealing is passed on. BLAS gets one
    thread: operators spread tiles over threads of their own, and its pool would not survive the
    fork.
    """
    kept = {
        name: value
        for name, value in base.items()
        if not any(secret in name.upper() for secret in _SECRETS)
    }
    if threads is not None:
        kept["XIUTU_THREADS"] = str(threads)
    kept["OPENBLAS_NUM_THREADS"] = "1"
    kept["ORT_DISABLE_TELEMETRY"] = "1"  # onnxruntime 1.29+ calls home from its first import on
    kept.setdefault("OMP_NUM_THREADS", kept.get("XIUTU_THREADS", "1"))
    kept.setdefault("MALLOC_ARENA_MAX", "4")  # else every thread's arena keeps its own freed heap
    # Picture-sized buffers come from the heap and stay there between jobs (``hygiene.tidy`` hands
    # back what is too much): mapping and faulting them in anew costs a tenth of a quick job.
    kept.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 * 2**20))
    kept.setdefault("MALLOC_TRIM_THRESHOLD_", str(512 * 2**20))
    return kept


class Launcher:
    """Owns the fork server process. Thread safe; one request at a time."""

    def __init__(self, runner: str, environment: Mapping[str, str], *, fresh: bool = False) -> None:
        self._runner = runner
        self._environment = dict(environment)
        self._fresh = fresh or sys.platform != "linux"
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._stopped = False

    def spawn(self) -> tuple[int, socket.socket]:
        """A fresh worker: its pid and our end of its pipe. Raises ``LaunchError``."""
        with self._lock:
            if self._control is None:
                self._start()
            ours, theirs = _socketpair()
            try:
                pid = self._ask(SPAWN, 0, theirs)
            except LaunchError:
                ours.close()
                raise
            finally:
                theirs.close()
        if pid <= 0:
            ours.close()
            raise LaunchError(f"cannot fork: {os.strerror(-pid)}")
        return pid, ours

    def end(self, pid: int) -> str:
        """Kill a worker if it lives, wait until it is gone, and say how it ended."""
        with self._lock:
            if self._control is None:
                return "unknown"  # its parent is gone, and took it along
            try:
                status = self._ask(END, pid)
            except LaunchError:
                return "unknown"
        return _words(status)

    def stop(self) -> None:
        """End the fork server and with it every worker that is left."""
        self._stopped = True
        process = self._process
        if process is not None:
            process.kill()  # before the lock: whoever waits for its answer holds it
        with self._lock:
            self._clean_up()

    def _start(self) -> None:
        if self._stopped:
            raise LaunchError("stopped")
        ours, theirs = _socketpair()
        with theirs:
            config = {
                "path": sys.path,
                "runner": self._runner,
                "socket": theirs.fileno(),
                "fresh": self._fresh,
            }
            try:
                self._process = subprocess.Popen(
                    command(json.dumps(config)),
                    stdin=subprocess.DEVNULL,
                    stdout=2,  # a library's chatter must not end up in our standard output
                    pass_fds=(theirs.fileno(),),
                    env=self._environment,
                )
            except OSError as error:
                ours.close()
                raise LaunchError(str(error)) from None
        self._control = ours
        self._reply(START_SECONDS)

    def _ask(self, letter: bytes, number: int, passenger: socket.socket | None = None) -> int:
        if self._control is None:
            raise LaunchError("no fork server")
        descriptors = [] if passenger is None else [passenger.fileno()]
        try:
            socket.send_fds(self._control, [REQUEST.pack(letter, number)], descriptors)
        except OSError as error:
            self._clean_up()
            raise LaunchError(str(error)) from None
        return self._reply(REPLY_SECONDS)

    def _reply(self, seconds: float) -> int:
        assert self._control is not None
        self._control.settimeout(seconds)
        answer = b""
        with contextlib.suppress(OSError):
            answer = self._control.recv(REPLY.size)
        if len(answer) != REPLY.size:
            self._clean_up()
            raise LaunchError("the fork server does not answer")
        (number,) = REPLY.unpack(answer)
        return int(number)

    def _clean_up(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _socketpair() -> tuple[socket.socket, socket.socket]:
    try:
        return socket.socketpair()
    except OSError as error:  # out of descriptors
        raise LaunchError(str(error)) from None


def _words(status: int) -> str:
    if status == UNKNOWN:
        return "unknown"
    code = os.waitstatus_to_exitcode(status)
    return f"exit {code}" if code >= 0 else f"signal {-code}"
