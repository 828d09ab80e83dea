"""Trains the net ``colourize``: chrominance of a grey picture, as a distribution over colour bins.

    python training/colourize.py --data ../shared/data/train --minutes 90

Colourful Image Colorization (Zhang, Isola, Efros, ECCV 2016, doi:10.1007/978-3-319-46487-9_40) at a
small size: classification of CIELAB ab on a grid of 10 units, rare colours weighted up, the true
colour spread bilinearly over its four neighbours. Backbone: EfficientNet-Lite0 of the catalogue
(``xiutu models pull efficientnet_lite0``), frozen at first, then fine-tuned at a lower rate. Every
few minutes the averaged weights are exported to ``src/xiutu/models/weights``. Stopped runs go on
from their checkpoint.
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from _colourize.data import REACH, SIDE, STEP, Index, batches, index, pair, read
from _colourize.export import export
from _colourize.net import Colourizer
from _lite0.average import blend
from torch.nn import functional

WEIGHTS = Path(__file__).parents[1] / "src" / "xiutu" / "models" / "weights"
FROZEN = 0.12  # share of the run before the backbone moves
HELD_BACK = 40  # one picture in so many validates


class Bins:
    """The colours that occur: their places on the grid, how rare each is."""

    def __init__(self, counts: np.ndarray) -> None:
        share = counts / counts.sum()
        used = share > 2e-5
        self.nodes = (np.argwhere(used) - REACH).astype(np.float32) * STEP
        # Any cell of the grid -> the nearest bin that is used.
        cells = np.stack(np.meshgrid(range(SIDE), range(SIDE), indexing="ij"), -1).reshape(-1, 2)
        places = (cells - REACH) * STEP
        distance = ((places[:, None] - self.nodes[None]) ** 2).sum(2)
        self.lookup = torch.tensor(distance.argmin(1))
        prior = share[used]
        self.rarity = (1 / (0.5 * prior + 0.5 / len(prior))).astype(np.float32)
        self.rarity /= (prior * self.rarity).sum()
        self.count = len(prior)

    def soft(self, ab: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Bins [n, 4, h, w] and their shares for ab [n, h, w, 2]."""
        place = (ab / STEP).clamp(-REACH, REACH - 1e-3) + REACH
        base = place.floor()
        rest = place - base
        base = base.long()
        numbers, shares = [], []
        for da in (0, 1):
            for db in (0, 1):
                numbers.append(self.lookup[(base[..., 0] + da) * SIDE + base[..., 1] + db])
                fa = rest[..., 0] if da else 1 - rest[..., 0]
                shares.append(fa * (rest[..., 1] if db else 1 - rest[..., 1]))
        return torch.stack(numbers, 1), torch.stack(shares, 1)


def loss_of(
    logits: torch.Tensor, ab: torch.Tensor, bins: Bins, weight: torch.Tensor
) -> torch.Tensor:
    """Cross entropy with soft targets, pixels weighted by the rarity of their colour."""
    numbers, shares = bins.soft(ab)
    log = functional.log_softmax(logits.float(), 1).gather(1, numbers)
    heavy = (weight[numbers] * shares).sum(1)
    return -(heavy * (shares * log).sum(1)).sum() / heavy.sum()


def validate(net: Colourizer, held: list[Path], size: int, bins: Bins) -> tuple[float, float]:
    """Error of the mean colour against that of grey (below 1 is better), and its chroma's share."""
    net.eval()
    rng = np.random.default_rng(0)
    nodes = torch.tensor(bins.nodes)
    ours = grey = chroma = truth = 0.0
    with torch.no_grad():
        for path in held:
            view, ab = pair(read(path), rng, size, plain=True)
            found = net(torch.tensor(view)[None, None]).float().softmax(1)
            mean = torch.einsum("qhw,qc->hwc", found[0], nodes).numpy()
            ours += float(((mean - ab) ** 2).mean())
            grey += float((ab**2).mean())
            chroma += float(np.linalg.norm(mean, axis=2).mean())
            truth += float(np.linalg.norm(ab, axis=2).mean())
    return ours / grey, chroma / truth


def main() -> None:
    """Read, train, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".work/colourize"), help="checkpoint")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder of the exported net")
    parser.add_argument("--backbone", type=Path, help="default: efficientnet_lite0 of the store")
    parser.add_argument("--minutes", type=float, default=90, help="length of the whole run")
    parser.add_argument("--steps", type=int, help="length in steps, instead of --minutes")
    parser.add_argument("--limit", type=int, help="pictures per folder at most")
    parser.add_argument("--size", type=int, default=192)
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
    every = index(args.data, args.work / "index.npz", args.limit)
    order = np.random.default_rng(0).permutation(len(every.paths))
    held = [every.paths[i] for i in order[::HELD_BACK]]
    kept = np.ones(len(order), bool)
    kept[order[::HELD_BACK]] = False
    chosen = Index(
        [p for p, k in zip(every.paths, kept, strict=True) if k], every.weights[kept], every.counts
    )
    bins = Bins(every.counts)
    weight = torch.tensor(np.sqrt(bins.rarity))  # the other half is made up for at run time
    print(f"{len(chosen.paths)} pictures, {len(held)} held back, {bins.count} colours", flush=True)
    net = Colourizer(args.backbone, bins.count).to(memory_format=torch.channels_last)
    average = Colourizer(args.backbone, bins.count)
    average.load_state_dict(net.state_dict())
    groups = [
        {"params": list(net.decoder.parameters()), "rate": 1.5e-3, "weight_decay": 2e-2},
        {"params": list(net.backbone.parameters()), "rate": 2e-4, "weight_decay": 1e-3},
    ]
    optimiser = torch.optim.AdamW(groups, lr=1e-3)
    step, spent, seen = 0, 0.0, []
    state = args.work / "checkpoint.pt"
    if state.exists():
        kept_state = torch.load(state, weights_only=True)
        net.load_state_dict(kept_state["net"])
        average.load_state_dict(kept_state["average"])
        optimiser.load_state_dict(kept_state["optimiser"])
        step, spent = kept_state["step"], kept_state["spent"]
    saved = last = time.monotonic()
    stream = batches(chosen, args.size, args.batch, seed=step)
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
            error, share = validate(average, held, args.size, bins)
            export(average, bins.nodes, bins.rarity, args.out / "colourize.onnx",
                   count=len(chosen.paths), error=error)  # fmt: skip
            print(f"held back: error {error:.3f} of grey's, chroma share {share:.2f}", flush=True)
        if done >= 1:
            return
        moving = done >= FROZEN
        schedule = min(1.0, (step + 1) / 20) * max(0.01, 0.5 + 0.5 * np.cos(np.pi * done))
        for number, group in enumerate(optimiser.param_groups):
            group["lr"] = float(group["rate"] * schedule * (number == 0 or moving))
        net.train()
        net.backbone.unfreeze(moving)
        phase = (step % 2, step // 2 % 2)
        grey, ab = next(stream)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            view = torch.tensor(grey)[:, None].to(memory_format=torch.channels_last)
            logits = net(view, phase)
        loss = loss_of(logits, torch.tensor(ab[:, phase[0] :: 2, phase[1] :: 2]), bins, weight)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        blend(average, net, min(0.999, step / (step + 10)))
        seen.append(float(loss.detach()))
        if step % 50 == 0 or (args.steps and step % 5 == 0):
            print(
                f"step {step} {100 * done:.1f} % loss {np.mean(seen):.4f} {spent:.0f} s", flush=True
            )
            seen = []


if __name__ == "__main__":
    main()
