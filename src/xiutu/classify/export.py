"""The whole model as one ONNX file: preprocessing, backbone, head and open-set score."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xiutu.classify.backbones import Backbone
from xiutu.classify.head_graph import HeadGraph
from xiutu.classify.novelty import Novelty
from xiutu.errors import BadModel
from xiutu.models import weights_path

if TYPE_CHECKING:
    import onnx

__all__ = ["INPUT", "KNOWN", "PROBABILITIES", "TOLERANCE", "compare", "export"]

INPUT, PROBABILITIES, KNOWN = "picture", "probabilities", "known"

TOLERANCE = 1e-3
"""Most a probability may differ from scikit-learn's. Float32 against float64 differs by some 1e-6."""

_TIES = 0.05


def export(network: Backbone, kind: str, estimator: Any, novelty: Novelty) -> bytes:
    """The ONNX file.

    Input ``picture`` [n, side, side, 3] uint8 RGB; outputs ``probabilities`` [n, classes] and
    ``known`` [n], float32. Raises ``WeightsMissing``.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    source = onnx.load(str(weights_path(network.weights)))
    graph = source.graph
    nodes = _needed(graph, network.output)
    head = HeadGraph()
    head.head(kind, estimator, network.output, PROBABILITIES)
    head.known(novelty, network.output, KNOWN)
    used = {name for node in nodes for name in node.input}
    weights = [row for row in graph.initializer if row.name in used]
    weights.append(numpy_helper.from_array(np.array(255, np.float32), "input/whole"))
    before = [
        helper.make_node("Cast", [INPUT], ["input/float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["input/float"], ["input/planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Div", ["input/planes", "input/whole"], [network.input]),
    ]
    classes = len(estimator.classes_)
    made = helper.make_graph(
        [*before, *nodes, *head.nodes],
        "xiutu_classifier",
        [
            helper.make_tensor_value_info(
                INPUT, TensorProto.UINT8, ["n", network.side, network.side, 3]
            )
        ],
        [
            helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, ["n", classes]),
            helper.make_tensor_value_info(KNOWN, TensorProto.FLOAT, ["n"]),
        ],
        [*weights, *head.weights],
    )
    model = helper.make_model(made, ir_version=source.ir_version, opset_imports=source.opset_import)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _needed(graph: "onnx.GraphProto", output: str) -> list["onnx.NodeProto"]:
    """Nodes on the way to one output, in order."""
    wanted, kept = {output}, []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input)
    return kept[::-1]


def compare(
    model: Path,
    squares: NDArray[np.uint8],
    features: NDArray[np.float32],
    estimator: Any,
    novelty: Novelty,
) -> float:
    """Largest difference between the file's answers on ``squares`` and scikit-learn's on ``features``.

    Raises ``BadModel`` when they differ. Neighbours at equal distances may be counted either way, so one
    picture in twenty may differ with k-NN.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    answers = [session.run([PROBABILITIES, KNOWN], {INPUT: square[None]}) for square in squares]
    found = np.concatenate([answer[0] for answer in answers])
    known = np.concatenate([answer[1] for answer in answers])
    off = np.abs(found - estimator.predict_proba(features)).max(axis=1)
    allowed = _TIES if hasattr(estimator, "n_neighbors") else 0.0
    if (off > TOLERANCE).mean() > allowed:
        raise BadModel(f"the exported model differs from scikit-learn by {off.max():.2g}")
    strange = float(np.abs(known - novelty.known(features)).max())
    if strange > 10 * TOLERANCE:
        raise BadModel(f"the exported open-set score differs by {strange:.2g}")
    return float(np.quantile(off, 1 - allowed))
