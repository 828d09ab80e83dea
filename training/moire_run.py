"""Progress of a training of remove_moire: schedule, checkpoints, what is told."""

import math
import time
from pathlib import Path
from typing import Any

import torch


class Run:
    """Steps and minutes of one training, its cosine and its checkpoint."""

    def __init__(self, path: Path, parts: dict[str, Any], steps: int, minutes: float) -> None:
        self.path, self.parts, self.steps, self.minutes = path, parts, steps, minutes
        self.step, spent = 0, 0.0
        if path.exists():
            state = torch.load(path)
            self.step, spent = state["step"], state["spent"]
            for name, part in parts.items():
                part.load_state_dict(state[name])
        self.saved = time.monotonic()
        self.begun = self.saved - spent

    def goes_on(self, adam: torch.optim.Optimizer, rate: float) -> bool:
        """Set the rate for the next step; whether there is one."""
        spent = (time.monotonic() - self.begun) / (60 * self.minutes)
        done = max(self.step / self.steps, spent)
        warm = min(1, (self.step + 1) / min(100, self.steps / 10))
        for group in adam.param_groups:
            group["lr"] = rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(done, 1))))
        return done < 1

    def done_step(self) -> bool:
        """Count, save every two minutes; whether it is time to tell."""
        self.step += 1
        if time.monotonic() - self.saved > 120:
            self.save()
        return self.step % min(50, max(1, self.steps // 4)) == 0

    def tell(self, text: str) -> None:
        print(f"{self.step} {(time.monotonic() - self.begun) / 60:.1f} min {text}", flush=True)

    def save(self) -> None:
        """Write a checkpoint beside the old one, then put it in its place."""
        self.saved = time.monotonic()
        temporary = self.path.with_suffix(".new")
        state = {name: part.state_dict() for name, part in self.parts.items()}
        torch.save(state | {"step": self.step, "spent": self.saved - self.begun}, temporary)
        temporary.rename(self.path)
