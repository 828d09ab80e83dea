"""Both training scripts of stretch_restore on drawn pictures: losses fall, nets run, runs go on."""

import re
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from tests.training.running import train
from xiutu.models import weights_path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twelve pictures of discs on a coarse texture."""
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for number in range(12):
        noise = rng.normal(120, 40, (96, 128, 3)).astype(np.float32)
        picture = cv2.GaussianBlur(noise, (0, 0), 1.0)
        for _ in range(5):
            place = (int(rng.integers(20, 108)), int(rng.integers(20, 76)))
            cv2.circle(picture, place, 14, tuple(int(v) for v in rng.integers(0, 255, 3)), -1)
        levels = np.clip(picture, 0, 255).astype(np.uint8)
        cv2.imwrite(str(tmp_path / "photos" / f"{number}.png"), levels)
    return tmp_path


def _run(data: Path, work: Path, steps: int) -> str:
    backbone = weights_path("efficientnet_lite0")
    arguments = ["--data", data, "--work", work, "--out", work, "--backbone", backbone]
    return train("stretch_restore.py", *arguments, "--steps", steps, "--batch", 4)


def test_views(data: Path) -> None:
    work = data / "work"
    said = _run(data, work, 20)
    losses = [float(v) for v in re.findall(r" loss (\S+)", said)]
    assert losses[-1] < losses[0]
    net = onnxruntime.InferenceSession(str(work / "stretch.onnx"))
    (logits,) = net.run(None, {"picture": np.zeros((2, 3, 128, 192), np.float32)})
    assert logits.shape == (2, 41, 1, 1)
    again = _run(data, work, 25)
    assert "step 25" in again
    assert "step 5 " not in again


def test_traces(data: Path) -> None:
    work = data / "work"
    arguments = ["--data", data, "--work", work, "--out", work]
    said = train("stretch_traces.py", *arguments, "--samples", 150, "--steps", 100)
    losses = [float(v) for v in re.findall(r" loss (\S+) held", said)]
    assert losses[-1] < 0.95 * losses[0]
    net = onnxruntime.InferenceSession(str(work / "stretch_traces.onnx"))
    (logits,) = net.run(None, {"spectra": np.zeros((3, 2, 3, 128), np.float32)})
    assert logits.shape == (3, 81)
