"""The training of remove_moire runs from pictures to nets, and its loss falls."""

import re
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from tests.pictures import photo
from tests.training.running import train


@pytest.fixture
def material(tmp_path: Path) -> Path:
    """Four pairs with strong stripes, and two pictures without."""
    names = ("moire/moire", "moire/clean", "hr", "photos/bsds500train")
    folders = [tmp_path / "data" / name for name in names]
    for folder in folders:
        folder.mkdir(parents=True)
    stripes = 1 + 0.3 * np.sin(np.arange(256) * 1.3)[None, :, None]
    for number in range(4):
        clean = photo(400, 300)[number * 10 : number * 10 + 256, number * 40 : number * 40 + 256]
        moire = (clean * stripes).clip(0, 255).astype(np.uint8)
        for folder, picture in zip(folders, (moire, clean, clean, clean), strict=True):
            cv2.imwrite(str(folder / f"{number}.png"), picture[:, :, ::-1])
    return tmp_path


def test_pictures_to_nets(material: Path) -> None:
    """The loss falls below that of the input as it is, and both nets take the operator's inputs."""
    out = material / "out"
    arguments = [material / "data", "--work", material / "work", "--out", out]
    arguments += ["--steps", 40, "--judge-steps", 3, "--tone-steps", 10, "--simulated", 4]
    said = train("remove_moire.py", *arguments, "--patches", 2)
    losses = [float(v) for v in re.findall(r"input's ([0-9.]+)", said)]
    assert len(losses) == 4
    assert losses[-1] < 0.97
    restorer = onnxruntime.InferenceSession(out / "moire.onnx")
    patch = np.full((1, 3, 72, 80), 0.5, np.float32)
    assert restorer.run(["restored"], {"image": patch})[0].shape == patch.shape
    screen = onnxruntime.InferenceSession(out / "moire_screen.onnx")
    feeds = {
        "patches": np.zeros((5, 3, 128, 128), np.float32),
        "thumbnail": np.zeros((1, 3, 32, 32), np.float32),
    }
    logits, curves = screen.run(["logits", "curves"], feeds)
    assert logits.shape == (5,)
    assert curves.shape == (1, 3, 3)
    assert "sha256" in (out / "moire.toml").read_text()
