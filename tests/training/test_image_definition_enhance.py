"""The trainings of definition and enlarge run from pictures to a net, and the loss falls."""

import hashlib
import re
import tomllib
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime

from tests.pictures import photo
from tests.training.running import train


def _run(folder: Path, steps: int, *more: object, script: str = "image_definition_enhance") -> str:
    arguments = ["--data", folder, "--steps", steps, "--checkpoint", folder / "net.pt"]
    arguments += ["--out", folder / "net.onnx", "--batch", 2, "--patch", 32]
    return train(f"{script}.py", *arguments, "--report", 10, "--rate", "1e-3", *more)


def _pictures(folder: Path) -> None:
    folder.mkdir()
    for number in range(3):
        picture = photo(240, 160)[:, number * 40 : number * 40 + 128]
        cv2.imwrite(str(folder / f"{number}.png"), picture[:, :, ::-1])


def test_pictures_to_net(tmp_path: Path) -> None:
    """The loss falls by more than 1.5 dB; a stopped run goes on; the net takes any even size."""
    _pictures(tmp_path / "hr")
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


def test_a_deeper_net_goes_on_where_the_plain_one_stopped(tmp_path: Path) -> None:
    """Also ``enlarge``, which begins with its trunk."""
    _pictures(tmp_path / "hr")
    plain = float(re.findall(r"loss (\S+)", _run(tmp_path, 30))[-1])
    begun = tmp_path / "plain.pt"
    (tmp_path / "net.pt").rename(begun)
    deeper = float(re.findall(r"loss (\S+)", _run(tmp_path, 20, "--deepen", begun))[0])
    assert deeper < plain + 1.5
    names = {node.name for node in onnx.load(tmp_path / "net.onnx").graph.initializer}
    assert {"block1a.w", "block5b.w"} < names

    (tmp_path / "net.pt").unlink()
    printed = _run(tmp_path, 60, "--start", begun, script="enlarge")
    losses = [float(v) for v in re.findall(r"loss (\S+)", printed)]
    assert losses[-1] < losses[0]
    net = onnxruntime.InferenceSession((tmp_path / "net.onnx").read_bytes())
    patch = np.full((1, 3, 34, 50), 0.5, np.float32)
    assert net.run(["enlarged"], {"image": patch})[0].shape == (1, 3, 68, 100)
