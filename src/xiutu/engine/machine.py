"""How much memory this machine, or the container it pretends to be, lets us use."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import psutil

__all__ = ["memory_limit"]


def memory_limit(root: Path = Path("/")) -> int:
    """Bytes: the smallest of physical memory and every cgroup limit above this process.

    cgroup v2 (``memory.max``) and v1 (``memory.limit_in_bytes``) are read; a limit set on any
    ancestor counts. ``root`` is the file system root, for tests.
    """
    limits = [psutil.virtual_memory().total]
    for file in _limit_files(root):
        try:
            text = file.read_text().strip()
        except OSError:
            continue
        if text.isdecimal():  # "max" means no limit
            limits.append(int(text))
    return min(limits)


def _limit_files(root: Path) -> Iterator[Path]:
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    mount = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            folder, name = mount, "memory.max"
        elif "memory" in controllers.split(","):
            folder, name = mount / "memory", "memory.limit_in_bytes"
        else:
            continue
        # Inside a container the path may name the host's hierarchy; the parents down to the mount
        # point itself then hold the one file that exists.
        inside = PurePosixPath(path).relative_to("/")
        for part in (inside, *inside.parents):
            yield folder / part / name
