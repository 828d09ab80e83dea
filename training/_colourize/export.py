"""The trained network as ONNX, batch norms folded, and its card."""

import hashlib
from pathlib import Path

import numpy as np
from _lite0.export import Writer, array_of
from numpy.typing import NDArray

from _colourize.net import Colourizer

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


def export(
    net: Colourizer, nodes: Array, rarity: Array, path: Path, *, count: int, error: float
) -> None:
    """Write ``path`` and its card.

    Input ``grey`` [n, 1, h, w] 0..1, sides multiples of 32. Outputs: ``logits`` [n, q, h/4, w/4],
    ``nodes`` [q, 2] the ab of each bin, ``rarity`` [q] (mean 1 over the training pictures).
    """
    w = Writer("colourize", grey=True)
    s4, s8, s16, x = w.backbone("grey", net.backbone)
    d = net.decoder
    mean = w.graph.node("GlobalAveragePool", [x], "mean")
    kernel = array_of(d.scene.weight)[:, :, None, None]
    scene = w.conv(mean, "scene", kernel, array_of(d.scene.bias))
    x = w.graph.node("Add", [w.step(x, "top", d.top), scene], "top.scene")
    x = w.step(w.graph.node("Concat", [w.twice(x), s16], "mid.in", axis=1), "mid", d.mid)
    x = w.step(w.graph.node("Concat", [w.twice(x), s8], "low.in", axis=1), "low", d.low)
    x = w.step(x, "thin", d.thin)
    x = w.step(w.graph.node("Concat", [w.twice(x), s4], "fine.in", axis=1), "fine", d.fine)
    x = w.step(x, "last", d.last)
    w.conv(x, "logits", array_of(d.bins.weight), array_of(d.bins.bias))
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
