"""A killed server leaves nothing behind, not even workers that hang in native code."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.engine._support import gone, wait_until

SERVER = """
import time
from xiutu.engine import Job, PoolExecutor

pool = PoolExecutor(2, runner="tests.engine._runner:run")
pool.start()
pool.submit(Job("hang", {}, {"nap": 60}, time.monotonic() + 60))
while pool.stats().running == 0:
    time.sleep(0.01)
print("ready", flush=True)
time.sleep(60)
"""


def test_workers_follow_a_killed_server() -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], cwd=root, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        assert server.stdout.readline() == "ready\n"
        left = [child.pid for child in psutil.Process(server.pid).children(recursive=True)]
        assert len(left) == 3
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
    wait_until(lambda: all(gone(pid) for pid in left))
