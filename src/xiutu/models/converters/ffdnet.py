"""FFDNet's PyTorch weights as ONNX (Zhang 2018, doi:10.1109/TIP.2018.2839891; KAIR layout).

Twelve 3x3 convolutions of 96 channels at half resolution. The space-to-depth and depth-to-space
steps are ONNX nodes, so pictures of any even size go straight in.
"""

from pathlib import Path

import numpy as np

from xiutu.models.converters.graph import Graph
from xiutu.models.converters.pickles import read_state_dict

__all__ = ["convert"]


def convert(members: list[Path]) -> bytes:
    """Return the ONNX bytes.

    Inputs ``image`` [n, 3, h, w] float32 RGB 0..1 with even h and w, ``sigma`` [n, 1, 1, 1] or
    [n, 1, h/2, w/2], the noise's standard deviation / 255. Output ``denoised``, shaped as
    ``image``.
    """
    state = read_state_dict(members[0])
    layers = sorted({int(key.split(".")[1]) for key in state})
    graph = Graph("ffdnet_color")
    half = graph.node("SpaceToDepth", ["image"], "half", blocksize=2)
    shape = graph.node("Shape", [half], "half_shape")
    axis = [graph.const(f"axis_{k}", np.array([k], np.int64)) for k in (0, 1, 2, 4)]
    batch = graph.node("Slice", [shape, axis[0], axis[1], axis[0]], "batch")
    sides = graph.node("Slice", [shape, axis[2], axis[3], axis[0]], "sides")
    map_shape = graph.node("Concat", [batch, axis[1], sides], "map_shape", axis=0)
    noise = graph.node("Expand", ["sigma", map_shape], "sigma_map")
    current = graph.node("Concat", [half, noise], "features", axis=1)
    for number, layer in enumerate(layers):
        weight = state[f"model.{layer}.weight"].astype(np.float32)
        bias = state[f"model.{layer}.bias"].astype(np.float32)
        if number == 0:
            weight = weight[:, _channel_order()]
        current = graph.conv(current, f"conv{number}", weight, bias, pad=1)
        if layer != layers[-1]:
            current = graph.node("Relu", [current], f"relu{number}")
    graph.node("DepthToSpace", [current], "denoised", blocksize=2, mode="CRD")
    return graph.serialise(
        {"image": ["n", 3, "h", "w"], "sigma": ["n", 1, "sh", "sw"]},
        {"denoised": ["n", 3, "h", "w"]},
    )


def _channel_order() -> list[int]:
    """torch unshuffles channel-major, ONNX's SpaceToDepth block-major; the noise map stays last."""
    return [colour * 4 + block for block in range(4) for colour in range(3)] + [12]
