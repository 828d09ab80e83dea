"""Trains the nets ``moire`` (takes moire off) and ``moire_screen`` (judges and tones) of remove_moire.

``python training/remove_moire.py DATA`` reads DATA/moire (pairs), DATA/hr and DATA/photos, and writes
both nets with their cards. Every tenth pair is held back to measure on. The restorer learns from real
pairs (clean moved onto moire and put into its colours, so that only texture differs), simulated screen
photos, and pictures without moire, which must stay; the judge learns the same against the rest from
patches; the tone curves are fitted last, to the pairs' own colours. Needs torch; one CPU thread
and two hours, less with ``--minutes``; goes on from its checkpoint.
"""

import argparse
import hashlib
from pathlib import Path
from typing import Any

import cv2
import moire_material as material
import numpy as np
import torch
from moire_measure import measure, measure_judge, measure_tone, tensor
from moire_nets import JUDGED, THUMBNAIL, Judge, Restorer, Screen, Tone, bent, features
from moire_run import Run
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

Array = NDArray[Any]
TARGET = Path(__file__).parents[1] / "src/xiutu/models/weights"
PATCH = 160
RATE, JUDGE_RATE, EMA, HELD = 1.2e-3, 2e-3, 0.999, 10
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0"
operators = ["remove_moire"]
script = "training/remove_moire.py"
data = "{pairs} photos of screens with their originals (from UHDM), simulated screen photos of {count} \
pictures (BSDS500, food, desktop backgrounds, drawn pages)"
research_only = true
metric = "{metric}"
limits = "{limits}"
"""
LIMITS = {
    "moire": "stripes finer than 2 px or wider than about 100 px stay; fabric can be taken for moire",
    "moire_screen": "knows liquid-crystal screens; its tone curves are a guess from the histogram",
}


def main() -> None:
    """Gather, train, measure, export."""
    args = arguments()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    torch.manual_seed(0)
    pool = gather(args)
    count = len(pool["names"])
    held = (np.arange(count) + 1) % min(HELD, count) == 0
    restorer = train(pool, held, args)
    judge = train_judge(pool, held, args)
    marks = measure(restorer, pool, held) | measure_judge(judge, pool, held)
    print(marks)
    tone = fit_tone(pool, held, args.tone_steps)
    marks |= measure_tone(tone, pool, held)
    export(restorer, judge, tone, args.out, pool, marks)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=100, help="bound of the restorer")
    parser.add_argument("--steps", type=int, default=8000, help="bound of the restorer")
    parser.add_argument("--judge-minutes", type=float, default=20)
    parser.add_argument("--judge-steps", type=int, default=3000)
    parser.add_argument("--tone-steps", type=int, default=600)
    parser.add_argument("--patches", type=int, default=4, help="of 160 x 160 px in a batch")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--limit", type=int, help="pairs to read, for a trial")
    parser.add_argument("--simulated", type=int, default=900, help="simulated photos to make")
    parser.add_argument(
        "--work", type=Path, required=True, help="folder of checkpoint and material"
    )
    parser.add_argument("--out", type=Path, default=TARGET)
    return parser.parse_args()


def gather(args: argparse.Namespace) -> dict[str, Array]:
    """All pictures as uint8 arrays, made once and kept in the work folder."""
    args.work.mkdir(parents=True, exist_ok=True)
    kept = args.work / "material.npz"
    if kept.exists():
        with np.load(kept) as stored:
            return dict(stored)
    rng = np.random.default_rng(1)
    moire, target, own, names = material.real_pairs(args.data, args.limit)
    good = material.clean_patches(args.data, args.simulated, rng)
    photos = [material.screen_photo(p, rng) for p in good]
    pool = {
        "moire": moire,
        "target": target,
        "own": own,
        "names": np.array(names),
        "good": np.stack(good),
        "everyday": np.stack(material.everyday_patches(args.data, args.simulated, rng)),
        "shot": np.stack([a for a, _ in photos]),
        "plain": np.stack([b for _, b in photos]),
    }
    np.savez(kept, **pool)
    return pool


def train(pool: dict[str, Array], held: Array, args: argparse.Namespace) -> Restorer:
    """The restorer, AdamW with one cosine; the result is the moving average of its weights."""
    restorer, average = Restorer(), Restorer()
    restorer.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average.load_state_dict(restorer.state_dict())
    adam = torch.optim.AdamW(restorer.parameters(), RATE, betas=(0.9, 0.98), weight_decay=1e-4)
    parts = {"restorer": restorer, "average": average, "adam": adam}
    run = Run(args.work / "restorer.pt", parts, args.steps, args.minutes)
    losses: list[tuple[float, ...]] = []
    while run.goes_on(adam, RATE):
        losses.append(one_step(restorer, adam, *batch(pool, held, run.step, args.patches)))
        decay = min(EMA, (run.step + 1) / (run.step + 11))
        with torch.no_grad():
            for slow, fast in zip(average.parameters(), restorer.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)
        if run.done_step():
            loss, idle = np.mean(losses, axis=0)
            run.tell(f"restorer loss {loss:.5f} of the input's {loss / idle:.4f}")
            losses = []
        if run.step % 500 == 0:
            run.tell(str(measure(average, pool, held)))
    run.save()
    return average.eval()


def train_judge(pool: dict[str, Array], held: Array, args: argparse.Namespace) -> Judge:
    """The judge, likewise, with patches of many pictures in a batch."""
    judge = Judge()
    pool = pool | {"good": np.concatenate([pool["good"], pool["everyday"]])}
    adam = torch.optim.AdamW(judge.parameters(), JUDGE_RATE, weight_decay=1e-2)
    parts = {"judge": judge, "adam": adam}
    run = Run(args.work / "judge.pt", parts, args.judge_steps, args.judge_minutes)
    losses = []
    while run.goes_on(adam, JUDGE_RATE):
        image, goal, shows, rng = batch(pool, held, 10**6 + run.step, 4 * args.patches)
        patches, label, weight = judged(image, goal, shows, rng)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = judge(patches.contiguous(memory_format=torch.channels_last)).float()
        loss = functional.binary_cross_entropy_with_logits(logits, label, weight)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))
        if run.done_step():
            run.tell(f"judge loss {np.mean(losses):.4f}")
            losses = []
        if run.step % 300 == 0:
            run.tell(str(measure_judge(judge, pool, held)))
            judge.train()
    run.save()
    return judge.eval()


def one_step(
    restorer: Restorer,
    adam: torch.optim.Optimizer,
    image: Tensor,
    goal: Tensor,
    *_: object,
) -> tuple[float, float]:
    """One batch through the restorer; loss of its result, and of the input as it is."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = restorer(image.contiguous(memory_format=torch.channels_last)).float()
    loss = distance(result, goal)
    adam.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(restorer.parameters(), 0.5)
    adam.step()
    return float(loss.detach()), float(distance(image, goal).detach())


