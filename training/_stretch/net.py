"""EfficientNet-Lite0 that names the aspect distortion of a picture, as a distribution over steps."""

import hashlib
from pathlib import Path

import numpy as np
import torch
from _lite0.export import Writer, array_of
from _lite0.net import Backbone, Step
from torch import nn
from torch.nn import functional

TAPS = (4, 10)  # blocks whose results the head is given: strides 8 and 16
REACH, STEPS = 1.0, 41  # natural logarithm of width / height against the truth: -1..1, 0.05 apart
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0"
operators = ["stretch_restore"]
script = "training/stretch_restore.py"
data = "{count} public photos (BSDS500, Caltech-101, ECSSD, food, ImageNet samples, SUN, ADE20K and CamVid \
skies, people, insects, generated portraits, wallpapers), stretched 0.4 to 2.5 times; backbone \
EfficientNet-Lite0 (Apache-2.0, ImageNet-1k), fine-tuned"
research_only = true
metric = "median error of the ratio {error:.1f} % on single views 0.5 to 2 of every 25th photo, held back"
limits = "knows people, animals, cars, buildings; textures, landscapes without objects and drawings tell \
it little"
"""


class StretchNet(nn.Module):
    """RGB [n, 3, h, w] 0..1 (sides multiples of 32) to logits [n, STEPS]."""

    def __init__(self, backbone: Path) -> None:
        super().__init__()
        self.backbone = Backbone(backbone, TAPS)
        self.fine = Step(40, 64)
        self.mid = Step(64 + 112, 128)
        self.top = Step(128 + 320, 256)
        self.heed = nn.Conv2d(256, 1, 1)
        self.hidden = nn.Linear(256, 192)
        self.out = nn.Linear(192, STEPS)
        self.drop = nn.Dropout(0.3)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        s8, s16, s32 = self.backbone(picture)
        x = functional.avg_pool2d(self.fine(s8), 2)
        x = functional.avg_pool2d(self.mid(torch.cat([x, s16], 1)), 2)
        x = self.top(torch.cat([x, s32], 1))
        heed = self.heed(x).flatten(2).softmax(2)  # places that tell more count more
        x = (x.flatten(2) * heed).sum(2)
        result: torch.Tensor = self.out(self.drop(torch.relu(self.hidden(self.drop(x)))))
        return result


def export(net: StretchNet, path: Path, *, count: int, error: float) -> None:
    """Write ``path`` and its card.

    Input ``picture`` [n, 3, h, w] RGB 0..1, sides multiples of 32. Output ``logits`` [n, STEPS, 1, 1].
    """
    w = Writer("stretch", coarse=("top",))
    s8, s16, s32 = w.backbone("picture", net.backbone)
    x = _half(w, w.step(s8, "fine", net.fine))
    x = w.step(w.graph.node("Concat", [x, s16], "mid.in", axis=1), "mid", net.mid)
    x = w.graph.node("Concat", [_half(w, x), s32], "top.in", axis=1)
    x = w.step(x, "top", net.top)
    heed = w.conv(x, "heed", array_of(net.heed.weight), array_of(net.heed.bias))
    flat = w.graph.const("flat", np.array([0, 0, -1], np.int64))
    rows = w.graph.node("Reshape", [x, flat], "rows")
    shares = w.graph.node("Softmax", [w.graph.node("Reshape", [heed, flat], "heed.f")], "heed.s")
    product = w.graph.node("Mul", [rows, shares], "heeded")
    axis = w.graph.const("axis", np.array([2], np.int64))
    x = w.graph.node("ReduceSum", [product, axis], "pooled.k")
    last = w.graph.const("last", np.array([3], np.int64))
    x = w.graph.node("Unsqueeze", [x, last], "pooled")
    for name, layer in (("hidden", net.hidden), ("logits", net.out)):
        kernel = array_of(layer.weight)[:, :, None, None]
        x = w.conv(x, name, kernel, array_of(layer.bias))
        if name == "hidden":
            x = w.graph.node("Relu", [x], "hidden.a")
    data = w.graph.serialise({"picture": ["n", 3, "h", "w"]}, {"logits": ["n", STEPS, 1, 1]})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    card = CARD.format(sha256=hashlib.sha256(data).hexdigest(), count=count, error=error)
    path.with_suffix(".toml").write_text(card)


def _half(w: Writer, source: str) -> str:
    shape = {"kernel_shape": [2, 2], "strides": [2, 2]}
    return w.graph.node("AveragePool", [source], f"{source}.half", **shape)
