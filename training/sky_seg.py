"""Trains the net ``sky``: which places of a photo are sky, and whether there is any.

    python training/sky_seg.py --data ../shared/data/train --minutes 30

EfficientNet-Lite0 of the catalogue (``xiutu models pull efficientnet_lite0``) with a U-shaped decoder
(Ronneberger, Fischer, Brox, MICCAI 2015, doi:10.1007/978-3-319-24574-4_28), frozen at first, then
fine-tuned at a lower rate. Half-way the averaged net labels outdoor photos that have no masks
(pseudo-labels: Lee, ICML 2013 workshop); places it is unsure of do not count. The averaged weights
are exported every few hundred steps. Stopped runs go on from their checkpoint.
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from _lite0.average import blend
from _sky.data import UNKNOWN, Item, bare, batches, fitted, labelled, pool, read
from _sky.net import SkyNet, export
from torch.nn import functional

WEIGHTS = Path(__file__).parents[1] / "src" / "xiutu" / "models" / "weights"
FROZEN = 0.15  # share of the run before the backbone moves
TEACHES = 0.45  # share of the run after which the net labels the pool
HELD_BACK = 10  # one labelled picture in so many validates
AREA = 320 * 320  # px, pictures are judged at


def loss_of(sky: torch.Tensor, some: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the places that are known, twice as heavy near edges, and of "any sky"."""
    whole = functional.interpolate(
        sky.float(), scale_factor=2, mode="bilinear", align_corners=False
    )[:, 0]
    level = mask.float() / 255
    known = (mask != UNKNOWN).float()
    spread = functional.max_pool2d(level[:, None], 9, 1, 4) + functional.max_pool2d(
        -level[:, None], 9, 1, 4
    )
    weight = known * (1 + spread[:, 0])
    each = functional.binary_cross_entropy_with_logits(whole, level, reduction="none")
    share = ((level > 0.75) * known).mean((1, 2))
    clear = ((share > 0.003) | (share == 0)).float()
    scene = functional.binary_cross_entropy_with_logits(
        some.float()[:, 0], (share > 0.003).float(), reduction="none"
    )
    return (each * weight).sum() / weight.sum() + 0.1 * (scene * clear).mean()


