"""Trains the net ``definition``: takes JPEG artefacts away, blind to quality, grid and subsampling.

    python training/image_definition_enhance.py --data ../shared/data/train --minutes 145
    python training/image_definition_enhance.py --data ../shared/data/train --minutes 160 \\
        --deepen checkpoint.pt --checkpoint deep.pt

The first run trains the plain net (the one of ``definition_int8``), the second goes on with a deeper one.

Targets are sharp crops (``hr``) and reduced copies of the other photographs, whose own coding is gone
by reduction. Each is coded once or twice (quality 5..95, 4:2:0, 4:2:2 or 4:4:4, shifted grids, resized
between or after), some blurred before; some are left uncoded, so that the net learns to leave clean
pictures alone. The loss is the logarithm of each patch's squared error (its PSNR; L. Chen et al.,
"Simple baselines for image restoration", doi:10.1007/978-3-031-20071-7_2). A run that is stopped
goes on from its checkpoint. Needs torch, onnx, opencv and numpy; writes the net and its card.
"""

import argparse
import hashlib
import math
from pathlib import Path

import cv2
import numpy as np
import torch
from definition_data import Array, Patches, coded, tensor
from definition_net import Net, graph_of, start_from
from descent import arguments, descend
from torch import Tensor, nn

TARGET = Path(__file__).parents[1] / "src/xiutu/models/weights/definition.onnx"
FLOOR = (2.5 / 255) ** 2  # squared error that is good enough
METRIC = """PSNR-RGB gain on held-back crops {q10:.2f} / {q20:.2f} / {q40:.2f} dB at \
quality 10 / 20 / 40 (4:2:0), clean ones kept to {clean:.1f} dB"""
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0 AND MIT"
operators = ["image_definition_enhance"]
script = "training/image_definition_enhance.py"
data = "{count} public photos (wallpapers and food at full size; BSDS500, ImageNet samples, SUN, food, \
ECSSD, ADE20K and others reduced), coded at random; begun as FFDNet (KAIR, MIT), thinned"
research_only = true
metric = "{metric}"
limits = "coding artefacts only: no noise, no blur; text below 8 px stays as broken as coding left it"
"""


def gains(net: nn.Module, pictures: list[Array]) -> dict[str, float]:
    """Mean PSNR gain in dB on held-back crops at quality 10, 20, 40; PSNR of the clean ones."""
    found: dict[str, list[float]] = {"q10": [], "q20": [], "q40": [], "clean": []}
    for picture in pictures:
        whole = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2].copy()
        for key, values in found.items():
            factor = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
            bad = whole if key == "clean" else coded(whole, int(key[1:]), factor)
            with torch.no_grad():
                result = net(tensor([bad])).mul(255).round().clamp(0, 255)
            truth = tensor([whole]) * 255
            after = psnr(result, truth)
            values.append(after if key == "clean" else after - psnr(tensor([bad]) * 255, truth))
    return {key: float(np.mean(values)) for key, values in found.items()}


def psnr(a: Tensor, b: Tensor) -> float:
    """PSNR in dB of levels 0..255, at most 60."""
    return min(60.0, 10 * math.log10(255**2 / max(float((a - b).square().mean()), 1e-3)))


def train(args: argparse.Namespace) -> tuple[Net, Patches]:
    """The net as ``descend`` leaves it, and the patches it learnt from."""
    torch.manual_seed(1)
    net = Net(deep=args.deepen is not None)
    patches = Patches(args.data, args.patch, args.seed, args.limit)
    if args.deepen:
        net.load_state_dict(torch.load(args.deepen, weights_only=True)["mean"], strict=False)
    elif args.start and not args.checkpoint.exists():
        with torch.no_grad():
            start_from(net, args.start, patches.batch(48)[0])
    descend(net, patches, loss, args)
    return net, patches


def loss(result: Tensor, truth: Tensor) -> Tensor:
    """Logarithm of each patch's squared error, dB."""
    error = (result - truth).square().mean(dim=(1, 2, 3))
    return (error + FLOOR).log10().mean() * 10


def main() -> None:
    """Train; with ``--minutes 0`` only write what the checkpoint holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with hr/, photos/ ...")
    parser.add_argument(
        "--out", type=Path, default=TARGET, help="ONNX file; the card goes beside it"
    )
    parser.add_argument("--start", type=Path, help="ffdnet_color.onnx of the model store")
    parser.add_argument("--deepen", type=Path, help="checkpoint of the plain net to go on from")
    arguments(parser, patch=80)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    net, patches = train(args)
    figures = gains(net, patches.held)
    metric = METRIC.format(**figures)
    print(metric)
    data = graph_of(net).SerializeToString()
    args.out.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    card = CARD.format(sha256=digest, count=patches.count, metric=metric)
    args.out.with_suffix(".toml").write_text(card)


if __name__ == "__main__":
    main()
