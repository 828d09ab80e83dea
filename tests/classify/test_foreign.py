"""Classifiers made elsewhere: what is refused, and that the others answer as they should."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from xiutu.classify.facade import Classifiers
from xiutu.classify.foreign import Description
from xiutu.errors import BadModel, InvalidParameter

LABELS = ("red", "green", "blue")


def network(
    *, layout: str = "NCHW", kind: int = TensorProto.FLOAT, weights: Any = None, domain: str = ""
) -> onnx.ModelProto:
    """Logits are ten times the mean of each channel."""
    shape = ["n", 3, 32, 32] if layout == "NCHW" else ["n", 32, 32, 3]
    axes = [2, 3] if layout == "NCHW" else [1, 2]
    gain = np.full(3, 10, np.float32) if weights is None else weights
    nodes = [helper.make_node("ReduceMean", ["as_float"], ["mean"], axes=axes, keepdims=0)]
    nodes.append(helper.make_node("Mul", ["mean", "gain"], ["logits"]))
    nodes.insert(0, helper.make_node("Cast", ["picture"], ["as_float"], to=TensorProto.FLOAT))
    opsets = [helper.make_opsetid("", 17)]
    if domain:
        nodes.append(helper.make_node("Strange", ["logits"], ["more"], domain=domain))
        opsets.append(helper.make_opsetid(domain, 1))
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("picture", kind, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(gain, "gain")],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=opsets)


def stored(model: onnx.ModelProto, folder: Path) -> Path:
    file = folder / "model.onnx"
    file.write_bytes(model.SerializeToString())
    return file


def colour(rgb: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40), rgb).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_imported_model_answers_by_the_command_line(
    classifiers: Classifiers, tmp_path: Path, layout: str
) -> None:
    """In a worker process; in this one it is refused."""
    file = stored(network(layout=layout), tmp_path)
    description = Description(LABELS, logits=True)
    model = classifiers.import_model("colours", file, description)
    with pytest.raises(InvalidParameter, match="worker"):
        classifiers.predict(model.id, [np.zeros((9, 9, 3), np.uint8)])
    for name, rgb in (("g.png", (10, 250, 30)), ("b.png", (0, 0, 200))):
        (tmp_path / name).write_bytes(colour(rgb))
    (tmp_path / "x.png").write_bytes(b"nothing")
    environment = {**os.environ, "XIUTU_DATA": str(tmp_path / "data")}
    files = [str(tmp_path / name) for name in ("g.png", "b.png", "x.png")]
    command = [sys.executable, "-m", "xiutu", "classify", "predict", "colours", *files, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1  # one of them is no picture
    green, blue, bad = json.loads(done.stdout)
    assert green["results"][0]["name"] == "green" and blue["results"][0]["name"] == "blue"
    expected = np.exp(10 * np.array([10, 250, 30]) / 255)
    share = float((expected / expected.sum())[1])
    assert green["results"][0]["score"] == pytest.approx(share, abs=1e-4)
    assert "error" in bad
    service = classifiers.services.publish("colours", model.id)
    assert service.running and not service.open_set
    with pytest.raises(InvalidParameter, match="open-set"):
        classifiers.services.publish("colours", model.id, open_set=True)


def test_uint8_input(classifiers: Classifiers, tmp_path: Path) -> None:
    file = stored(network(kind=TensorProto.UINT8, weights=np.full(3, 0.01, np.float32)), tmp_path)
    model = classifiers.import_model("bytes", file, Description(LABELS))
    card = classifiers.models.card(model.id)
    assert (card.input.dtype, card.input.layout, card.input.width) == ("uint8", "NCHW", 32)


def _external(model: onnx.ModelProto) -> onnx.ModelProto:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "../../../../etc/passwd"), ("offset", "0"), ("length", "12")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return model


def _hidden(model: onnx.ModelProto) -> onnx.ModelProto:
    """External data in a constant inside the branch of an If."""
    inner = _external(network()).graph.initializer[0]
    constant = helper.make_node("Constant", [], ["inside"], value=inner)
    out = helper.make_tensor_value_info("inside", TensorProto.FLOAT, [3])
    branch = helper.make_graph([constant], "branch", [], [out])
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
    node = helper.make_node("If", ["yes"], ["picked"], then_branch=branch, else_branch=branch)
    model.graph.node.append(node)
    return model


def _function(model: onnx.ModelProto) -> onnx.ModelProto:
    body = [helper.make_node("Identity", ["a"], ["b"])]
    opsets = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("own", "Same", ["a"], ["b"], body, opsets))
    return model


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: _external(network()), "external data"),
        (lambda: _hidden(network()), "external data"),
        (lambda: network(domain="com.evil"), "com.evil"),
        (lambda: network(domain="com.microsoft"), "com.microsoft"),
        (lambda: _function(network()), "functions"),
        (lambda: network(weights=np.full(3, np.nan, np.float32)), "finite"),
        (lambda: network(kind=TensorProto.DOUBLE), "float32 or uint8"),
    ],
)
def test_refused(
    classifiers: Classifiers,
    tmp_path: Path,
    make: Callable[[], onnx.ModelProto],
    words: str,
) -> None:
    with pytest.raises(BadModel, match=words):
        classifiers.import_model("bad", stored(make(), tmp_path), Description(LABELS))
    assert not classifiers.models.all() and not list(classifiers.files.folder.glob(".import-*"))


def test_other_files_and_descriptions(classifiers: Classifiers, tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_bytes(b"\x08\x07this is no model" * 50)
    with pytest.raises(BadModel):
        classifiers.import_model("bad", tmp_path / "text.onnx", Description(LABELS))
    file = stored(network(), tmp_path)
    with pytest.raises(BadModel, match="4 numbers"):
        classifiers.import_model("bad", file, Description((*LABELS, "fourth")))
    for wrong in (
        Description(("one",)),
        Description(("a", "a")),
        Description(LABELS, std=(0, 1, 1)),
    ):
        with pytest.raises(InvalidParameter):
            classifiers.import_model("bad", file, wrong)
    with pytest.raises(InvalidParameter, match="does not exist"):
        classifiers.import_model("bad", tmp_path / "none.onnx", Description(LABELS))
