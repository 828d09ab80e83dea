"""HED's Keras weights as an ONNX graph (Xie & Tu 2015, doi:10.1109/ICCV.2015.164).

The catalogue pins the ``.h5`` file's hash and its arrays are stored contiguously, so their byte
offsets are constants (read once with h5py): no HDF5 library is needed to convert it.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xiutu.models.converters.graph import Graph

__all__ = ["convert"]

_MEAN_BGR = (104.00699, 116.66877, 122.67892)
# (kernel offset, bias offset, in channels, out channels) of each 3x3 convolution, block by block
_BLOCKS = (
    ((10992, 19952, 3, 64), (24048, 20208, 64, 64)),
    ((177520, 20464, 64, 128), (475136, 20976, 128, 128)),
    (
        (1072360, 2254056, 128, 256),
        (2258152, 2255080, 256, 256),
        (4619496, 6978792, 256, 256),
    ),
    (
        (6987520, 11708160, 256, 512),
        (11712256, 21149440, 512, 512),
        (21153536, 30590720, 512, 512),
    ),
    (
        (30599448, 40038680, 512, 512),
        (40042776, 49479960, 512, 512),
        (49484056, 58921240, 512, 512),
    ),
)
# (kernel offset, bias offset, in channels) of the 1x1 side outputs
_SIDES = (
    (21488, 21744, 64),
    (6979816, 21748, 128),
    (58931144, 21752, 256),
    (58935856, 21756, 512),
    (58940608, 21760, 512),
)
_FUSE = (21764, 21784, 5)


def convert(members: list[Path]) -> bytes:
    """Return the ONNX bytes.

    Input ``image`` [n, 3, h, w] float32 RGB 0..1 of any size, output ``edges`` [n, 1, h, w], the
    fused edge probability 0..1.
    """
    data = members[0].read_bytes()
    graph = Graph("hed")
    scale = graph.const("scale", np.array(255.0, np.float32))
    mean = graph.const("mean", np.array(_MEAN_BGR[::-1], np.float32).reshape(1, 3, 1, 1))
    scaled = graph.node("Mul", ["image", scale], "scaled")
    current = graph.node("Sub", [scaled, mean], "centred")
    size = _side_size(graph)
    sides = []
    for number, (block, side) in enumerate(zip(_BLOCKS, _SIDES, strict=True), start=1):
        if number > 1:
            pooled = {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}
            current = graph.node("MaxPool", [current], f"pool{number}", **pooled)
        for layer, spec in enumerate(block, start=1):
            name = f"block{number}_{layer}"
            kernel, bias = _layer(data, *spec, size=3)
            if name == "block1_1":
                kernel = kernel[:, ::-1]  # trained on BGR, fed with RGB
            current = graph.conv(current, f"{name}.pre", kernel, bias, pad=1)
            current = graph.node("Relu", [current], name)
        out = graph.conv(current, f"side{number}", *_layer(data, *side, 1, size=1), pad=0)
        if number > 1:
            linear = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
            out = graph.node("Resize", [out, "", "", size], f"side{number}.full", **linear)
        sides.append(out)
    every = graph.node("Concat", sides, "sides", axis=1)
    fused = graph.conv(every, "fused", *_layer(data, *_FUSE, 1, size=1), pad=0)
    graph.node("Sigmoid", [fused], "edges")
    return graph.serialise({"image": ["n", 3, "h", "w"]}, {"edges": ["n", 1, "h", "w"]})


def _layer(
    data: bytes, kernel_at: int, bias_at: int, inputs: int, outputs: int, *, size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Keras keeps kernels as [kh, kw, in, out]."""
    count = size * size * inputs * outputs
    kernel = np.frombuffer(data, "<f4", count, kernel_at).reshape(size, size, inputs, outputs)
    return kernel.transpose(3, 2, 0, 1), np.frombuffer(data, "<f4", outputs, bias_at)


def _side_size(graph: Graph) -> str:
    """Shape [n, 1, h, w] of a side output at full size."""
    shape = graph.node("Shape", ["image"], "shape")
    k = [graph.const(f"k{i}", np.array([i], np.int64)) for i in (0, 1, 2, 4)]
    batch = graph.node("Slice", [shape, k[0], k[1], k[0]], "batch")
    sides = graph.node("Slice", [shape, k[2], k[3], k[0]], "size")
    return graph.node("Concat", [batch, k[1], sides], "side_size", axis=0)
