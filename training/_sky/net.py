"""EfficientNet-Lite0 with a U-shaped decoder: sky or not for every 2 x 2 pixels, and whether any."""

import hashlib
from pathlib import Path

import torch
from _lite0.export import Writer, array_of
from _lite0.net import Backbone, Step, twice
from torch import nn

TAPS = (0, 2, 4, 10)  # blocks whose results the decoder is given: strides 2, 4, 8 and 16
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0"
operators = ["sky_seg"]
script = "training/sky_seg.py"
data = "{labelled} pictures with sky masks (ADE20K, Cityscapes, CamVid, SUN with accepted GrabCut masks), \
{bare} without sky (food, rooms, documents), {guessed} SUN and BSDS500 photos that the net labelled itself; \
backbone EfficientNet-Lite0 (Apache-2.0, ImageNet-1k), fine-tuned"
research_only = true
metric = "pooled IoU {iou:.3f} on every tenth labelled picture, held back"
limits = "white walls and water that fill a picture without horizon may pass for sky; bare branches are \
as fine as the guided upsampling makes them"
"""


class SkyNet(nn.Module):
    """RGB [n, 3, h, w] 0..1 (sides multiples of 32) to logits [n, 1, h/2, w/2] and [n, 1]."""

    def __init__(self, backbone: Path) -> None:
        super().__init__()
        self.backbone = Backbone(backbone, TAPS)
        self.scene = nn.Linear(320, 96)
        self.top = Step(320, 96, 1)
        self.mid = Step(96 + 112, 96)
        self.low = Step(96 + 40, 64)
        self.fine = Step(64 + 24, 48)
        self.last = Step(48 + 16, 32)
        self.out = nn.Conv2d(32, 1, 3, padding=1)
        self.drop = nn.Dropout2d(0.1)
        self.any = nn.Linear(96, 1)

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        s2, s4, s8, s16, s32 = self.backbone(picture)
        s16, s32 = self.drop(s16), self.drop(s32)
        scene = self.scene(s32.mean((2, 3)))
        x = self.top(s32) + scene[:, :, None, None]
        x = self.mid(torch.cat([twice(x), s16], 1))
        x = self.low(torch.cat([twice(x), s8], 1))
        x = self.fine(torch.cat([twice(x), s4], 1))
        x = self.last(torch.cat([twice(x), s2], 1))
        return self.out(x), self.any(torch.relu(scene))


def export(net: SkyNet, path: Path, *, counts: tuple[int, int, int], iou: float) -> None:
    """Write ``path`` and its card.

    Input ``picture`` [n, 3, h, w] RGB 0..1, sides multiples of 32. Outputs: ``sky`` [n, 1, h/2, w/2]
    and ``any`` [n, 1, 1, 1], probabilities.
    """
    w = Writer("sky")
    s2, s4, s8, s16, s32 = w.backbone("picture", net.backbone)
    mean = w.graph.node("GlobalAveragePool", [s32], "mean")
    kernel, bias = array_of(net.scene.weight)[:, :, None, None], array_of(net.scene.bias)
    scene = w.conv(mean, "scene", kernel, bias)
    x = w.graph.node("Add", [w.step(s32, "top", net.top), scene], "top.scene")
    for name, step, skip in (
        ("mid", net.mid, s16),
        ("low", net.low, s8),
        ("fine", net.fine, s4),
        ("last", net.last, s2),
    ):
        joined = w.graph.node("Concat", [w.twice(x), skip], f"{name}.in", axis=1)
        x = w.step(joined, name, step)
    logits = w.conv(x, "out", array_of(net.out.weight), array_of(net.out.bias))
    w.graph.node("Sigmoid", [logits], "sky")
    kernel, bias = array_of(net.any.weight)[:, :, None, None], array_of(net.any.bias)
    active = w.graph.node("Relu", [scene], "scene.a")
    w.graph.node("Sigmoid", [w.conv(active, "any.raw", kernel, bias)], "any")
    data = w.graph.serialise(
        {"picture": ["n", 3, "h", "w"]}, {"sky": ["n", 1, "hh", "hw"], "any": ["n", 1, 1, 1]}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    labelled, bare, guessed = counts
    card = CARD.format(sha256=digest, labelled=labelled, bare=bare, guessed=guessed, iou=iou)
    path.with_suffix(".toml").write_text(card)
