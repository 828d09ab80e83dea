"""EfficientNet-Lite0's PyTorch weights as ONNX, with every scale of its features as an output.

EfficientNet-Lite0 is EfficientNet-B0 (Tan, Le, ICML 2019, arXiv:1905.11946) without squeeze and
excitation and with ReLU6, ported from TensorFlow: batch norm with epsilon 0.001 and padding that
TensorFlow calls SAME. Batch norms are folded into the convolutions.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xiutu.models.converters.graph import Graph
from xiutu.models.converters.pickles import read_state_dict

__all__ = ["FEATURES", "STRIDED", "convert"]

STRIDED = (1, 3, 5, 11)
"""Blocks that halve the picture, as the stem does."""

FEATURES = {0: "stride2", 2: "stride4", 4: "stride8", 10: "stride16", 15: "stride32"}
"""Block -> output that carries its result: 16, 24, 40, 112 and 320 channels."""

_EPSILON = 1e-3
_Layer = tuple[NDArray[np.float32], NDArray[np.float32]]


def convert(members: list[Path]) -> bytes:
    """Return the ONNX bytes.

    Input ``image`` [n, 3, h, w] float32 RGB 0..1, trained at 224 x 224, any size works. Outputs
    ``stride2`` [n, 16, h/2, w/2] to ``stride32`` [n, 320, h/32, w/32] (sides rounded up),
    ``pooled`` [n, 1280] and ``logits`` [n, 1000] (ImageNet-1k classes in the usual order).
    Outputs that are not asked for still cost their part of the network.
    """
    state = read_state_dict(members[0])
    graph = Graph("efficientnet_lite0")
    # (255 x - 127) / 128, as the network was trained.
    scale = graph.const("scale", np.asarray(255 / 128, np.float32))
    shift = graph.const("shift", np.asarray(127 / 128, np.float32))
    current = graph.node("Mul", ["image", scale], "scaled")
    current = graph.node("Sub", [current, shift], "normalised")
    bounds = [
        graph.const("low", np.asarray(0, np.float32)),
        graph.const("high", np.asarray(6, np.float32)),
    ]

    def layer(source: str, name: str, folded: _Layer, stride: int = 1, *, active: bool) -> str:
        kernel, bias = folded
        depthwise = kernel.shape[1] == 1
        result = graph.node(
            "Conv",
            [source, graph.const(f"{name}.w", kernel), graph.const(f"{name}.b", bias)],
            f"{name}.raw" if active else name,
            kernel_shape=kernel.shape[2:],
            strides=[stride] * 2,
            group=len(kernel) if depthwise else 1,
            auto_pad="SAME_UPPER",
        )
        return graph.node("Clip", [result, *bounds], name) if active else result

    current = layer(current, "stem", _folded(state, "_conv_stem", "_bn0"), 2, active=True)
    count = 1 + max(int(key.split(".")[1]) for key in state if key.startswith("_blocks."))
    for number in range(count):
        before, key, name = current, f"_blocks.{number}.", f"block{number}"
        stride = 2 if number in STRIDED else 1
        if f"{key}_expand_conv.weight" in state:
            folded = _folded(state, f"{key}_expand_conv", f"{key}_bn0")
            current = layer(current, f"{name}.expand", folded, active=True)
        folded = _folded(state, f"{key}_depthwise_conv", f"{key}_bn1")
        current = layer(current, f"{name}.depthwise", folded, stride, active=True)
        folded = _folded(state, f"{key}_project_conv", f"{key}_bn2")
        current = layer(current, f"{name}.project", folded, active=False)
        source_channels = state[f"{key}_depthwise_conv.weight"].shape[0]
        if f"{key}_expand_conv.weight" in state:
            source_channels = state[f"{key}_expand_conv.weight"].shape[1]
        if stride == 1 and source_channels == len(folded[0]):
            current = graph.node("Add", [current, before], f"{name}.sum")
        if number in FEATURES:
            current = graph.node("Identity", [current], FEATURES[number])
    current = layer(current, "head", _folded(state, "_conv_head", "_bn1"), active=True)
    current = graph.node("GlobalAveragePool", [current], "averaged")
    pooled = graph.node("Flatten", [current], "pooled")
    weights = [
        graph.const(f"classes.{part}", state[f"_fc.{kind}"].astype(np.float32))
        for part, kind in (("w", "weight"), ("b", "bias"))
    ]
    graph.node("Gemm", [pooled, *weights], "logits", transB=1)
    channels = {"stride2": 16, "stride4": 24, "stride8": 40, "stride16": 112, "stride32": 320}
    return graph.serialise(
        {"image": ["n", 3, "h", "w"]},
        {
            **{name: ["n", c, f"{name}_h", f"{name}_w"] for name, c in channels.items()},
            "pooled": ["n", 1280],
            "logits": ["n", 1000],
        },
    )


def _folded(state: dict[str, NDArray[np.float32]], conv: str, norm: str) -> _Layer:
    """Kernel and bias of a convolution with the batch norm behind it taken in."""
    gain = state[f"{norm}.weight"].astype(np.float64)
    gain /= np.sqrt(state[f"{norm}.running_var"].astype(np.float64) + _EPSILON)
    kernel = state[f"{conv}.weight"] * gain[:, None, None, None]
    bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * gain
    return kernel.astype(np.float32), bias.astype(np.float32)
