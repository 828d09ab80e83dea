"""What the engine tests run inside workers: ``operator`` names the misbehaviour."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from xiutu.engine import Job, Outcome
from xiutu.errors import TargetNotFound

if (spoil := os.environ.get("ENGINE_TEST_SPOIL")) and Path(spoil).exists():
    raise ImportError("spoilt")


def run(job: Job) -> Outcome:
    return ACTIONS[job.operator](job)


def _echo(job: Job) -> Outcome:
    fields: dict[str, bytes | str] = {"text": repr(sorted(job.params.items()))}
    fields |= job.inputs
    fields["pid"] = str(os.getpid())
    return Outcome(fields, {"apply": 0.25})


def _sleep(job: Job) -> Outcome:
    time.sleep(float(str(job.params["nap"])))
    return Outcome({"pid": str(os.getpid())}, {})


def _hang(job: Job) -> Outcome:
    """Hang in native code with the interpreter locked, as a bad decoder would."""
    ctypes.PyDLL(None).sleep(30)
    return Outcome({}, {})


def _pipe() -> int:
    """The worker's end of its pipe: the only socket it has."""
    folder = Path("/proc/self/fd")
    links = {int(entry.name): str(entry.readlink()) for entry in folder.iterdir() if entry.exists()}
    sockets = [number for number, link in links.items() if link.startswith("socket:")]
    return max(sockets)


def _babble(job: Job) -> Outcome:
    os.write(_pipe(), b"\0\0\0\4oops")
    return Outcome({}, {})


def _boast(job: Job) -> Outcome:
    header = b'{"body": {}, "blobs": [["image", 1099511627776]]}'
    os.write(_pipe(), len(header).to_bytes(4, "big") + header)
    return Outcome({}, {})


def _spoil(job: Job) -> Outcome:
    """Take the fork server along, and let none come up again."""
    Path(os.environ["ENGINE_TEST_SPOIL"]).touch()
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(10)
    return Outcome({}, {})


def _crash(job: Job) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    return Outcome({}, {})


def _domain_error(job: Job) -> Outcome:
    raise TargetNotFound("no face")


def _bug(job: Job) -> Outcome:
    raise ValueError(f"secret of the picture: {job.inputs}")


def _exit(job: Job) -> Outcome:
    sys.exit("a library thought it owned the process")


def _balloon(job: Job) -> Outcome:
    hoard = []
    while True:
        hoard.append(b"x" * 16 * 2**20)
        time.sleep(0.005)


def _hold(job: Job) -> Outcome:
    """Keep memory after the job, as loaded networks do."""
    _HELD.append(b"x" * int(float(str(job.params["megabytes_held"])) * 2**20))
    return Outcome({"pid": str(os.getpid())}, {})


def _litter(job: Job) -> Outcome:
    rss = psutil.Process().memory_info().rss
    rubbish: list[object] = [b"x" * int(float(str(job.params["megabytes_left"])) * 2**20)]
    rubbish.append(rubbish)
    return Outcome({"rss": str(rss)}, {})


def _no_fields(job: Job) -> Outcome:
    return Outcome({"picture": 5}, {})  # type: ignore[dict-item]


def _environment(job: Job) -> Outcome:
    return Outcome(dict(os.environ), {})


def _manners(job: Job) -> Outcome:
    state = {
        "name": Path("/proc/self/comm").read_text().strip(),
        "oom": Path("/proc/self/oom_score_adj").read_text().strip(),
        "signals": " ".join(
            name
            for name in ("SIGINT", "SIGTERM", "SIGHUP")
            if signal.getsignal(getattr(signal, name)) is signal.SIG_IGN
        ),
        "descriptors": str(len(list(Path("/proc/self/fd").iterdir()))),
        "threads": str(len(list(Path("/proc/self/task").iterdir()))),
    }
    return Outcome(dict(state), {})


def _chatter(job: Job) -> Outcome:
    print("on standard output")
    subprocess.run(["true"], check=True)
    return Outcome({}, {})


_HELD: list[bytes] = []
ACTIONS: dict[str, Callable[[Job], Outcome]] = {
    "echo": _echo,
    "sleep": _sleep,
    "hang": _hang,
    "babble": _babble,
    "boast": _boast,
    "spoil": _spoil,
    "crash": _crash,
    "domain_error": _domain_error,
    "bug": _bug,
    "exit": _exit,
    "balloon": _balloon,
    "hold": _hold,
    "litter": _litter,
    "no_fields": _no_fields,
    "environment": _environment,
    "manners": _manners,
    "chatter": _chatter,
}
