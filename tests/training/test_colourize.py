"""The training script on a handful of drawn pictures: the loss falls, the net runs, runs go on."""

import re
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from tests.training.running import train
from xiutu.models import weights_path

SIDE = 96


def _scene(rng: np.random.Generator) -> np.ndarray:
    """Blue above, green below, a red disc: BGR."""
    picture = np.empty((SIDE, SIDE, 3), np.float32)
    line = int(rng.integers(35, 60))
    picture[:line] = (200, 150, 90)
    picture[line:] = (50, 140, 70)
    cv2.circle(picture, tuple(int(v) for v in rng.integers(20, 76, 2)), 14, (40, 40, 200), -1)
    return np.clip(picture + rng.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)


def _run(data: Path, work: Path, steps: int) -> str:
    backbone = weights_path("efficientnet_lite0")
    arguments = ["--data", data, "--work", work, "--out", work, "--backbone", backbone]
    return train("colourize.py", *arguments, "--steps", steps, "--size", 32, "--batch", 8)


def test_loss_falls_and_the_net_is_exported(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for number in range(24):
        cv2.imwrite(str(tmp_path / "photos" / f"{number}.png"), _scene(rng))
    said = _run(tmp_path, tmp_path / "work", 20)
    losses = [float(v) for v in re.findall(r"loss (\S+)", said)]
    assert losses[-1] < 0.93 * losses[0]
    net = onnxruntime.InferenceSession(str(tmp_path / "work" / "colourize.onnx"))
    logits, nodes, rarity = net.run(None, {"grey": np.zeros((1, 1, 64, 96), np.float32)})
    assert logits.shape == (1, len(nodes), 16, 24)
    assert nodes.shape == (len(rarity), 2)
    again = _run(tmp_path, tmp_path / "work", 25)
    assert "step 25" in again
    assert "step 5 " not in again
