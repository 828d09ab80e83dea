"""The training of image_definition_enhance runs from pictures to a net, and its loss falls."""

import hashlib
import re
import tomllib
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from tests.pictures import photo
from tests.training.running import train


def _run(folder: Path, steps: int) -> str:
    arguments = ["--data", folder, "--steps", steps, "--checkpoint", folder / "net.pt"]
    arguments += ["--out", folder / "net.onnx", "--batch", 2, "--patch", 48]
    return train("image_definition_enhance.py", *arguments, "--report", 10, "--rate", "1e-3")


def test_pictures_to_net(tmp_path: Path) -> None:
    """The loss falls by more than 1.5 dB; a stopped run goes on; the net takes any even size."""
    folder = tmp_path / "hr"
    folder.mkdir()
    for number in range(3):
        picture = photo(240, 160)[:, number * 40 : number * 40 + 128]
        cv2.imwrite(str(folder / f"{number}.png"), picture[:, :, ::-1])
    losses = [float(v) for v in re.findall(r"loss (\S+)", _run(tmp_path, 40))]
    assert len(losses) == 4
    assert losses[-1] < losses[0] - 1.5
    assert re.findall(r"step (\d+)", _run(tmp_path, 50)) == ["50"]

    data = (tmp_path / "net.onnx").read_bytes()
    card = tomllib.loads((tmp_path / "net.toml").read_text())
    assert card["sha256"] == hashlib.sha256(data).hexdigest()
    net = onnxruntime.InferenceSession(data)
    patch = np.full((1, 3, 34, 50), 0.5, np.float32)
    assert net.run(["restored"], {"image": patch})[0].shape == patch.shape
