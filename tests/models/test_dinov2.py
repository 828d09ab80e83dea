"""The converter of DINOv2-small, on a graph of the carrier's shape with one layer."""

from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from xiutu.models.converters.dinov2 import TOKENS, convert


def carrier(folder: Path) -> Path:
    """Tokens are 16 x 16 patches of one channel's means, times a weight, behind a class token; the
    decoder that has to go is a Sigmoid."""
    weight = np.arange(1, 385, dtype=np.float32).reshape(1, 1, 384) / 384
    nodes = [
        helper.make_node(
            "AveragePool", ["input_image"], ["small"], kernel_shape=[14, 14], strides=[14, 14]
        ),
        helper.make_node("Reshape", ["small", "shape"], ["flat"]),
        helper.make_node("Slice", ["flat", "zero", "row", "one"], ["first"]),
        helper.make_node("Transpose", ["first"], ["column"], perm=[0, 2, 1]),
        helper.make_node("Mul", ["column", "weight"], ["pieces"]),
        helper.make_node("ReduceMax", ["pieces"], ["class"], axes=[1], keepdims=1),
        helper.make_node("Concat", ["class", "pieces"], [TOKENS], axis=1),
        helper.make_node("Sigmoid", [TOKENS], ["output_importance"]),
    ]
    constants = {
        "shape": np.array([0, 3, 256], np.int64),
        "zero": np.array([0], np.int64),
        "row": np.array([1], np.int64),
        "one": np.array([1], np.int64),
        "weight": weight,
        "unused": np.zeros(9, np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "carrier",
        [helper.make_tensor_value_info("input_image", TensorProto.FLOAT, ["b", 3, 224, 224])],
        [helper.make_tensor_value_info("output_importance", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, ir_version=7, opset_imports=[helper.make_opsetid("", 14)])
    file = folder / "vit.onnx"
    file.write_bytes(model.SerializeToString())
    return file


def test_class_token_beside_the_mean_of_the_patches(tmp_path: Path) -> None:
    file = carrier(tmp_path)
    data = convert([file])
    assert data == convert([file]) and b"Sigmoid" not in data and b"unused" not in data
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    pictures = np.random.default_rng(1).random((2, 3, 224, 224), dtype=np.float32)
    (found,) = session.run(["pooled"], {"image": pictures})
    red = (pictures[:, 0] - 0.485) / 0.229
    patches = red.reshape(2, 16, 14, 16, 14).mean(axis=(2, 4)).reshape(2, 256, 1)
    tokens = patches * np.arange(1, 385) / 384
    expected = np.concatenate([tokens.max(axis=1), tokens.mean(axis=1)], axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-4)
