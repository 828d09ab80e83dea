"""Gradient descent of restoration nets: AdamW, a falling rate, averaged weights, checkpoints."""

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from definition_data import Patches
from torch import Tensor, nn

KEEP = 0.998  # moving average of the weights

Loss = Callable[[Tensor, Tensor], Tensor]


def arguments(parser: argparse.ArgumentParser, patch: int) -> None:
    """The options that ``descend`` and ``Patches`` look at."""
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoint.pt"))
    parser.add_argument("--minutes", type=float, default=90, help="0 only writes the checkpoint's")
    parser.add_argument("--steps", type=int, default=10**9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--patch", type=int, default=patch, help="side, px; a multiple of 8")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--clip", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=10**9, help="pictures per folder at most")
    parser.add_argument("--report", type=int, default=100, help="steps between lines")
    parser.add_argument("--save", type=float, default=120, help="seconds between checkpoints")
    parser.add_argument(
        "--bfloat16", action="store_true", help="faster where the processor has AMX"
    )


def descend(net: nn.Module, patches: Patches, loss: Loss, args: argparse.Namespace) -> None:
    """Train until ``--steps`` or ``--minutes`` are over, whichever comes first.

    The rate falls as a cosine. A run that was stopped goes on from its checkpoint. ``net`` holds the
    moving average of its weights in the end.
    """
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = {k: v.detach().clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.AdamW(net.parameters(), args.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    step, spent = 0, 0.0
    if args.checkpoint.exists():
        state = torch.load(args.checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        mean, step, spent = state["mean"], state["step"], state["spent"]
        patches.go_on(step)
    begin, saved, losses = time.monotonic() - spent, time.monotonic(), []
    while True:
        spent = time.monotonic() - begin
        done = max(step / max(args.steps, 1), spent / 60 / max(args.minutes, 1e-9))
        if done >= 1:
            break
        warm = min(1.0, (step + 1) / 100)
        for group in optimiser.param_groups:
            group["lr"] = args.rate * warm * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * done)))
        bad, good = patches.batch(args.batch)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bfloat16):
            result = net(bad.contiguous(memory_format=torch.channels_last))
        value = loss(result.float(), good)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        nn.utils.clip_grad_norm_(net.parameters(), args.clip)
        optimiser.step()
        step += 1
        keep = min(KEEP, step / (step + 10))
        with torch.no_grad():
            for key, weight in net.state_dict().items():
                mean[key].lerp_(weight, 1 - keep)
        losses.append(float(value.detach()))
        if step % args.report == 0:
            print(f"step {step} loss {np.mean(losses):.4f} after {spent:.0f} s", flush=True)
            losses = []
        if time.monotonic() - saved > args.save:
            saved = time.monotonic()
            _store(args.checkpoint, net, optimiser, mean, step, spent)
    _store(args.checkpoint, net, optimiser, mean, step, spent)
    net.load_state_dict(mean)


def _store(
    path: Path,
    net: nn.Module,
    optimiser: torch.optim.Optimizer,
    mean: dict[str, Tensor],
    step: int,
    spent: float,
) -> None:
    """Write the checkpoint so that a stop in the middle leaves the old one."""
    state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "mean": mean}
    torch.save({**state, "step": step, "spent": spent}, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
