"""The training script on drawn pictures: the loss falls, the net runs, runs go on."""

import re
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from tests.training.running import train
from xiutu.models import weights_path

SIDE = 64


def _scene(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Blue above, brown below: BGR; and the mask."""
    picture = np.empty((SIDE, SIDE, 3), np.float32)
    line = int(rng.integers(20, 44))
    picture[:line], picture[line:] = (220, 170, 110), (40, 60, 80)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[:line] = 255
    return np.clip(picture + rng.normal(0, 10, picture.shape), 0, 255).astype(np.uint8), mask


def _run(data: Path, work: Path, steps: int) -> str:
    backbone = weights_path("efficientnet_lite0")
    arguments = ["--data", data, "--work", work, "--out", work, "--backbone", backbone]
    return train("sky_seg.py", *arguments, "--steps", steps, "--size", 64, "--batch", 4)


def test_loss_falls_and_the_net_is_exported(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for folder in ("sky/image", "sky/mask", "photos/food", "photos/sun/campus"):
        (tmp_path / folder).mkdir(parents=True)
    for number in range(11):
        picture, mask = _scene(rng)
        cv2.imwrite(str(tmp_path / "sky" / "image" / f"ade_{number}.jpg"), picture)
        cv2.imwrite(str(tmp_path / "sky" / "mask" / f"ade_{number}.png"), mask)
    cv2.imwrite(str(tmp_path / "photos" / "food" / "0.jpg"), np.full((SIDE, SIDE, 3), 90, np.uint8))
    cv2.imwrite(str(tmp_path / "photos" / "sun" / "campus" / "0.jpg"), _scene(rng)[0])
    said = _run(tmp_path, tmp_path / "work", 20)
    losses = [float(v) for v in re.findall(r" loss (\S+)", said)]
    assert losses[-1] < 0.8 * losses[0]
    assert "labelled by the net" in said
    net = onnxruntime.InferenceSession(str(tmp_path / "work" / "sky.onnx"))
    sky, some = net.run(["sky", "any"], {"picture": np.zeros((1, 3, 64, 96), np.float32)})
    assert sky.shape == (1, 1, 32, 48)
    assert 0 <= some.item() <= 1
    again = _run(tmp_path, tmp_path / "work", 25)
    assert "step 25" in again
    assert "step 5 " not in again
