"""Trains the net ``stretch``: by how much a picture is too wide or too high, from what it shows.

    python training/stretch_restore.py --data ../shared/data/train --minutes 45

Self-supervised: undistorted photos are stretched by a random ratio of 0.4 to 2.5, cut, blurred and
coded; the net names a distribution over the logarithm of the ratio. Backbone: EfficientNet-Lite0 of
the catalogue (``xiutu models pull efficientnet_lite0``), frozen at first, then fine-tuned at a lower
rate. The averaged weights are exported every few hundred steps. Stopped runs go on from their
checkpoint.
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from _lite0.average import blend
from _stretch.data import CODES, batches, index, read, view
from _stretch.net import StretchNet, export
from torch.nn import functional

WEIGHTS = Path(__file__).parents[1] / "src" / "xiutu" / "models" / "weights"
FROZEN = 0.06  # share of the run before the backbone moves
HELD_BACK = 25  # one photo in so many validates


@torch.no_grad()
def validate(net: StretchNet, held: list[Path]) -> float:
    """Median error of the ratio in percent, stretches 0.5 to 2."""
    net.eval()
    rng = np.random.default_rng(0)
    errors = []
    for start in range(0, len(held), 16):
        stretches = rng.uniform(-np.log(2), np.log(2), len(held[start : start + 16]))
        views = [
            view(read(path), rng, (160, 160), float(s))
            for path, s in zip(held[start : start + 16], stretches, strict=True)
        ]
        planes = torch.tensor(np.stack(views).transpose(0, 3, 1, 2))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = net(planes.to(memory_format=torch.channels_last))
        shares = logits.float().softmax(1).numpy()
        errors += list(np.abs(shares @ CODES - stretches))
    return float(100 * (np.exp(np.median(errors)) - 1))


def main() -> None:
    """Read, train, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".work/stretch"), help="checkpoint")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder of the exported net")
    parser.add_argument("--backbone", type=Path, help="default: efficientnet_lite0 of the store")
    parser.add_argument("--minutes", type=float, default=45, help="length of the whole run")
    parser.add_argument("--steps", type=int, help="length in steps, instead of --minutes")
    parser.add_argument("--batch", type=int, default=16)
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
    paths, shares = index(args.data)
    order = np.random.default_rng(0).permutation(len(paths))
    held = [paths[i] for i in order[::HELD_BACK]]
    kept = [i for n, i in enumerate(order) if n % HELD_BACK]
    chosen = [paths[i] for i in kept]
    print(f"{len(chosen)} photos, {len(held)} held back", flush=True)
    net = StretchNet(args.backbone).to(memory_format=torch.channels_last)
    average = StretchNet(args.backbone)
    average.load_state_dict(net.state_dict())
    backbone = list(net.backbone.parameters())
    known = {id(p) for p in backbone}
    head = [p for p in net.parameters() if id(p) not in known]
    groups = [
        {"params": head, "rate": 1.5e-3, "weight_decay": 2e-2},
        {"params": backbone, "rate": 4e-4, "weight_decay": 1e-3},
    ]
    optimiser = torch.optim.AdamW(groups, lr=1e-3)
    step, spent, seen = 0, 0.0, []
    state = args.work / "checkpoint.pt"
    if state.exists():
        stored = torch.load(state, weights_only=True)
        net.load_state_dict(stored["net"])
        average.load_state_dict(stored["average"])
        optimiser.load_state_dict(stored["optimiser"])
        step, spent = stored["step"], stored["spent"]
    saved = last = time.monotonic()
    stream = batches(chosen, shares[kept], args.batch, seed=step)
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
        if done >= 1 or (step % 500 == 0 and step):
            error = validate(average, held)
            export(average, args.out / "stretch.onnx", count=len(chosen), error=error)
            print(f"held back: median error {error:.2f} %", flush=True)
        if done >= 1:
            return
        moving = done >= FROZEN
        schedule = min(1.0, (step + 1) / 20) * max(0.01, 0.5 + 0.5 * np.cos(np.pi * done))
        for number, group in enumerate(optimiser.param_groups):
            group["lr"] = float(group["rate"] * schedule * (number == 0 or moving))
        net.train()
        net.backbone.unfreeze(moving)
        views, goals = next(stream)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = net(torch.tensor(views).to(memory_format=torch.channels_last))
        loss = functional.cross_entropy(logits.float(), torch.tensor(goals))
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
