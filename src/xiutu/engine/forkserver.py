"""The process that forks workers, and the two ways into it.

It imports the runner with all its libraries once and then only waits, forks and reaps, so a fresh
worker is up within milliseconds and shares those pages with its siblings. It has a single thread
(the server has dozens), which is what makes forking safe. ``multiprocessing``'s fork server would
do the first part too, but there a worker outlives a killed server as long as it hangs in native
code, everything is pickled, the caller's ``__main__`` is imported into every worker, and a resource
tracker process comes along.

Life line: when the server dies, the control socket closes and this process ends; workers asked the
kernel to be killed when it does. Requests on the control socket are 9 bytes, a letter and a number,
answered by a number before the next one is sent:

    S 0      fork a worker on the socket that comes along (SCM_RIGHTS); answers its pid, or -errno
    E pid    kill the worker if it still lives and reap it; answers its wait status

Dead workers stay zombies until the server asks: a pid it knows can never be somebody else's.

Systems other than Linux: forking after loading frameworks with hidden threads is not safe there, so
the child executes a new interpreter instead (``fresh``), which costs a second and shares nothing.
"""

import contextlib
import gc
import os
import signal
import socket
import struct
import sys
import time
from typing import Any, NoReturn

from xiutu.engine import hygiene
from xiutu.engine.complaint import complain
from xiutu.engine.job import load_runner, preload
from xiutu.engine.worker import work

__all__ = ["END", "REPLY", "REQUEST", "SPAWN", "UNKNOWN", "command", "main"]

REQUEST = struct.Struct("!cq")
REPLY = struct.Struct("!q")
SPAWN, END = b"S", b"E"
UNKNOWN = -1
REAP_SECONDS = 5.0

_BOOT = (
    "import json, sys; config = json.loads(sys.argv[1]); sys.path[:] = config['path']; "
    "from xiutu.engine.forkserver import main; main(config)"
)


def command(config_json: str) -> list[str]:
    """The command line of a process with this configuration.

    Its keys: ``path`` (sys.path), ``runner``, ``socket`` (inherited descriptor), ``fresh`` (execute
    instead of only forking), and for an executed worker ``parent``.
    """
    return [sys.executable, "-c", _BOOT, config_json]


def main(config: dict[str, Any]) -> NoReturn:
    """Be a fork server, or one worker when ``parent`` is in the configuration."""
    sock = socket.socket(fileno=config["socket"])
    try:
        if "parent" in config:
            _be_worker(sock, config["runner"], config["parent"])
        _serve(sock, config)
    except Exception:
        complain("engine_start_failed")
        os._exit(1)


def _serve(control: socket.socket, config: dict[str, Any]) -> NoReturn:
    hygiene.ignore_signals()
    hygiene.name_process("xiutu-forks")
    if not config["fresh"]:
        preload(config["runner"])
    gc.collect()
    gc.freeze()  # the collector of a worker then never touches, and so never copies, shared pages
    children: set[int] = set()
    with contextlib.suppress(ConnectionError):
        control.sendall(REPLY.pack(0))
        while True:
            message, descriptors, _, _ = socket.recv_fds(control, REQUEST.size, 1)
            if len(message) != REQUEST.size:
                break
            letter, number = REQUEST.unpack(message)
            if letter == SPAWN:
                answer = _fork(control, descriptors[0], config)
                if answer > 0:  # a failed fork answers -errno, which kill() would read as a group
                    children.add(answer)
            else:
                answer = _end(number) if number in children else UNKNOWN
                children.discard(number)
            control.sendall(REPLY.pack(answer))
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    os._exit(0)


def _fork(control: socket.socket, descriptor: int, config: dict[str, Any]) -> int:
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        pid = -(error.errno or 1)
    if pid:
        os.close(descriptor)
        return pid
    control.close()
    if config["fresh"]:
        _execute(descriptor, parent, config)
    return _be_worker(socket.socket(fileno=descriptor), config["runner"], parent)


def _execute(descriptor: int, parent: int, config: dict[str, Any]) -> NoReturn:
    import json

    os.set_inheritable(descriptor, True)
    arguments = command(json.dumps(config | {"socket": descriptor, "parent": parent}))
    os.execv(arguments[0], arguments)  # noqa: S606 - our own interpreter, no shell wanted


def _be_worker(sock: socket.socket, runner: str, parent: int) -> NoReturn:
    code = 1
    try:
        hygiene.adopt_worker_manners(parent)
        work(sock, load_runner(runner))
        code = 0
    except BaseException:
        complain("worker_failed")
    finally:
        # Never back into the fork server's stack, and no exit handlers of libraries it loaded.
        os._exit(code)


def _end(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)  # harmless for a zombie, which keeps the status it died with
    end = time.monotonic() + REAP_SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(0.002)
    return UNKNOWN  # stuck in the kernel; it stays a zombie of ours until this process ends
