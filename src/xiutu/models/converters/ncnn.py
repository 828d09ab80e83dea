"""ncnn ``.param`` + ``.bin`` pairs of super-resolution and restoration networks as ONNX graphs.

Only the layers those networks use are known; another layer stops the conversion. The file format is
described in ncnn's "param and model file structure" document. Weights stored as float16 are
widened.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiutu.errors import WeightsCorrupt
from xiutu.models.converters.graph import Graph

__all__ = ["convert"]

_MAGIC = "7767517"
_FLOAT16 = 0x01306B47
_BINARY = {0: "Add", 1: "Sub", 2: "Mul", 3: "Div"}

Options = dict[int, Any]


class _Weights:
    """Cursor over a ``.bin`` file."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def raw(self, count: int, dtype: str = "<f4") -> NDArray[np.float32]:
        size = count * np.dtype(dtype).itemsize
        if self._at + size > len(self._data):
            raise WeightsCorrupt("the ncnn weight file is too short for its graph")
        array = np.frombuffer(self._data, dtype, count, self._at).astype(np.float32)
        self._at += (size + 3) // 4 * 4
        return array

    def tagged(self, count: int) -> NDArray[np.float32]:
        """A kernel, preceded by a word that tells its storage type."""
        tag = int.from_bytes(self._data[self._at : self._at + 4], "little")
        if tag not in (0, _FLOAT16):
            raise WeightsCorrupt(f"unknown ncnn storage type {tag:#x}")
        self._at += 4
        return self.raw(count, "<f2" if tag else "<f4")

    @property
    def exhausted(self) -> bool:
        return self._at == len(self._data)


def convert(members: list[Path], result: str = "enlarged") -> bytes:
    """Return the ONNX bytes of (``.param``, ``.bin``).

    The input blob becomes ``image`` [n, 3, h, w], the last layer's blob ``result``; ranges are
    those of the network itself.
    """
    text, data = members
    lines = text.read_text().splitlines()
    if lines[0] != _MAGIC:
        raise WeightsCorrupt(f"{text.name} is not an ncnn graph")
    weights, graph = _Weights(data.read_bytes()), Graph(text.stem)
    alias: dict[str, str] = {}
    rows = [line.split() for line in lines[2:] if line.strip()]
    for number, row in enumerate(rows):
        kind, name, n_in, n_out = row[0], row[1], int(row[2]), int(row[3])
        blobs = row[4 : 4 + n_in + n_out]
        sources, targets = [alias.get(b, b) for b in blobs[:n_in]], blobs[n_in:]
        if kind in ("Input", "Split"):
            alias |= dict.fromkeys(targets, sources[0] if sources else "image")
            continue
        output = result if number == len(rows) - 1 else targets[0]
        if kind not in _LAYERS:
            raise WeightsCorrupt(f"{text.name}: unknown ncnn layer {kind} ({name})")
        _LAYERS[kind](graph, weights, sources, output, _options(row[4 + n_in + n_out :]))
    if not weights.exhausted:
        raise WeightsCorrupt(f"{data.name} is longer than its graph")
    return graph.serialise({"image": ["n", 3, "h", "w"]}, {result: ["n", 3, "h2", "w2"]})


def _options(words: list[str]) -> Options:
    """``0=48`` is a number; ``-23310=1,0.1`` an array of one, key 10."""
    options: Options = {}
    for word in words:
        key, value = word.split("=")
        number = int(key)
        if number <= -23300:
            options[-number - 23300] = [float(v) for v in value.split(",")[1:]]
        else:
            options[number] = float(value) if "." in value or "e" in value else int(value)
    return options


