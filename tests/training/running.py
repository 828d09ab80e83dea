"""A training script as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path

TRAINING = Path(__file__).parents[2] / "training"


def train(script: str, *arguments: object) -> str:
    """What ``training/SCRIPT`` prints; it must succeed. One thread, as the machine is shared."""
    command = [sys.executable, "-W", "ignore", str(TRAINING / script), *map(str, arguments)]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=150,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