def distance(a: Tensor, b: Tensor) -> Tensor:
    """Mean distance at full, a quarter and a sixteenth of the size: colour blotches are wide and weak."""
    wide = (functional.avg_pool2d(a - b, k) for k in (4, 16))
    return torch.stack([(v.square() + 1e-6).sqrt().mean() for v in (a - b, *wide)]).sum()


def batch(
    pool: dict[str, Array], held: Array, step: int, size: int
) -> tuple[Tensor, Tensor, Tensor, np.random.Generator]:
    """Input and goal [n, 3, PATCH, PATCH] 0..1, which inputs show a screen; by the step alone."""
    rng = np.random.default_rng((7, step))
    open_pairs = np.flatnonzero(~held)
    images, goals, shows = [], [], []
    for _ in range(size):
        kind = rng.random()
        if kind < 0.6:
            index = int(rng.choice(open_pairs))
            pair = pool["moire"][index], pool["target"][index]
            if kind < 0.06:
                pair = transferred(pair, pool["good"][int(rng.integers(len(pool["good"])))])
        elif kind < 0.83:
            index = int(rng.integers(len(pool["shot"])))
            pair = pool["shot"][index], pool["plain"][index]
        else:
            index = int(rng.integers(len(pool["good"])))
            same = pool["good"][index]
            if kind > 0.95:
                same = pool["own"][int(rng.choice(open_pairs))]
            pair = same, same
        image, goal = varied(pair, rng)
        images.append(image)
        goals.append(goal)
        shows.append(kind < 0.83)
    image, goal = (
        torch.from_numpy(np.stack(v).transpose(0, 3, 1, 2).copy()) for v in (images, goals)
    )
    return image, goal, torch.tensor(shows), rng


