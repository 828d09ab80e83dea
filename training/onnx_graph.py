"""ONNX graphs of restoration nets, written by hand, so that names stay."""

import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn


class Chain:
    """Collects nodes and weights; each method returns the name of what it adds."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def conv(self, layer: nn.Conv2d, name: str, value: str) -> str:
        assert layer.bias is not None
        for part, parameter in (("w", layer.weight), ("b", layer.bias)):
            array = parameter.detach().contiguous().numpy()
            self._weights.append(numpy_helper.from_array(array, f"{name}.{part}"))
        sizes = {"strides": layer.stride, "pads": [int(p) for p in layer.padding] * 2}  # type: ignore[arg-type]
        return self.node("Conv", [value, f"{name}.w", f"{name}.b"], name, **sizes)

    def relu(self, value: str) -> str:
        return self.node("Relu", [value], f"{value}.relu")

    def shuffled(self, value: str, size: int, output: str) -> str:
        return self.node("DepthToSpace", [value], output, blocksize=size, mode="CRD")

    def model(self, name: str, output: str, sides: tuple[str, str]) -> onnx.ModelProto:
        """``image`` [n, 3, h, w] -> ``output`` [n, 3, *sides], checked."""
        graph = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "h", "w"])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 3, *sides])],
            self._weights,
        )
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=8)
        onnx.checker.check_model(model)
        return model
