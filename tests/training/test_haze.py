"""The training script on a handful of drawn scenes: the loss falls and the net is exported."""

import re
import tomllib
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from tests.training.running import train
from xiutu.operators._haziness import FEATURES


def test_loss_falls_and_the_net_is_exported(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for folder in ("photos", "sky/image", "sky/mask"):
        (tmp_path / folder).mkdir(parents=True)
    for number in range(40):
        scene = rng.integers(0, 200, (8, 12, 3), dtype=np.uint8)
        scene = cv2.resize(scene, (192, 128), interpolation=cv2.INTER_NEAREST)
        folder = "sky/image" if number < 4 else "photos"
        cv2.imwrite(str(tmp_path / folder / f"{number}.jpg"), scene)
        if number < 4:
            sky = np.zeros((128, 192), np.uint8)
            sky[:40] = 255
            cv2.imwrite(str(tmp_path / "sky" / "mask" / f"{number}.png"), sky)
    out = tmp_path / "haze.onnx"
    arguments = ("--data", tmp_path, "--out", out, "--photos", 36, "--epochs", 30)
    losses = re.findall(r"loss (\S+) -> (\S+)", train("haze.py", *arguments))
    assert len(losses) == 3
    assert all(float(last) < 0.8 * float(first) for first, last in losses)
    session = onnxruntime.InferenceSession(str(out))
    (share,) = session.run(None, {"features": np.zeros((2, FEATURES), np.float32)})
    assert share.shape == (2, 1)
    assert tomllib.loads(out.with_suffix(".toml").read_text())["operators"] == ["dehaze"]