def judged(net: SkyNet, picture: np.ndarray) -> np.ndarray:
    """Probability of sky at the size of the picture, mean of it and its mirror image."""
    small = fitted(picture, AREA).astype(np.float32) / 255
    both = np.stack([small, small[:, ::-1]]).transpose(0, 3, 1, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        sky, some = net(torch.tensor(both).to(memory_format=torch.channels_last))
    found = sky.float().sigmoid().numpy()[:, 0]
    mean = (found[0] + found[1][:, ::-1]) / 2
    if float(some.float().sigmoid().mean()) < 0.3:
        mean *= 0
    return cv2.resize(mean, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)


@torch.no_grad()
def validate(net: SkyNet, held: list[Item]) -> float:
    """Pooled IoU."""
    net.eval()
    both = either = 1e-9
    for item in held:
        assert item.mask is not None
        found, truth = judged(net, item.picture) > 0.5, item.mask > UNKNOWN
        both += (found & truth).sum()
        either += (found | truth).sum()
    return float(both / either)


@torch.no_grad()
def guess(net: SkyNet, paths: list[Path]) -> list[Item]:
    """Photos the net is sure about, with its masks."""
    net.eval()
    found = []
    for path in paths:
        picture = read(path)
        likely = judged(net, picture)
        sure = (likely < 0.12) | (likely > 0.88)
        if sure.mean() > 0.93:
            mask = np.where(likely > 0.5, 255, 0)
            found.append(Item(picture, np.where(sure, mask, UNKNOWN).astype(np.uint8), 0.5))
    return found


def main() -> None:
    """Read, train, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".work/sky"), help="checkpoint")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder of the exported net")
    parser.add_argument("--backbone", type=Path, help="default: efficientnet_lite0 of the store")
    parser.add_argument("--minutes", type=float, default=30, help="length of the whole run")
    parser.add_argument("--steps", type=int, help="length in steps, instead of --minutes")
    parser.add_argument("--every", type=int, default=2, help="one photo in so many is labelled")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    torch.manual_seed(1)
    args.work.mkdir(parents=True, exist_ok=True)
    if args.backbone is None:
        from xiutu.models import weights_path

        args.backbone = weights_path("efficientnet_lite0")
    train(args)


def train(args: argparse.Namespace) -> None:
    """The run: progress 0..1 by time or by steps drives the schedule."""
    marked = labelled(args.data)
    order = np.random.default_rng(0).permutation(len(marked))
    held = [marked[i] for i in order[::HELD_BACK]]
    chosen = [marked[i] for n, i in enumerate(order) if n % HELD_BACK]
    empty = bare(args.data)
    items = chosen + empty
    print(f"{len(chosen)} labelled, {len(empty)} without sky, {len(held)} held back", flush=True)
    net = SkyNet(args.backbone).to(memory_format=torch.channels_last)
    average = SkyNet(args.backbone)
    average.load_state_dict(net.state_dict())
    backbone = list(net.backbone.parameters())
    known = {id(p) for p in backbone}
    decoder = [p for p in net.parameters() if id(p) not in known]
    groups = [
        {"params": decoder, "rate": 2e-3, "weight_decay": 1e-2},
        {"params": backbone, "rate": 2e-4, "weight_decay": 1e-3},
    ]
    optimiser = torch.optim.AdamW(groups, lr=1e-3)
    step, spent, guessed, seen = 0, 0.0, -1, []
    state = args.work / "checkpoint.pt"
    if state.exists():
        kept = torch.load(state, weights_only=True)
        net.load_state_dict(kept["net"])
        average.load_state_dict(kept["average"])
        optimiser.load_state_dict(kept["optimiser"])
        step, spent = kept["step"], kept["spent"]
    saved = last = time.monotonic()
    stream = batches(items, args.size, args.batch, seed=step)
    while True:
        now = time.monotonic()
        spent, last = spent + now - last, now
        done = step / args.steps if args.steps else spent / (60 * args.minutes)
        if now - saved > 120 or done >= 1:
            saved = now
            torch.save({"net": net.state_dict(), "average": average.state_dict(),
                        "optimiser": optimiser.state_dict(), "step": step, "spent": spent},
                       state.with_suffix(".new"))  # fmt: skip
            state.with_suffix(".new").replace(state)
        if done >= 1 or (step % 400 == 0 and step):
            iou = validate(average, held)
            counts = (len(chosen), len(empty), max(guessed, 0))
            export(average, args.out / "sky.onnx", counts=counts, iou=iou)
            print(f"held back: pooled IoU {iou:.4f}", flush=True)
        if done >= 1:
            return
        if guessed < 0 and done >= TEACHES:
            extra = guess(average, pool(args.data)[:: args.every])
            guessed = len(extra)
            items.extend(extra)
            print(f"{guessed} photos labelled by the net", flush=True)
        moving = done >= FROZEN
        schedule = min(1.0, (step + 1) / 20) * max(0.01, 0.5 + 0.5 * np.cos(np.pi * done))
        for number, group in enumerate(optimiser.param_groups):
            group["lr"] = float(group["rate"] * schedule * (number == 0 or moving))
        net.train()
        net.backbone.unfreeze(moving)
        picture, mask = next(stream)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            planes = torch.tensor(picture.transpose(0, 3, 1, 2))
            sky, some = net(planes.to(memory_format=torch.channels_last))
        loss = loss_of(sky, some, torch.tensor(mask))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        blend(average, net, min(0.998, step / (step + 10)))
        seen.append(float(loss.detach()))
        if step % 50 == 0 or (args.steps and step % 5 == 0):
            print(
                f"step {step} {100 * done:.1f} % loss {np.mean(seen):.4f} {spent:.0f} s", flush=True
            )
            seen = []


if __name__ == "__main__":
    main()
