"""Trained networks on EfficientNet-Lite0 as ONNX, batch norms folded, weights stored as half floats."""

import numpy as np
from numpy.typing import NDArray
from torch import nn

from _lite0.net import Backbone, Same, Step
from xiutu.models.converters.graph import Graph

Array = NDArray[np.float32]
FLOAT = 1  # onnx.TensorProto.FLOAT


class Writer:
    """Adds layers to a graph by name; kernels of the layers in ``coarse`` are stored with 8 bits."""

    def __init__(self, name: str, *, grey: bool = False, coarse: tuple[str, ...] = ()) -> None:
        self.grey = grey
        self.coarse = coarse
        self.graph = Graph(name)
        self.graph.const("zero", np.asarray(0, np.float32))
        self.graph.const("six", np.asarray(6, np.float32))
        self._scales = ""

    def weight(self, name: str, array: Array) -> str:
        """A constant; large ones are stored with 16 bits and widened when the session opens."""
        if array.size < 1024:
            return self.graph.const(name, array.astype(np.float32))
        if name.removesuffix(".w") in self.coarse:
            scale = np.abs(array).max(axis=(1, 2, 3), keepdims=True) / 127
            levels = self.graph.const(f"{name}.8", np.rint(array / scale).astype(np.int8))
            wide = self.graph.node("Cast", [levels], f"{name}.wide", to=FLOAT)
            factor = self.graph.const(f"{name}.scale", scale.astype(np.float32))
            return self.graph.node("Mul", [wide, factor], name)
        half = self.graph.const(f"{name}.half", array.astype(np.float16))
        return self.graph.node("Cast", [half], name, to=FLOAT)

    def conv(self, source: str, name: str, kernel: Array, bias: Array, stride: int = 1) -> str:
        names = [source, self.weight(f"{name}.w", kernel), self.weight(f"{name}.b", bias)]
        group = len(kernel) if kernel.shape[1] == 1 and len(kernel) > 1 and name != "stem" else 1
        return self.graph.node(
            "Conv", names, name, kernel_shape=kernel.shape[2:], strides=[stride] * 2,
            group=group, auto_pad="SAME_UPPER",
        )  # fmt: skip

    def same(self, source: str, name: str, conv: Same, *, active: bool) -> str:
        assert conv.bias is not None
        kernel, bias = array_of(conv.weight), array_of(conv.bias)
        result = self.conv(source, name, kernel, bias, conv.stride[0])
        return self.graph.node("Clip", [result, "zero", "six"], f"{name}.a") if active else result

    def step(self, source: str, name: str, step: Step) -> str:
        conv, norm = step[0], step[1]
        assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None and norm.running_var is not None
        gain = array_of(norm.weight) / np.sqrt(array_of(norm.running_var) + norm.eps)
        bias = array_of(norm.bias) - array_of(norm.running_mean) * gain
        kernel = array_of(conv.weight) * gain[:, None, None, None]
        return self.graph.node("Relu", [self.conv(source, name, kernel, bias)], f"{name}.a")

    def backbone(self, source: str, net: Backbone) -> list[str]:
        """The features of ``net`` in its order; ``source`` is [n, 1 or 3, h, w] 0..1."""
        scale = self.graph.const("scale", np.asarray(255 / 128, np.float32))
        shift = self.graph.const("shift", np.asarray(127 / 128, np.float32))
        x = self.graph.node(
            "Sub", [self.graph.node("Mul", [source, scale], "scaled"), shift], "normalised"
        )
        assert net.stem.bias is not None
        kernel = array_of(net.stem.weight)
        if self.grey:  # three equal channels in: their kernels add up to one
            kernel = kernel.sum(1, keepdims=True)
        x = self.conv(x, "stem", kernel, array_of(net.stem.bias), 2)
        x = self.graph.node("Clip", [x, "zero", "six"], "stem.a")
        found = []
        for number, block in enumerate(net.blocks):
            before, name = x, f"block{number}"
            if block.expand is not None:
                x = self.same(x, f"{name}.expand", block.expand, active=True)
            x = self.same(x, f"{name}.depthwise", block.depthwise, active=True)
            x = self.same(x, f"{name}.project", block.project, active=False)
            if block.residual:
                x = self.graph.node("Add", [x, before], f"{name}.sum")
            if number in net.taps:
                found.append(x)
        return [*found, x]

    def twice(self, source: str) -> str:
        if not self._scales:
            self._scales = self.graph.const("scales", np.array([1, 1, 2, 2], np.float32))
        return self.graph.node(
            "Resize", [source, "", self._scales], f"{source}.twice", mode="linear"
        )


def array_of(tensor: object) -> Array:
    return np.asarray(tensor.detach().float().numpy())  # type: ignore[attr-defined]
