"""Trains the net ``enlarge``: doubles a clean picture's sides, for what is too large for SPAN alone.

    python training/enlarge.py --data ../shared/data/train --start definition.pt --minutes 45

Sharp crops and reduced photographs are halved with the antialiased bicubic filter; the net learns
what is lost, on top of a learnt linear upsampling. It begins with the trunk of ``definition``
(``--start``, a checkpoint). Needs torch, onnx, opencv, Pillow and numpy; writes the net and its card.
"""

import argparse
import hashlib
from pathlib import Path

import cv2
import numpy as np
import torch
from definition_data import Array, Patches, tensor
from descent import arguments, descend
from enlarge_net import Enlarge, graph_of
from image_definition_enhance import psnr
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

TARGET = Path(__file__).parents[1] / "src/xiutu/models/weights/enlarge.onnx"
SHAVED = 4  # px beside each edge of a patch that do not count: the net sees black beyond
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0 AND MIT"
operators = ["image_quality_enhance"]
script = "training/enlarge.py"
data = "{count} public photos (wallpapers and food at full size; BSDS500, ImageNet samples, SUN, food, \
ECSSD, ADE20K and others reduced), halved; begun as definition"
research_only = true
metric = "PSNR-RGB on held-back crops {net:.2f} dB, bicubic {cubic:.2f} dB"
limits = "clean pictures only: noise and coding artefacts are enlarged, too"
"""


def halved(crop: Array, side: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """(half of it, ``side`` squared) of a crop."""
    top, left = (int(v) for v in rng.integers(0, np.array(crop.shape[:2]) - side + 1))
    whole = crop[top : top + side, left : left + side]
    small = Image.fromarray(whole).resize((side // 2, side // 2), Image.Resampling.BICUBIC)
    return np.asarray(small), whole


def loss(result: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute difference, levels."""
    return inner(result - truth).abs().mean() * 255


def inner(planes: Tensor) -> Tensor:
    return planes[:, :, SHAVED:-SHAVED, SHAVED:-SHAVED]


def compared(net: nn.Module, pictures: list[Array]) -> tuple[float, float]:
    """Mean PSNR in dB on held-back crops: the net's, and that of bicubic interpolation."""
    found = []
    for picture in pictures:
        height, width = (v // 4 * 4 for v in picture.shape[:2])
        whole = np.ascontiguousarray(picture[:height, :width])
        half = Image.fromarray(whole).resize((width // 2, height // 2), Image.Resampling.BICUBIC)
        small, truth = tensor([np.asarray(half)]), tensor([whole]) * 255
        with torch.no_grad():
            plain = functional.interpolate(small, scale_factor=2, mode="bicubic", antialias=True)
            both = [v.mul(255).round().clamp(0, 255) for v in (net(small), plain)]
        found.append([psnr(inner(v), inner(truth)) for v in both])
    own, cubic = np.mean(found, axis=0)
    return float(own), float(cubic)


def main() -> None:
    """Train, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with hr/, photos/ ...")
    parser.add_argument("--out", type=Path, default=TARGET, help="ONNX; the card goes beside it")
    parser.add_argument("--start", type=Path, help="checkpoint of definition")
    arguments(parser, patch=112)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    cv2.setNumThreads(1)
    net = Enlarge()
    if args.start:
        begun = torch.load(args.start, weights_only=True)["mean"]
        same = {k: v for k, v in begun.items() if not k.startswith("tail")}
        net.load_state_dict(same, strict=False)
    patches = Patches(args.data, args.patch, args.seed, args.limit, halved)
    descend(net, patches, loss, args)
    own, cubic = compared(net, patches.held)
    print(f"held back: {own:.2f} dB, bicubic {cubic:.2f} dB")
    data = graph_of(net).SerializeToString()
    args.out.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    card = CARD.format(sha256=digest, count=patches.count, net=own, cubic=cubic)
    args.out.with_suffix(".toml").write_text(card)


if __name__ == "__main__":
    main()
