"""A thin builder over ``onnx``: nodes in order, weights as initialisers, the same bytes each time.

Only the field set that every onnx release writes the same way is used (fixed IR version and opset,
no producer, no doc strings), so that the hash of a converted file can be pinned in the catalogue.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

__all__ = ["Graph"]

IR_VERSION = 8
OPSET = 17


class Graph:
    """Collects nodes and weights of one network and serialises it.

    Args:
        name: Name of the graph, part of the bytes.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def const(self, name: str, array: NDArray[Any]) -> str:
        """Add a weight (float32 or int64, any shape) and return its name."""
        from onnx import numpy_helper

        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add one node and return the name of its only output."""
        from onnx import helper

        self._nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def conv(
        self,
        source: str,
        output: str,
        weight: NDArray[Any],
        bias: NDArray[Any],
        pad: int,
        stride: int = 1,
    ) -> str:
        """Add a convolution; ``weight`` is [out, in, kh, kw], ``bias`` is [out]."""
        names = [source, self.const(f"{output}.w", weight), self.const(f"{output}.b", bias)]
        size: dict[str, Any] = {"pads": [pad] * 4, "kernel_shape": weight.shape[2:]}
        if stride != 1:  # unsaid otherwise: the bytes of older conversions are pinned
            size["strides"] = [stride] * 2
        return self.node("Conv", names, output, **size)

    def serialise(
        self, inputs: dict[str, list[int | str]], outputs: dict[str, list[int | str]]
    ) -> bytes:
        """Return the ONNX file; tensors are float32, shapes may hold names for free axes."""
        from onnx import TensorProto, checker, helper

        sources, targets = (
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in group.items()]
            for group in (inputs, outputs)
        )
        graph = helper.make_graph(self._nodes, self.name, sources, targets, self._weights)
        model = helper.make_model(
            graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
        )
        checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))
