"""EfficientNet-Lite0 with a U-shaped decoder that names a colour bin for every 4 x 4 pixels."""

from pathlib import Path

import torch
from _lite0.net import Backbone, Step, twice
from torch import nn

TAPS = (2, 4, 10)  # blocks whose results the decoder is given: strides 4, 8 and 16


class Decoder(nn.Module):
    """From stride 32 up to stride 4; the mean of the whole picture is told to every place."""

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.scene = nn.Linear(320, 128)
        self.top = Step(320, 128, 1)
        self.mid = Step(128 + 112, 128)
        self.low = Step(128 + 40, 96)
        self.thin = Step(96, 64, 1)
        self.fine = Step(64 + 24, 64)
        self.last = Step(64, 64)
        self.bins = nn.Conv2d(64, bins, 1)
        self.drop = nn.Dropout2d(0.1)

    def forward(self, features: list[torch.Tensor], phase: tuple[int, int] | None) -> torch.Tensor:
        s4, s8, s16, s32 = features
        s16, s32 = self.drop(s16), self.drop(s32)
        scene = self.scene(s32.mean((2, 3)))[:, :, None, None]
        x = self.top(s32) + scene
        x = self.mid(torch.cat([twice(x), s16], 1))
        x = self.low(torch.cat([twice(x), s8], 1))
        x = self.fine(torch.cat([twice(self.thin(x)), s4], 1))
        x = self.last(x)
        if phase is not None:
            x = x[:, :, phase[0] :: 2, phase[1] :: 2]
        result: torch.Tensor = self.bins(x)
        return result


class Colourizer(nn.Module):
    """Grey [n, 1, h, w] 0..1 (sides multiples of 32) to logits of colour bins at a quarter."""

    def __init__(self, backbone: Path, bins: int) -> None:
        super().__init__()
        self.backbone = Backbone(backbone, TAPS)
        self.decoder = Decoder(bins)

    def forward(self, grey: torch.Tensor, phase: tuple[int, int] | None = None) -> torch.Tensor:
        """All places, or every other row and column from ``phase`` on (a quarter of the work)."""
        result: torch.Tensor = self.decoder(self.backbone(grey), phase)
        return result
