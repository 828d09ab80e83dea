"""The net ``definition``: its layers, how it starts as a thinned FFDNet, and its ONNX graph."""

from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

WIDTH, LAYERS = 64, 10  # channels; convolutions between the first and the last
CALM = 33  # px, side of the window in which the mean is kept
SIGMA = 12.0  # noise, in levels, that FFDNet is set to at the start
SAMPLES = 12000  # places that the least squares look at


class Net(nn.Module):
    """[n, 3, h, w] 0..1 to the same, even sides: a chain of 3 x 3 convolutions at half the size.

    The first one is written as 6 x 6 with stride 2, the last one is followed by a pixel shuffle.
    """

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, WIDTH, 6, stride=2, padding=2)
        inner = [nn.Conv2d(WIDTH, WIDTH, 3, padding=1) for _ in range(LAYERS)]
        self.body = nn.ModuleList(inner)
        self.tail = nn.Conv2d(WIDTH, 12, 3, padding=1)
        for layer in (self.head, *inner):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.head(x))
        for layer in self.body:
            y = functional.relu(layer(y))
        with torch.autocast("cpu", enabled=False):  # carries the picture itself: 8 bits are too few
            return levelled(functional.pixel_shuffle(self.tail(y.float()), 2), x)

    def layers(self) -> list[nn.Conv2d]:
        """First to last."""
        return [self.head, *self.body, self.tail]  # type: ignore[list-item]


def levelled(result: Tensor, source: Tensor) -> Tensor:
    """``result`` with the local brightness and colour of ``source``: means over ``CALM`` squared.

    Coding keeps these, but a net that carries the whole picture lets them drift with every step of
    the training and with 8-bit weights. The exported net leaves this to its caller.
    """
    change = result - source
    for side in ((CALM, 1), (1, CALM)):
        half = (side[0] // 2, side[1] // 2)
        change = functional.avg_pool2d(change, side, 1, half, count_include_pad=False)
    return result - change


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
    nodes, weights, current = [], [], "image"
    for number, layer in enumerate(net.layers()):
        assert layer.bias is not None
        name = f"conv{number}"
        for part, value in (("w", layer.weight), ("b", layer.bias)):
            array = value.detach().contiguous().numpy()
            weights.append(numpy_helper.from_array(array, f"{name}.{part}"))
        inputs = [current, f"{name}.w", f"{name}.b"]
        sizes = {"strides": layer.stride, "pads": [int(p) for p in layer.padding] * 2}  # type: ignore[arg-type]
        nodes.append(helper.make_node("Conv", inputs, [name], **sizes))
        current = name
        if layer is not net.tail:
            current = f"relu{number}"
            nodes.append(helper.make_node("Relu", [name], [current]))
    wide = {"blocksize": 2, "mode": "CRD"}
    nodes.append(helper.make_node("DepthToSpace", [current], ["restored"], **wide))
    shape = ["n", 3, "h", "w"]
    graph = helper.make_graph(
        nodes,
        "definition",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("restored", TensorProto.FLOAT, shape)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model