def transferred(pair: tuple[Array, Array], other: Array) -> tuple[Array, Array]:
    """The moire of a pair laid over another picture, as a factor, as light behind stripes does."""
    moire, target = (p.astype(np.float32) + 24 for p in pair)
    result = (other.astype(np.float32) + 24) * (moire / target).clip(0.5, 2) - 24
    return np.rint(result.clip(0, 255)).astype(np.uint8), other


def varied(pair: tuple[Array, Array], rng: np.random.Generator) -> tuple[Array, Array]:
    """A random part, scaled, turned, mirrored, with other gains and sometimes coded again; 0..1."""
    inner, scale = material.SIDE - 12, 1.0
    if rng.random() < 0.4:
        scale = float(np.exp(rng.uniform(np.log(0.8), np.log(1.6))))
    side = min(inner, round(PATCH / scale))
    y, x = (6 + int(v) for v in rng.integers(inner - side + 1, size=2))
    flips, turns = rng.random(2) < 0.5, int(rng.integers(4))
    gains = np.exp(rng.normal(0, 0.08, 3) + rng.normal(0, 0.12)).astype(np.float32)
    power = float(np.exp(rng.normal(0, 0.12)))
    code = rng.random() < 0.2
    quality = int(rng.integers(60, 96))
    out = []
    for number, picture in enumerate(pair):
        part = picture[y : y + side, x : x + side]
        if side != PATCH:
            way = cv2.INTER_AREA if side > PATCH else cv2.INTER_CUBIC
            part = cv2.resize(part, (PATCH, PATCH), interpolation=way)
        part = np.rot90(part, turns)
        part = part[:: -1 if flips[0] else 1, :: -1 if flips[1] else 1]
        level = ((part.astype(np.float32) / 255) ** power * gains).clip(0, 1)
        if code and number == 0:
            level = material.jpeg(np.rint(level * 255).astype(np.uint8), quality) / np.float32(255)
        out.append(level)
    return out[0], out[1]


