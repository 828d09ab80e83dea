"""The three nets of remove_moire: restorer, judge, tone (see remove_moire.py)."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

JUDGED, THUMBNAIL = 128, 32  # sides of what the judge and the tone curves look at, px
CURVE = 3  # numbers a channel's tone curve has: lift, gain, bend


class Block(nn.Module):
    """Residual block: two 3 x 3 convolutions, optionally dilated."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.second = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation)
        with torch.no_grad():
            self.second.weight *= 0.1

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(functional.relu(self.first(x)))


class Restorer(nn.Module):
    """Takes moire off; [n, 3, h, w] 0..1, sides multiples of 8, same size out.

    U-shaped at half, quarter and an eighth of the size; dilated blocks at the bottom see about
    220 px, so that bands as wide as 100 px are recognised as such.
    """

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(12, 32, 3, padding=1)
        self.fine_in = Block(32)
        self.down1 = nn.Conv2d(32, 64, 3, stride=2, padding=1)
        self.middle_in = nn.Sequential(Block(64), Block(64))
        self.down2 = nn.Conv2d(64, 96, 3, stride=2, padding=1)
        self.coarse = nn.Sequential(Block(96), Block(96, 2), Block(96, 4))
        self.up2 = nn.Conv2d(96, 256, 1)
        self.middle_out = nn.Sequential(Block(64), Block(64))
        self.up1 = nn.Conv2d(64, 128, 1)
        self.fine_out = Block(32)
        self.tail = nn.Conv2d(32, 12, 3, padding=1)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)

    def forward(self, image: Tensor) -> Tensor:
        fine = self.fine_in(self.head(functional.pixel_unshuffle(image - 0.5, 2)))
        middle = self.middle_in(functional.relu(self.down1(fine)))
        coarse = self.coarse(self.down2(middle))  # a ReLU here died in training
        middle = self.middle_out(middle + functional.pixel_shuffle(self.up2(coarse), 2))
        fine = self.fine_out(fine + functional.pixel_shuffle(self.up1(middle), 2))
        return image + functional.pixel_shuffle(self.tail(fine), 2)


class Judge(nn.Module):
    """Whether a patch shows a screen; [n, 3, 128, 128] 0..1 to logits [n]."""

    def __init__(self) -> None:
        super().__init__()
        widths = (12, 32, 48, 64, 96)
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=1 if a == 12 else 2, padding=1) for a, b in pairwise(widths)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for b in widths[1:])
        self.out = nn.Linear(2 * widths[-1], 1)

    def forward(self, patches: Tensor) -> Tensor:
        # Without its mean, a patch cannot be judged by its brightness or cast.
        x = functional.pixel_unshuffle(patches - patches.mean(dim=(2, 3), keepdim=True), 2)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = functional.relu(norm(layer(x)))
        pooled = torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)
        return self.out(pooled).squeeze(1)


class Tone(nn.Module):
    """Tone curves that undo what screen and camera did; [n, 3, h, w] thumbnail to [n, 3, CURVE].

    Several perceptrons on soft histograms, averaged: pairs are few.
    """

    def __init__(self, members: int = 6, hidden: int = 48) -> None:
        super().__init__()
        features = 16 + 3 * 8 + 8 + 8
        self.norm = nn.BatchNorm1d(features)
        self.members = nn.ModuleList(
            nn.Sequential(
                nn.Linear(features, hidden),
                nn.ReLU(),
                nn.Dropout(0.5),
                nn.Linear(hidden, 3 * CURVE),
            )
            for _ in range(members)
        )
        for member in self.members:
            nn.init.zeros_(member[-1].weight)
            nn.init.zeros_(member[-1].bias)

    def each(self, told: Tensor) -> Tensor:
        """Every member's curves, [members, n, 3, CURVE], from ``features``."""
        x = self.norm(told)
        return torch.stack([m(x).unflatten(1, (3, CURVE)) for m in self.members])

    def forward(self, thumbnail: Tensor) -> Tensor:
        return self.each(features(thumbnail)).mean(dim=0)


def features(thumbnail: Tensor) -> Tensor:
    """Soft histograms of luma, channels, chroma and local contrast, [n, 56]."""
    luma = thumbnail.mean(dim=1, keepdim=True)
    chroma = thumbnail.amax(dim=1, keepdim=True) - thumbnail.amin(dim=1, keepdim=True)
    local = (
        luma - functional.avg_pool2d(luma, 3, stride=1, padding=1, count_include_pad=False)
    ).abs()
    parts = [
        histogram(luma, 16),
        *(histogram(thumbnail[:, c : c + 1], 8) for c in range(3)),
        histogram(chroma.sqrt(), 8),
        histogram((4 * local).clamp(0, 1).sqrt(), 8),
    ]
    return torch.cat(parts, dim=1).clamp_min(1e-6).sqrt()


def histogram(x: Tensor, bins: int) -> Tensor:
    """Shares of the values near ``bins`` equally spaced centres in 0..1, [n, bins]."""
    centres = torch.linspace(0, 1, bins).view(1, bins, 1)
    flat = x.flatten(1).unsqueeze(1)
    return functional.relu(1 - (flat - centres).abs() * (bins - 1)).mean(dim=2)


def bent(image: Tensor, curves: Tensor) -> Tensor:
    """``image`` after its tone curves: x + lift + gain (x - 1/2) + bend 4 x (1 - x)."""
    lift, gain, bend = curves[..., None, None].unbind(dim=-3)
    return image + lift + gain * (image - 0.5) + bend * 4 * image * (1 - image)


class Screen(nn.Module):
    """Judge and tone in one graph, as exported."""

    def __init__(self, judge: Judge, tone: Tone) -> None:
        super().__init__()
        self.judge, self.tone = judge, tone

    def forward(self, patches: Tensor, thumbnail: Tensor) -> tuple[Tensor, Tensor]:
        return self.judge(patches), self.tone(thumbnail)
