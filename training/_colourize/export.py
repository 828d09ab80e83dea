"""The trained network as ONNX, batch norms folded, weights stored as half floats, and its card."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from _colourize.net import TAPS, Colourizer, Same, Step
from xiutu.models.converters.graph import Graph

Array = NDArray[np.float32]
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0"
operators = ["colourize"]
script = "training/colourize.py"
data = "{count} public colour photos (BSDS500, Caltech-101, ECSSD, food, ImageNet samples, SUN, ADE20K and \
CamVid skies, generated portraits, wallpapers), aged artificially; backbone EfficientNet-Lite0 \
(Apache-2.0, ImageNet-1k), fine-tuned"
research_only = true
metric = "squared ab error of the mean colour {error:.3f} of grey's, on every 40th photo, held back"
limits = "colours of man-made things are guesses; roads and seats may turn lawn green, small things \
and crowds stay brownish"
"""
FLOAT = 1  # onnx.TensorProto.FLOAT


class _Writer:
    """Adds layers to a graph by name."""

    def __init__(self) -> None:
        self.graph = Graph("colourize")

    def weight(self, name: str, array: Array) -> str:
        """A constant; large ones are stored with 16 bits and widened when the session opens."""
        if array.size < 1024:
            return self.graph.const(name, array.astype(np.float32))
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
        kernel, bias = _array(conv.weight), _array(conv.bias)
        result = self.conv(source, name, kernel, bias, conv.stride[0])
        return self.graph.node("Clip", [result, "zero", "six"], f"{name}.a") if active else result

    def step(self, source: str, name: str, step: Step) -> str:
        conv, norm = step[0], step[1]
        assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None and norm.running_var is not None
        gain = _array(norm.weight) / np.sqrt(_array(norm.running_var) + norm.eps)
        bias = _array(norm.bias) - _array(norm.running_mean) * gain
        kernel = _array(conv.weight) * gain[:, None, None, None]
        return self.graph.node("Relu", [self.conv(source, name, kernel, bias)], f"{name}.a")

    def twice(self, source: str) -> str:
        return self.graph.node("Resize", [source, "", "scales"], f"{source}.twice", mode="linear")


def _array(tensor: object) -> Array:
    return np.asarray(tensor.detach().float().numpy())  # type: ignore[attr-defined]


def export(
    net: Colourizer, nodes: Array, rarity: Array, path: Path, *, count: int, error: float
) -> None:
    """Write ``path`` and its card.

    Input ``grey`` [n, 1, h, w] 0..1, sides multiples of 32. Outputs: ``logits`` [n, q, h/4, w/4],
    ``nodes`` [q, 2] the ab of each bin, ``rarity`` [q] (mean 1 over the training pictures).
    """
    w = _Writer()
    w.graph.const("zero", np.asarray(0, np.float32))
    w.graph.const("six", np.asarray(6, np.float32))
    w.graph.const("scales", np.array([1, 1, 2, 2], np.float32))
    scale = w.graph.const("scale", np.asarray(255 / 128, np.float32))
    shift = w.graph.const("shift", np.asarray(127 / 128, np.float32))
    x = w.graph.node("Sub", [w.graph.node("Mul", ["grey", scale], "scaled"), shift], "normalised")
    stem = net.backbone.stem
    assert stem.bias is not None
    # Three equal channels in: their kernels add up to one.
    x = w.conv(x, "stem", _array(stem.weight).sum(1, keepdims=True), _array(stem.bias), 2)
    x = w.graph.node("Clip", [x, "zero", "six"], "stem.a")
    found = []
    for number, block in enumerate(net.backbone.blocks):
        before, name = x, f"block{number}"
        if block.expand is not None:
            x = w.same(x, f"{name}.expand", block.expand, active=True)
        x = w.same(x, f"{name}.depthwise", block.depthwise, active=True)
        x = w.same(x, f"{name}.project", block.project, active=False)
        if block.residual:
            x = w.graph.node("Add", [x, before], f"{name}.sum")
        if number in TAPS:
            found.append(x)
    s4, s8, s16 = found
    d = net.decoder
    mean = w.graph.node("GlobalAveragePool", [x], "mean")
    kernel = _array(d.scene.weight)[:, :, None, None]
    scene = w.conv(mean, "scene", kernel, _array(d.scene.bias))
    x = w.graph.node("Add", [w.step(x, "top", d.top), scene], "top.scene")
    x = w.step(w.graph.node("Concat", [w.twice(x), s16], "mid.in", axis=1), "mid", d.mid)
    x = w.step(w.graph.node("Concat", [w.twice(x), s8], "low.in", axis=1), "low", d.low)
    x = w.step(x, "thin", d.thin)
    x = w.step(w.graph.node("Concat", [w.twice(x), s4], "fine.in", axis=1), "fine", d.fine)
    x = w.step(x, "last", d.last)
    w.conv(x, "logits", _array(d.bins.weight), _array(d.bins.bias))
    for name, array in (("nodes", nodes), ("rarity", rarity)):
        w.graph.node("Identity", [w.graph.const(f"{name}.c", array)], name)
    bins = len(nodes)
    data = w.graph.serialise(
        {"grey": ["n", 1, "h", "w"]},
        {"logits": ["n", bins, "qh", "qw"], "nodes": [bins, 2], "rarity": [bins]},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    card = CARD.format(sha256=hashlib.sha256(data).hexdigest(), count=count, error=error)
    path.with_suffix(".toml").write_text(card)
