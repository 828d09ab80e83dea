"""The net ``enlarge``: its layers and its ONNX graph."""

import onnx
import torch
from definition_net import Net
from onnx_graph import Chain
from torch import Tensor, nn
from torch.nn import functional


class Enlarge(nn.Module):
    """[n, 3, h, w] 0..1 with even sides to [n, 3, 2h, 2w]: the trunk of ``definition`` on top of a
    learnt 5 x 5 upsampling, which begins as the bicubic one.
    """

    def __init__(self) -> None:
        super().__init__()
        trunk = Net(deep=False)
        self.linear = nn.Conv2d(3, 12, 5, padding=2)
        self.head, self.body = trunk.head, trunk.body
        self.tail = nn.Conv2d(trunk.tail.in_channels, 48, 3, padding=1)
        with torch.no_grad():
            self.tail.weight.zero_()  # noise in the result would silence the layers before
            self.tail.bias.zero_()  # type: ignore[union-attr]
            self.linear.weight.copy_(bicubic())
            self.linear.bias.zero_()  # type: ignore[union-attr]

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.head(x))
        for layer in self.body:
            y = functional.relu(layer(y))
        with torch.autocast("cpu", enabled=False):  # carries the picture itself: 8 bits are too few
            plain = functional.pixel_shuffle(self.linear(x.float()), 2)
            return plain + functional.pixel_shuffle(self.tail(y.float()), 4)


def bicubic() -> Tensor:
    """Weights of ``linear`` that enlarge by two as bicubic interpolation does, [12, 3, 5, 5]."""
    # a quarter pixel off the centre, a = -0.5: the four nearest of five taps
    near = torch.tensor([-0.0703125, 0.8671875, 0.2265625, -0.0234375])
    before = torch.cat([near.flip(0), torch.zeros(1)])
    rows = torch.stack([before, before.flip(0)])  # the upper, the lower of two new pixels
    weights = torch.zeros(12, 3, 5, 5)
    for colour in range(3):
        for y in range(2):
            for x in range(2):
                weights[colour * 4 + y * 2 + x, colour] = torch.outer(rows[y], rows[x])
    return weights


def graph_of(net: Enlarge) -> onnx.ModelProto:
    """``image`` [n, 3, h, w] -> ``enlarged``; written by hand, so that names stay."""
    chain, current = Chain(), "image"
    for number, layer in enumerate([net.head, *net.body]):
        current = chain.relu(chain.conv(layer, f"conv{number}", current))  # type: ignore[arg-type]
    chain.conv(net.tail, "tail", current)
    chain.conv(net.linear, "linear", "image")
    chain.shuffled("tail", 4, "tail.wide")
    chain.shuffled("linear", 2, "linear.wide")
    chain.node("Add", ["tail.wide", "linear.wide"], "enlarged")
    return chain.model("enlarge", "enlarged", ("h2", "w2"))
