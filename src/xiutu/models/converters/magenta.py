"""Magenta's transformer as a float graph of any size (Ghiasi 2017, doi:10.5244/C.31.114).

The package carries it as an eight-bit graph for 384 x 384 px. Its weights are taken as real numbers
and the same layers are laid out anew without rounding between them: reflected borders, convolution,
instance normalisation whose scale and shift come from the style vector.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xiutu.models.converters.graph import Graph

__all__ = ["convert"]

Float = NDArray[np.float32]

# (layer, stride) of the layers before the style comes in, and (layer, enlarge first) of those after
_CONTRACT = (("contract/conv1", 1), ("contract/conv2", 2), ("contract/conv3", 2))
_EXPAND = (("expand/conv1/conv", True), ("expand/conv2/conv", True), ("expand/conv3/conv", False))
_RESIDUALS = 5
_EPSILON = 1e-5


def convert(members: list[Path]) -> bytes:
    """Return the ONNX bytes.

    Inputs ``image`` [1, 3, h, w] float32 RGB 0..1 with sides divisible by 4 and ``style``
    [1, 100, 1, 1]; output ``stylised`` [1, 3, h, w] 0..1.
    """
    graph = Graph("magenta")
    weights = _real_numbers(members[0])
    current = "image"
    for name, stride in _CONTRACT:
        bias = weights[f"transformer/{name}/Conv2D_bias"]
        current = _conv(graph, weights, current, name, bias, stride)
        current = graph.node("Relu", [current], f"{name}.out")
    for number in range(1, _RESIDUALS + 1):
        block = f"residual/residual{number}"
        inner = _styled(graph, weights, current, f"{block}/conv1")
        inner = graph.node("Relu", [inner], f"{block}/conv1.out")
        inner = _styled(graph, weights, inner, f"{block}/conv2")
        current = graph.node("Add", [current, inner], f"{block}.out")
    scales = graph.const("twice", np.array([1, 1, 2, 2], np.float32))
    for name, enlarge in _EXPAND:
        if enlarge:
            near = {"mode": "nearest", "nearest_mode": "floor"}
            near["coordinate_transformation_mode"] = "asymmetric"
            current = graph.node("Resize", [current, "", scales], f"{name}.large", **near)
        current = _styled(graph, weights, current, name)
        if name != _EXPAND[-1][0]:
            current = graph.node("Relu", [current], f"{name}.out")
    graph.node("Sigmoid", [current], "stylised")
    return graph.serialise(
        {"image": [1, 3, "h", "w"], "style": [1, 100, 1, 1]}, {"stylised": [1, 3, "h", "w"]}
    )


def _styled(graph: Graph, weights: dict[str, Float], source: str, name: str) -> str:
    """Convolution, then every channel normalised and moved to where the style wants it."""
    count = _kernel(weights, name).shape[0]
    current = _conv(graph, weights, source, name, np.zeros(count, np.float32))
    one = graph.const(f"{name}.one", np.ones(count, np.float32))
    zero = graph.const(f"{name}.zero", np.zeros(count, np.float32))
    normal = graph.node(
        "InstanceNormalization", [current, one, zero], f"{name}.normal", epsilon=_EPSILON
    )
    shift, scale = (
        graph.conv("style", f"{name}.{part}", *_style_layer(weights, name, layer), pad=0)
        for part, layer in (("shift", "Conv"), ("scale", "Conv_1"))
    )
    scaled = graph.node("Mul", [normal, scale], f"{name}.scaled")
    return graph.node("Add", [scaled, shift], f"{name}.styled")


def _conv(
    graph: Graph,
    weights: dict[str, Float],
    source: str,
    name: str,
    bias: Float,
    stride: int = 1,
) -> str:
    kernel = _kernel(weights, name)
    reach = kernel.shape[2] // 2
    pads = graph.const(f"{name}.pads", np.array([0, 0, reach, reach] * 2, np.int64))
    framed = graph.node("Pad", [source, pads], f"{name}.framed", mode="reflect")
    names = [framed, graph.const(f"{name}.w", kernel), graph.const(f"{name}.b", bias)]
    return graph.node(
        "Conv", names, f"{name}.conv", kernel_shape=kernel.shape[2:], strides=[stride, stride]
    )


def _kernel(weights: dict[str, Float], name: str) -> Float:
    return weights[f"transformer/{name}/weights"]


def _style_layer(weights: dict[str, Float], name: str, layer: str) -> tuple[Float, Float]:
    stem = f"style_params/transformer/{name}/StyleNorm/{layer}"
    return weights[f"{stem}/weights"], weights[f"{stem}/Conv2D_bias"]


def _real_numbers(path: Path) -> dict[str, Float]:
    """Weights by the name they had before they were brought to eight bits."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    real: dict[str, Float] = {}
    for node in graph.node:
        if node.op_type != "DequantizeLinear" or node.input[0] not in arrays:
            continue
        values, scale, zero = (arrays[name].astype(np.float64) for name in node.input)
        if scale.ndim:
            shape = (-1,) + (1,) * (values.ndim - 1)
            scale, zero = scale.reshape(shape), zero.reshape(shape)
        real[node.input[0]] = ((values - zero) * scale).astype(np.float32)
    return real