def judged(
    image: Tensor, goal: Tensor, shows: Tensor, rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Patches for the judge: inputs, and goals as counter-examples, sharpened and noisy at random.

    An input counts by how much its moire can be seen; sharpness and noise must tell nothing.
    """
    y, x = (int(v) for v in rng.integers(PATCH - JUDGED + 1, size=2))
    image, goal = (v[:, :, y : y + JUDGED, x : x + JUDGED] for v in (image, goal))
    seen = functional.avg_pool2d(image - goal, 2).std(dim=(1, 2, 3)) * 255
    patches = torch.cat([image, goal])
    label = torch.cat([shows.float(), torch.zeros(len(goal))])
    weight = torch.cat([torch.where(shows, (seen / 5).clamp(0.05, 1), 1.0), torch.ones(len(goal))])
    amount = torch.from_numpy(rng.uniform(-0.5, 1.5, (len(patches), 1, 1, 1)).astype(np.float32))
    patches = patches + amount.clamp_min(0) * (patches - functional.avg_pool2d(patches, 3, 1, 1))
    noise = torch.from_numpy(rng.exponential(0.006, (len(patches), 1, 1, 1)).astype(np.float32))
    grain = torch.from_numpy(rng.standard_normal(patches.shape, dtype=np.float32))
    return (patches + noise * grain).clamp(0, 1), label, weight


def fit_tone(pool: dict[str, Array], held: Array, steps: int) -> Tone:
    """Curves from moire to the pairs' own colours, on thumbnails of eight parts of each pair.

    The loss is the logarithm of the squared error, as PSNR is, on top of what texture leaves.
    """
    torch.manual_seed(1)
    rng = np.random.default_rng(2)
    tone = Tone()
    moire, own = (tensor(pool[k][~held]) for k in ("moire", "own"))
    images, goals = [], []
    for number in range(8):
        side = int(rng.integers(140, material.SIDE)) if number else material.SIDE
        y, x = (int(v) for v in rng.integers(material.SIDE - side + 1, size=2))
        for thumbnails, source in ((images, moire), (goals, own)):
            part = source[:, :, y : y + side, x : x + side]
            thumbnails.append(functional.adaptive_avg_pool2d(part, THUMBNAIL))
    image, goal = torch.cat(images), torch.cat(goals)
    told = features(image)
    adam = torch.optim.AdamW(tone.parameters(), 4e-3, weight_decay=0.05)
    plan = torch.optim.lr_scheduler.OneCycleLR(adam, 4e-3, total_steps=max(steps, 2))
    for _ in range(steps):
        chosen = torch.from_numpy(rng.choice(len(image), min(48, len(image)), replace=False))
        small = functional.avg_pool2d(image[chosen], 2)
        curves = tone.each(told[chosen])
        error = bent(small, curves).clamp(-0.1, 1.1) - functional.avg_pool2d(goal[chosen], 2)
        loss = torch.log(error.square().mean(dim=(2, 3, 4)) + 0.005).mean(dim=1).sum()
        loss = loss + 0.2 * len(curves) * curves.square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        plan.step()
    return tone.eval()


def export(
    restorer: Restorer,
    judge: Judge,
    tone: Tone,
    folder: Path,
    pool: dict[str, Array],
    marks: dict[str, float],
) -> None:
    """Write both nets and their cards."""
    folder.mkdir(parents=True, exist_ok=True)
    metrics = {
        "moire": f"PSNR {marks['gain']:+.2f} dB after a fit of gain and offset, on every tenth pair, "
        "held back",
        "moire_screen": f"held back: {100 * marks['hit']:.0f} % of pictures with moire found, "
        f"{100 * marks['false']:.1f} % of others taken for it; curves {marks['tone']:+.2f} dB",
    }
    dynamic = {0: "n", 2: "h", 3: "w"}
    with torch.no_grad():
        torch.onnx.export(
            restorer.float().eval(),
            (torch.rand(1, 3, 64, 64),),
            folder / "moire.onnx",
            input_names=["image"],
            output_names=["restored"],
            dynamic_axes={"image": dynamic, "restored": dynamic},
            opset_version=17,
            dynamo=False,
        )
        torch.onnx.export(
            Screen(judge, tone).eval(),
            (torch.rand(2, 3, JUDGED, JUDGED), torch.rand(1, 3, THUMBNAIL, THUMBNAIL)),
            folder / "moire_screen.onnx",
            input_names=["patches", "thumbnail"],
            output_names=["logits", "curves"],
            dynamic_axes={"patches": {0: "n"}, "logits": {0: "n"}},
            opset_version=17,
            dynamo=False,
        )
    for name, metric in metrics.items():
        digest = hashlib.sha256((folder / f"{name}.onnx").read_bytes()).hexdigest()
        card = CARD.format(
            sha256=digest,
            pairs=len(pool["names"]),
            count=len(pool["good"]),
            metric=metric,
            limits=LIMITS[name],
        )
        (folder / f"{name}.toml").write_text(card)


if __name__ == "__main__":
    main()
