"""EfficientNet-Lite0 as a backbone that is fine-tuned on a CPU, and what decoders are made of."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

from xiutu.models.converters.efficientnet import STRIDED

BLOCKS = 16
TRAINED = 5  # first block that is fine-tuned


class _Depthwise(torch.autograd.Function):
    """Depthwise convolution with SAME padding whose weights stay as they are.

    The gradient for the input alone is a depthwise convolution again, and that is many times faster
    on a CPU than the gradient for the weights.
    """

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, stride: int
    ) -> torch.Tensor:
        weight, bias = weight.to(x.dtype), bias.to(x.dtype)
        ctx.save_for_backward(weight)
        ctx.stride = stride
        return _same(x, weight, bias, stride)

    @staticmethod
    def backward(  # type: ignore[override]
        ctx: Any, gradient: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        (weight,) = ctx.saved_tensors
        size, stride = weight.shape[2], ctx.stride
        before = (size - stride) // 2
        if stride > 1:
            n, c, h, w = gradient.shape
            spread = gradient.new_zeros(n, c, h * stride, w * stride)
            spread = spread.contiguous(memory_format=torch.channels_last)
            spread[:, :, ::stride, ::stride] = gradient
            gradient = spread
        gradient = functional.pad(gradient, (size - 1 - before, before) * 2)
        flipped = weight.flip(2, 3)
        return functional.conv2d(gradient, flipped, groups=len(weight)), None, None, None


def _same(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, stride: int
) -> torch.Tensor:
    """Convolution with the padding TensorFlow calls SAME (inputs of even size)."""
    total = weight.shape[2] - stride
    groups = len(weight) if weight.shape[1] == 1 else 1
    if total % 2 == 0:
        return functional.conv2d(x, weight, bias, stride, total // 2, groups=groups)
    x = functional.pad(x, (total // 2, total - total // 2) * 2)
    return functional.conv2d(x, weight, bias, stride, groups=groups)


class Same(nn.Conv2d):
    """Convolution as the backbone has it; depthwise ones are never trained."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.groups > 1 and x.requires_grad:
            return _Depthwise.apply(x, self.weight, self.bias, self.stride[0])
        return _same(x, self.weight, self.bias, self.stride[0])


class Block(nn.Module):
    """Inverted residual with ReLU6."""

    def __init__(self, weights: dict[str, NDArray[np.float32]], name: str, stride: int) -> None:
        super().__init__()
        expand = f"{name}.expand"
        self.expand = _conv(weights, expand) if f"{expand}.w" in weights else None
        self.depthwise = _conv(weights, f"{name}.depthwise", stride)
        self.project = _conv(weights, f"{name}.project")
        first = self.expand or self.depthwise
        self.residual = stride == 1 and first.in_channels == self.project.out_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x if self.expand is None else functional.relu6(self.expand(x))
        y = self.project(functional.relu6(self.depthwise(y)))
        return x + y if self.residual else y


def _conv(weights: dict[str, NDArray[np.float32]], name: str, stride: int = 1) -> Same:
    kernel, bias = weights[f"{name}.w"], weights[f"{name}.b"]
    groups = len(kernel) if kernel.shape[1] == 1 else 1
    conv = Same(kernel.shape[1] * groups, len(kernel), kernel.shape[2], stride, groups=groups)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor(kernel))
        assert conv.bias is not None
        conv.bias.copy_(torch.tensor(bias))
    return conv


class Backbone(nn.Module):
    """The catalogue's ``efficientnet_lite0`` without its classifier, batch norms folded."""

    def __init__(self, path: Path, taps: tuple[int, ...]) -> None:
        super().__init__()
        self.taps = taps
        graph = onnx.load(str(path)).graph
        weights = {w.name: numpy_helper.to_array(w) for w in graph.initializer}
        self.stem = _conv(weights, "stem", 2)
        self.blocks = nn.ModuleList(
            Block(weights, f"block{i}", 2 if i in STRIDED else 1) for i in range(BLOCKS)
        )

    def unfreeze(self, moving: bool) -> None:
        """Let the pointwise convolutions of the later blocks be trained, or nothing."""
        self.requires_grad_(False)
        for block in self.blocks[TRAINED:]:
            for conv in (block.expand, block.project):
                conv.requires_grad_(moving)

    def forward(self, picture: torch.Tensor) -> list[torch.Tensor]:
        """Results of the blocks in ``taps`` and of the last one.

        ``picture`` is [n, 1 or 3, h, w], grey or RGB, 0..1.
        """
        x = (picture * (255 / 128) - 127 / 128).expand(-1, 3, -1, -1)
        with torch.no_grad():
            x = functional.relu6(self.stem(x))
        found = []
        for number, block in enumerate(self.blocks):
            with torch.set_grad_enabled(torch.is_grad_enabled() and number >= TRAINED):
                x = block(x)
            if number in self.taps:
                found.append(x)
        return [*found, x]


class Step(nn.Sequential):
    """3 x 3 convolution, batch norm, ReLU."""

    def __init__(self, source: int, target: int, kernel: int = 3) -> None:
        conv = nn.Conv2d(source, target, kernel, padding=kernel // 2, bias=False)
        super().__init__(conv, nn.BatchNorm2d(target), nn.ReLU())


def twice(x: torch.Tensor) -> torch.Tensor:
    """Bilinearly enlarged by two."""
    return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
