"""The net ``definition``: its layers, how it starts as a thinned FFDNet and deepens, and its ONNX graph."""

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from onnx_graph import Chain
from torch import Tensor, nn
from torch.nn import functional

WIDTH, LAYERS = 64, 10  # channels; convolutions between the first and the last
EVERY = 2  # of them, after which the deep net has a residual block
CALM = 33  # px, side of the window in which the mean is kept
SIGMA = 12.0  # noise, in levels, that FFDNet is set to at the start
SAMPLES = 12000  # places that the least squares look at


class Net(nn.Module):
    """[n, 3, h, w] 0..1 to the same, even sides: a chain of 3 x 3 convolutions at half the size.

    The first one is written as 6 x 6 with stride 2, the last one is followed by a pixel shuffle.
    The deep one has residual blocks of two convolutions in between, which change nothing at first
    (T. Chen et al., "Net2Net", arXiv:1511.05641): so it goes on from where the plain one stopped.
    """

    def __init__(self, *, deep: bool) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, WIDTH, 6, stride=2, padding=2)
        inner = [nn.Conv2d(WIDTH, WIDTH, 3, padding=1) for _ in range(LAYERS)]
        self.body = nn.ModuleList(inner)
        self.tail = nn.Conv2d(WIDTH, 12, 3, padding=1)
        added = [nn.Conv2d(WIDTH, WIDTH, 3, padding=1) for _ in range(LAYERS // EVERY * 2 * deep)]
        self.blocks = nn.ModuleList(
            nn.ModuleList(added[i : i + 2]) for i in range(0, len(added), 2)
        )
        for layer in (self.head, *inner, *added):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        for layer in added[1::2]:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.head(x))
        for number, layer in enumerate(self.body, 1):
            y = functional.relu(layer(y))
            if self.blocks and number % EVERY == 0:
                first, second = self.blocks[number // EVERY - 1]  # type: ignore[misc]
                y = y + second(functional.relu(first(y)))
        with torch.autocast("cpu", enabled=False):  # carries the picture itself: 8 bits are too few
            return levelled(functional.pixel_shuffle(self.tail(y.float()), 2), x)

    def layers(self) -> list[nn.Conv2d]:
        """The plain net's, first to last."""
        return [self.head, *self.body, self.tail]  # type: ignore[list-item]


def levelled(result: Tensor, source: Tensor) -> Tensor:
    """``result`` with the local brightness and colour of ``source``: means over ``CALM`` squared.

    Coding keeps these, but a net that carries the whole picture lets them drift with every step of
    the training and with 8-bit weights. The exported net leaves this to its caller.
    """
    change = (result - source).flatten(0, 1)[:, None]
    for side in ((CALM, 1), (1, CALM)):
        # sums as convolutions, which take a tenth of avg_pool2d's time
        half, ones = (side[0] // 2, side[1] // 2), torch.ones(1, 1, *side)
        inside = functional.conv2d(torch.ones_like(change[:1]), ones, padding=half)
        change = functional.conv2d(change, ones, padding=half) / inside
    return result - change.view_as(result)


def start_from(net: Net, path: Path, pictures: Tensor) -> None:
    """Fill ``net`` with FFDNet at one noise level, thinned out from 96 to ``WIDTH`` channels.

    Of each layer the channels are kept that matter most to the next one, and what they can do for
    the lost ones is found by least squares on ``pictures`` ([n, 3, h, w]; Y. He, X. Zhang, J. Sun,
    "Channel pruning", doi:10.1109/ICCV.2017.155). Channels are scaled to one size, since FFDNet's
    differ so much that Adam, whose steps do not, would wreck the net at once.
    """
    found = {
        w.name: torch.tensor(numpy_helper.to_array(w)) for w in onnx.load(path).graph.initializer
    }
    weights = [found[f"conv{i}.w"] for i in range(LAYERS + 2)]
    biases = [found[f"conv{i}.b"] for i in range(LAYERS + 2)]
    biases[0] = biases[0] + SIGMA / 255 * weights[0][:, 12].sum((1, 2))
    # ONNX has the 2 x 2 pixels first, torch the colours
    weights[0] = weights[0][:, [b * 3 + c for c in range(3) for b in range(4)]]
    whole = thin = functional.pixel_unshuffle(pictures, 2)
    chosen, size = torch.arange(12), torch.ones(12)
    dice = torch.Generator().manual_seed(1)
    for i, (layer, weight, bias) in enumerate(zip(net.layers(), weights, biases, strict=True)):
        wanted = functional.conv2d(whole, weight, bias, padding=1)
        before, last = chosen, i == LAYERS + 1
        chosen = torch.arange(12)
        if not last:
            use = weights[i + 1].square().sum((0, 2, 3)) * functional.relu(wanted).var((0, 2, 3))
            chosen = use.argsort(descending=True)[:WIDTH].sort().values
        known = (weight[chosen][:, before] * size[:, None, None]).flatten(1)
        old = torch.cat([known, bias[chosen, None]], 1).T.double()
        places = torch.randperm(wanted[:, 0].numel(), generator=dice)[:SAMPLES]
        inputs = functional.unfold(thin, 3, padding=1).transpose(1, 2).flatten(0, 1)[places]
        inputs = functional.pad(inputs, (0, 1), value=1.0).double()
        truth = wanted.permute(0, 2, 3, 1).flatten(0, 2)[places][:, chosen].double()
        square = inputs.T @ inputs
        hold = 1e-4 * square.diagonal().mean() * torch.eye(len(square), dtype=torch.float64)
        solved = torch.linalg.solve(square + hold, inputs.T @ truth + hold @ old).float()
        kernel = solved[:-1].T.reshape(len(chosen), -1, 3, 3)
        offset = solved[-1]
        thin = functional.conv2d(thin, kernel, offset, padding=1)
        if not last:
            whole, thin = functional.relu(wanted), functional.relu(thin)
            size = thin.square().mean((0, 2, 3)).sqrt()
            size = size.clamp(min=0.02 * float(size.max()))
            thin, kernel = thin / size[:, None, None], kernel / size[:, None, None, None]
            offset = offset / size
        assert layer.bias is not None
        layer.weight.data, layer.bias.data = kernel if i else six_wide(kernel), offset.clone()


def six_wide(kernel: Tensor) -> Tensor:
    """[n, 12, 3, 3] for unshuffled pixels as [n, 3, 6, 6] for the pixels themselves."""
    parts = kernel.reshape(-1, 3, 2, 2, 3, 3).permute(0, 1, 4, 2, 5, 3)
    return parts.reshape(-1, 3, 6, 6).contiguous()


def graph_of(net: Net) -> onnx.ModelProto:
    """``image`` [n, 3, h, w] -> ``restored``; written by hand, so that names stay."""
    *before, last = net.layers()
    chain, current = Chain(), "image"
    for number, layer in enumerate(before):
        current = chain.relu(chain.conv(layer, f"conv{number}", current))
        if net.blocks and number and number % EVERY == 0:
            name = f"block{number // EVERY}"
            first, second = net.blocks[number // EVERY - 1]  # type: ignore[misc]
            inner = chain.relu(chain.conv(first, f"{name}a", current))
            change = chain.conv(second, f"{name}b", inner)
            current = chain.node("Add", [current, change], name)
    chain.shuffled(chain.conv(last, f"conv{LAYERS + 1}", current), 2, "restored")
    return chain.model("definition", "restored", ("h", "w"))
