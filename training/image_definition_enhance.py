"""Trains the net ``definition``: takes JPEG artefacts away, blind to quality, grid and subsampling.

    python training/image_definition_enhance.py --data ../shared/data/train --minutes 90

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
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from definition_data import Array, Patches, coded, tensor
from definition_net import Net, graph_of, start_from
from torch import Tensor, nn

TARGET = Path(__file__).parents[1] / "src/xiutu/models/weights/definition.onnx"
KEEP = 0.998  # moving average of the weights
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
    """Until ``--steps`` or ``--minutes`` are over, whichever comes first; the rate falls as a cosine."""
    torch.manual_seed(1)
    net, patches = Net(), Patches(args.data, args.patch, args.seed, args.limit)
    if args.start and not args.checkpoint.exists():
        with torch.no_grad():
            start_from(net, args.start, patches.batch(48)[0])
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = {k: v.detach().clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.AdamW(net.parameters(), args.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    step, spent = 0, 0.0
    if args.checkpoint.exists():
        state = torch.load(args.checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        mean, step, spent = state["mean"], state["step"], state["spent"]
        patches._rng = np.random.default_rng([args.seed, step])
    begin, saved, losses = time.monotonic() - spent, time.monotonic(), []
    while True:
        spent = time.monotonic() - begin
        done = max(step / max(args.steps, 1), spent / 60 / args.minutes)
        if done >= 1:
            break
        warm = min(1.0, (step + 1) / 100)
        for group in optimiser.param_groups:
            group["lr"] = args.rate * warm * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * done)))
        bad, good = patches.batch(args.batch)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16):
            result = net(bad.contiguous(memory_format=torch.channels_last))
        error = (result.float() - good).square().mean(dim=(1, 2, 3))
        loss = (error + FLOOR).log10().mean() * 10
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), args.clip)
        optimiser.step()
        step += 1
        keep = min(KEEP, step / (step + 10))
        with torch.no_grad():
            for key, value in net.state_dict().items():
                mean[key].lerp_(value, 1 - keep)
        losses.append(float(loss.detach()))
        if step % args.report == 0:
            print(f"step {step} loss {np.mean(losses):.4f} after {spent:.0f} s", flush=True)
            losses = []
        if time.monotonic() - saved > args.save:
            saved = time.monotonic()
            store(args.checkpoint, net, optimiser, mean, step, spent)
    store(args.checkpoint, net, optimiser, mean, step, spent)
    net.load_state_dict(mean)
    return net, patches


def store(
    path: Path,
    net: Net,
    optimiser: torch.optim.Optimizer,
    mean: dict[str, Tensor],
    step: int,
    spent: float,
) -> None:
    """Write the checkpoint so that a stop in the middle leaves the old one."""
    state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "mean": mean}
    torch.save({**state, "step": step, "spent": spent}, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def main() -> None:
    """Train, or with ``--export`` only write what the checkpoint holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with hr/, photos/ ...")
    parser.add_argument("--checkpoint", type=Path, default=Path("definition.pt"))
    parser.add_argument(
        "--out", type=Path, default=TARGET, help="ONNX file; the card goes beside it"
    )
    parser.add_argument("--start", type=Path, help="ffdnet_color.onnx of the model store")
    parser.add_argument("--export", action="store_true", help="no training")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--steps", type=int, default=10**9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--patch", type=int, default=80, help="side, px; a multiple of 8")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--clip", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=10**9, help="pictures per folder at most")
    parser.add_argument("--report", type=int, default=100, help="steps between lines")
    parser.add_argument("--save", type=float, default=120, help="seconds between checkpoints")
    parser.add_argument(
        "--bfloat16", action="store_true", help="faster where the processor has AMX"
    )
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    if args.export:
        args.minutes = 1e-9
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
