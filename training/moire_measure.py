"""What the nets of remove_moire reach on pairs held back."""

from typing import Any

import numpy as np
import torch
from moire_nets import JUDGED, THUMBNAIL, Judge, Restorer, Tone, bent
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

Array = NDArray[Any]


@torch.no_grad()
def measure(restorer: Restorer, pool: dict[str, Array], held: Array) -> dict[str, float]:
    """Gain in dB after a fit of gain and offset on held pairs, and PSNR of pictures to be kept."""
    moire, own = (tensor(pool[k][held]) for k in ("moire", "own"))
    good = tensor(pool["good"][: len(moire)])
    result = torch.cat([restorer(m[None]) for m in moire]).clamp(0, 1)
    gain = psnr(fitted(result, own), own) - psnr(fitted(moire, own), own)
    kept = psnr(torch.cat([restorer(g[None]) for g in good]).clamp(0, 1), good)
    return {
        "gain": float(gain.mean()),
        "worse": float((gain < 0).float().mean()),
        "kept": float(kept.mean()),
    }


@torch.no_grad()
def measure_judge(judge: Judge, pool: dict[str, Array], held: Array) -> dict[str, float]:
    """How well four patches a picture tell held moire from held originals and other pictures."""
    judge.eval()
    corners = [
        (slice(y, y + JUDGED), slice(x, x + JUDGED)) for y in (0, JUDGED) for x in (0, JUDGED)
    ]
    scores = []
    for pictures in (pool["moire"][held], pool["own"][held], pool["good"][:100]):
        whole = tensor(pictures)
        scores.append(torch.stack([judge(whole[:, :, y, x]) for y, x in corners]).mean(dim=0))
    yes, no = scores[0], torch.cat(scores[1:])
    return {
        "area": float((yes[:, None] > no).float().mean()),
        "hit": float((yes > 0).float().mean()),
        "false": float((no > 0).float().mean()),
    }


def tensor(pictures: Array) -> Tensor:
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2).astype(np.float32) / 255)


def fitted(image: Tensor, goal: Tensor) -> Tensor:
    """Per channel the gain and offset that bring ``image`` nearest to ``goal``."""
    a, b = (v - v.mean(dim=(2, 3), keepdim=True) for v in (image, goal))
    slope = (a * b).mean(dim=(2, 3), keepdim=True)
    slope = slope / a.square().mean(dim=(2, 3), keepdim=True).clamp_min(1e-6)
    return slope * a + goal.mean(dim=(2, 3), keepdim=True)


def psnr(a: Tensor, b: Tensor) -> Tensor:
    return -10 * torch.log10((a - b).square().mean(dim=(1, 2, 3)).clamp_min(1e-10))


@torch.no_grad()
def measure_tone(tone: Tone, pool: dict[str, Array], held: Array) -> dict[str, float]:
    """Gain in dB of the curves on thumbnails of held pairs."""
    moire, own = (
        functional.adaptive_avg_pool2d(tensor(pool[k][held]), THUMBNAIL) for k in ("moire", "own")
    )
    gain = psnr(bent(moire, tone(moire)).clamp(0, 1), own) - psnr(moire, own)
    marks = {"tone": float(gain.mean()), "tone_worse": float((gain < -1).float().mean())}
    print(marks)
    return marks
