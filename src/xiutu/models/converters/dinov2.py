"""DINOv2-small as image features: a carrier's graph cut behind its last layer norm.

DINOv2 (Oquab et al., arXiv:2304.07193) ViT-S/14 without registers; the carrier added a saliency decoder,
which is left out. Features are the class token beside the mean of the patch tokens, as in the paper's
linear evaluation.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["TOKENS", "convert"]

TOKENS = "/backbone/layernorm/Add_1_output_0"
"""[n, 1 + 16 x 16, 384]: class token, then patches."""

_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)
_INPUT = "input_image"


def convert(members: list[Path]) -> bytes:
    """Return the ONNX bytes: ``image`` [n, 3, 224, 224] float32 RGB 0..1 -> ``pooled`` [n, 768]."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    source = onnx.load(str(members[0]))
    wanted, kept = {TOKENS}, []
    for node in reversed(source.graph.node):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input)
    weights = [row for row in source.graph.initializer if row.name in wanted]
    constants: dict[str, NDArray[Any]] = {
        "input.mean": np.array(_MEAN, np.float32).reshape(1, 3, 1, 1),
        "input.std": np.array(_STD, np.float32).reshape(1, 3, 1, 1),
        "class.place": np.array(0, np.int64),
        "patches.first": np.array([1], np.int64),
        "patches.last": np.array([np.iinfo(np.int32).max], np.int64),
        "patches.axis": np.array([1], np.int64),
    }
    weights += [numpy_helper.from_array(value, name) for name, value in constants.items()]
    before = [
        helper.make_node("Sub", ["image", "input.mean"], ["input.centred"]),
        helper.make_node("Div", ["input.centred", "input.std"], [_INPUT]),
    ]
    ends = ["patches.first", "patches.last", "patches.axis"]
    behind = [
        helper.make_node("Gather", [TOKENS, "class.place"], ["class.token"], axis=1),
        helper.make_node("Slice", [TOKENS, *ends], ["patches"]),
        helper.make_node("ReduceMean", ["patches"], ["patches.mean"], axes=[1], keepdims=0),
        helper.make_node("Concat", ["class.token", "patches.mean"], ["pooled"], axis=1),
    ]
    graph = helper.make_graph(
        [*before, *kept[::-1], *behind],
        "dinov2_small",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 224, 224])],
        [helper.make_tensor_value_info("pooled", TensorProto.FLOAT, ["n", 768])],
        weights,
    )
    model = helper.make_model(
        graph, ir_version=source.ir_version, opset_imports=source.opset_import
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
