"""This tree beside another commit, operator by operator, in turns on one machine."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from xiutu.operators._registry import implemented
from xiutu.settings import load

__all__ = ["compared"]

HERE = Path(__file__).parents[2]
TURNS = 3


def compared(
    commit: str, operators: Sequence[str] = (), megapixels: float = 2.0
) -> list[dict[str, object]]:
    """Median seconds of both, and how many times as fast this tree is.

    Every turn is a process of its own that runs `xiutu bench` with the code of one of the two.
    """
    rows: list[dict[str, object]] = []
    with _checked_out(commit) as there:
        for operator in operators or implemented():
            taken: dict[Path, list[float]] = {HERE: [], there: []}
            for _ in range(TURNS):
                for tree, seconds in taken.items():
                    seconds.append(_timed(tree, operator, megapixels))
            ours, theirs = (statistics.median(seconds) for seconds in taken.values())
            rows.append(
                {
                    "operator": operator,
                    "MP": megapixels,
                    "here s": f"{ours:.3f}",
                    f"{commit[:12]} s": f"{theirs:.3f}",
                    "times as fast": f"{theirs / ours:.2f}",
                }
            )
    return rows


@contextmanager
def _checked_out(commit: str) -> Iterator[Path]:
    git = ["git", "-C", str(HERE), "worktree"]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def _timed(tree: Path, operator: str, megapixels: float) -> float:
    command = [sys.executable, "-m", "xiutu", "bench", operator, "--runs", "2", "--json"]
    done = subprocess.run(
        [*command, "--megapixels", str(megapixels)],
        env=os.environ
        | {"PYTHONPATH": str(tree / "src"), "XIUTU_MODELS": str(load().models_folder)},
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout)[0]["median"])
