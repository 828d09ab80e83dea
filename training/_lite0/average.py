"""The moving average of weights that is exported in place of the last step's."""

import torch
from torch import nn


def blend(average: nn.Module, net: nn.Module, share: float) -> None:
    """Move the averaged weights towards the present ones; buffers are taken as they are."""
    with torch.no_grad():
        for old, new in zip(average.parameters(), net.parameters(), strict=True):
            old.lerp_(new, 1 - share)
        for old, new in zip(average.buffers(), net.buffers(), strict=True):
            old.copy_(new)
