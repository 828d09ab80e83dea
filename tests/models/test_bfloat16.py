"""Networks in 16-bit floats: the same picture as in 32, from many threads, and nobody is told about it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.pictures import photo
from xiutu import settings
from xiutu.models import bfloat16, quick_session, session, weights_path
from xiutu.operators._nets.planes import to_planes

Float = NDArray[np.float32]
NETS = {
    "span_x2": "enlarged",
    "enlarge": "enlarged",
    "ffdnet_color": "denoised",
    "definition": "restored",
    "moire": "restored",
}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings may be changed; they are read again before and after."""
    settings.load.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.load.cache_clear()


def _feeds(name: str, side: int) -> dict[str, Float]:
    feeds = {"image": to_planes(photo(160, 160)[:side, :side].copy())}
    if name == "ffdnet_color":
        feeds["sigma"] = np.full((1, 1, 1, 1), 10 / 255, np.float32)
    return feeds


@pytest.mark.parametrize("name", NETS)
def test_within_a_level_of_32_bits(name: str) -> None:
    feeds = _feeds(name, 128)
    (exact,) = session(name, 1).run([NETS[name]], feeds)
    (found,) = bfloat16.Bfloat16Net(weights_path(name), 1).run([NETS[name]], feeds)
    assert found.dtype == np.float32
    change = 255 * (found.astype(np.float64) - exact)
    assert np.sqrt(np.square(change).mean()) < 1.0
    assert np.abs(change).max() < 12


def test_threads_and_shapes_do_not_disturb_one_another() -> None:
    net = bfloat16.Bfloat16Net(weights_path("definition"), 2)
    sides = [16, 40, 64, 96, 128, 160]
    alone = [net.run(["restored"], _feeds("definition", side))[0] for side in sides]
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(net.run, ["restored"], _feeds("definition", s)) for s in sides * 4]
        for side, job in zip(range(len(jobs)), jobs, strict=True):
            np.testing.assert_array_equal(job.result()[0], alone[side % len(sides)])


def test_two_threads_that_are_first_at_once_do_not_hang() -> None:
    """In processes that are forked, as workers are: each one's first run comes from two threads."""
    code = """
import os, signal, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
import numpy as np
from xiutu.models import weights_path
from xiutu.models.bfloat16 import Bfloat16Net

sys.setswitchinterval(1e-6)  # threads take turns at every step: without care half of these hung
for _ in range(8):
    if child := os.fork():
        assert os.waitpid(child, 0)[1] == 0
        continue
    signal.alarm(15)
    net, start = Bfloat16Net(weights_path("enlarge"), 2), Barrier(2)
    picture = {"image": np.zeros((1, 3, 16, 16), np.float32)}
    def run(_):
        start.wait()
        return net.run(["enlarged"], picture)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XIUTU_BFLOAT16", "false"),
        ("XIUTU_PROVIDERS", "XnnpackExecutionProvider,CPUExecutionProvider"),
    ],
)
def test_settings_may_forbid_it(loaded: pytest.MonkeyPatch, name: str, value: str) -> None:
    loaded.setenv(name, value)
    assert not bfloat16.available()


def test_otherwise_the_8_bit_weights_run(loaded: pytest.MonkeyPatch) -> None:
    loaded.setenv("XIUTU_BFLOAT16", "false")
    found = quick_session("ffdnet_color", "ffdnet_color_int8")
    assert found is session("ffdnet_color_int8", 1)
    assert quick_session("moire") is session("moire", 1)


def test_the_telemetry_beside_openvino_is_never_imported() -> None:
    """Its import alone would report to a statistics server."""
    code = """
import sys
from xiutu.models.bfloat16 import Bfloat16Net
from xiutu.models import weights_path
Bfloat16Net(weights_path("moire"), 1)
assert "openvino" in sys.modules
print([name for name in sys.modules if "telemetry" in name])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=True,
    )
    assert done.stdout.strip() == "[]"