def _kernel(weights: _Weights, o: Options) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    out, kw, total = int(o[0]), int(o[1]), int(o[6])
    kh = int(o.get(11, kw))
    kernel = weights.tagged(total).reshape(out, total // (out * kh * kw), kh, kw)
    return kernel, weights.raw(out) if o.get(5) else np.zeros(out, np.float32)


def _convolution(g: Graph, w: _Weights, sources: list[str], output: str, o: Options) -> None:
    kernel, bias = _kernel(w, o)
    target = _before_activation(output, o)
    g.conv(sources[0], target, kernel, bias, pad=o.get(4, 0), stride=o.get(3, 1))
    _activation(g, target, output, o)


def _before_activation(output: str, o: Options) -> str:
    return f"{output}.pre" if o.get(9) else output


def _activation(g: Graph, before: str, output: str, o: Options) -> None:
    """What a layer does to its own result: 1 ReLU, 2 leaky ReLU, 4 sigmoid."""
    kind = o.get(9, 0)
    if kind == 2:
        g.node("LeakyRelu", [before], output, alpha=o[10][0])
    elif kind:
        g.node({1: "Relu", 4: "Sigmoid"}[kind], [before], output)


def _deconvolution(g: Graph, w: _Weights, sources: list[str], output: str, o: Options) -> None:
    kernel, bias = _kernel(w, o)
    names = [
        sources[0],
        g.const(f"{output}.w", kernel.transpose(1, 0, 2, 3)),
        g.const(f"{output}.b", bias),
    ]
    target = _before_activation(output, o)
    g.node("ConvTranspose", names, target, strides=[o[3]] * 2, pads=[o.get(4, 0)] * 4)
    _activation(g, target, output, o)


def _mean(g: Graph, _: _Weights, sources: list[str], output: str, o: Options) -> None:
    if (o.get(0), o.get(4)) != (1, 1):
        raise WeightsCorrupt("of ncnn's pooling only the mean over the whole picture is known")
    g.node("GlobalAveragePool", sources, output)


def _dense(g: Graph, w: _Weights, sources: list[str], output: str, o: Options) -> None:
    """A dense layer on [n, c, 1, 1]."""
    out = int(o[0])
    kernel = w.tagged(int(o[2])).reshape(out, -1, 1, 1)
    target = _before_activation(output, o)
    g.conv(sources[0], target, kernel, w.raw(out), pad=0)
    _activation(g, target, output, o)


def _scale(g: Graph, _: _Weights, sources: list[str], output: str, __: Options) -> None:
    g.node("Mul", sources, output)


def _crop(g: Graph, _: _Weights, sources: list[str], output: str, o: Options) -> None:
    """To the size of the second input, which the graphs known here reach by the same on each side."""
    cut = {"starts": [o[0], o[1]], "ends": [-o[0], -o[1]], "axes": [3, 2]}
    names = [g.const(f"{output}.{k}", np.array(v, np.int64)) for k, v in cut.items()]
    g.node("Slice", [sources[0], *names], output)


def _sum(g: Graph, _: _Weights, sources: list[str], output: str, o: Options) -> None:
    if o.get(0) != 1:
        raise WeightsCorrupt("of ncnn's elementwise layers only sums are known")
    g.node("Add", sources, output)


def _memory(g: Graph, w: _Weights, _: list[str], output: str, o: Options) -> None:
    shape = (1, o.get(2, 1), o.get(1, 1), o.get(0, 1))
    g.const(output, w.raw(int(np.prod(shape))).reshape(shape))


def _binary(g: Graph, _: _Weights, sources: list[str], output: str, o: Options) -> None:
    if o.get(1):
        sources = [sources[0], g.const(f"{output}.s", np.array(o[2], np.float32))]
    g.node(_BINARY[o.get(0, 0)], sources, output)


def _swish(g: Graph, _: _Weights, sources: list[str], output: str, __: Options) -> None:
    g.node("Sigmoid", sources, f"{output}.gate")
    g.node("Mul", [sources[0], f"{output}.gate"], output)


def _sigmoid(g: Graph, _: _Weights, sources: list[str], output: str, __: Options) -> None:
    g.node("Sigmoid", sources, output)


def _concat(g: Graph, _: _Weights, sources: list[str], output: str, __: Options) -> None:
    g.node("Concat", sources, output, axis=1)


def _shuffle(g: Graph, _: _Weights, sources: list[str], output: str, o: Options) -> None:
    g.node("DepthToSpace", sources, output, blocksize=o[0], mode="CRD")


_LAYERS: dict[str, Callable[[Graph, _Weights, list[str], str, Options], None]] = {
    "Convolution": _convolution,
    "Deconvolution": _deconvolution,
    "MemoryData": _memory,
    "BinaryOp": _binary,
    "Swish": _swish,
    "Sigmoid": _sigmoid,
    "Concat": _concat,
    "PixelShuffle": _shuffle,
    "Pooling": _mean,
    "InnerProduct": _dense,
    "Scale": _scale,
    "Crop": _crop,
    "Eltwise": _sum,
}
