from pathlib import Path

import psutil
import pytest

from xiutu.engine import Bounds
from xiutu.engine.machine import memory_limit

TOTAL = psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("cgroup", "files", "expected"),
    [
        ("", {}, TOTAL),
        ("0::/\n", {"memory.max": "max\n"}, TOTAL),
        ("0::/\n", {"memory.max": "1000000\n"}, 1000000),
        ("0::/a/b\n", {"a/b/memory.max": "max\n", "a/memory.max": "700\n"}, 700),
        ("0::/gone/on/the/host\n", {"memory.max": "800\n"}, 800),
        ("4:memory:/x\n0::/\n", {"memory/x/memory.limit_in_bytes": "900\n"}, 900),
        ("5:cpu,memory:/x\n", {"memory/memory.limit_in_bytes": "9223372036854771712"}, TOTAL),
    ],
)
def test_memory_limit(tmp_path: Path, cgroup: str, files: dict[str, str], expected: int) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(cgroup)
    for name, text in files.items():
        path = tmp_path / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert memory_limit(tmp_path) == expected


def test_no_proc_at_all(tmp_path: Path) -> None:
    assert memory_limit(tmp_path) == TOTAL


def test_default_bounds() -> None:
    assert Bounds.default(1).waiting == 16
    assert Bounds.default(4).waiting == 32
    assert Bounds.default(4).slots == 4
    assert 0 < Bounds.default(2).megabytes <= 0.7 * TOTAL / 1e6
    assert Bounds.default(2, waiting=3, megabytes=5.0) == Bounds(2, 3, 5.0)
