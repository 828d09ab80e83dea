"""Trains the net ``stretch_traces``: the aspect distortion of a picture from traces of resampling.

    python training/stretch_traces.py --data ../shared/data/train

Photos are reduced, coded, stretched with several filters along one side or both, and coded again; the
net reads the spectra of ``xiutu.operators._stretch.traces`` along the rows and along the columns, one
encoder for both, and names a distribution over the logarithm of the ratio. A share of the pictures is
reduced afterwards so far that no trace is left: there it must learn to say that it does not know.
"""

import argparse
import hashlib
import importlib.util
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from xiutu.models.converters.graph import Graph

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "src" / "xiutu" / "models" / "weights"
Float = NDArray[np.float32]
Picture = NDArray[np.uint8]
PATTERNS = {
    "hr/*": 6.0,
    "sky/image/ade*": 2.0,
    "photos/*.*": 1.0,
    "photos/bsds500train/*": 2.0,
    "photos/imagenet1k/*": 0.5,
    "photos/food/*": 1.0,
    "photos/sun/*/*": 0.3,
    "segment/person/image/*": 1.0,
}
LIMIT = float(np.log(2.5))
REACH, STEPS = 1.0, 81
SPREAD = 0.02
CODES = np.linspace(-REACH, REACH, STEPS, dtype=np.float32)
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0"
operators = ["stretch_restore"]
script = "training/stretch_traces.py"
data = "{count} stretches of {photos} public photos (BSDS500, food, ImageNet samples, SUN, ADE20K, people, \
wallpapers) with six filters, coded before and after"
research_only = true
metric = "median error of the ratio {error:.1f} % on every 15th photo, held back, traces often wiped out"
limits = "knows nothing of pictures that were reduced or coded coarsely after they were stretched"
"""


def stretched(picture: Picture, stretch: float, rng: np.random.Generator) -> Picture:
    """``picture``, ``exp(stretch)`` times too wide, as editors and converters do it; grey."""
    picture = _prepared(picture, rng)
    height, width = picture.shape[:2]
    dice = rng.random()
    if dice < 0.4:
        share = 1.0
    elif dice < 0.65:
        share = 0.0
    else:
        share = float(rng.choice([0.5, rng.uniform(0, 1)]))
    gain = (np.exp(stretch * share), np.exp(stretch * (share - 1)))
    after = 1.0 if rng.random() < 0.75 else float(rng.uniform(0.45, 1.0))
    size = [max(16, round(side * g)) for side, g in zip((width, height), gain, strict=True)]
    out = _resized(picture, (size[0], size[1]), rng)
    if after < 1:
        size = [max(16, round(side * after)) for side in size]
        out = _resized(out, (size[0], size[1]), rng)
    if rng.random() < 0.4:
        out = _coded(out, int(rng.integers(70, 99)))
    return np.asarray(cv2.cvtColor(out, cv2.COLOR_RGB2GRAY))


def _prepared(picture: Picture, rng: np.random.Generator) -> Picture:
    """A photo as it was before: reduced (so that it is sharp) or not, coded or not, a part or all."""
    height, width = picture.shape[:2]
    if rng.random() < 0.6:
        scale = float(rng.uniform(0.5, 1.0))
        size = (max(16, round(width * scale)), max(16, round(height * scale)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    if rng.random() < 0.5:
        top, left = (int(v) for v in rng.integers(0, 8, 2))
        picture = picture[top:, left:]
    if rng.random() < 0.5:
        picture = _coded(picture, int(rng.integers(60, 99)))
    if rng.random() < 0.1:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 0.8))))
    return np.ascontiguousarray(picture)


def _coded(picture: Picture, quality: int) -> Picture:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def _resized(picture: Picture, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """With one of OpenCV's filters, or antialiased as Pillow and browsers do."""
    way = int(rng.integers(6))
    if way < 4:
        filters = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
        return np.asarray(cv2.resize(picture, size, interpolation=filters[way]))
    from PIL import Image

    chosen = (Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)[way - 4]
    return np.asarray(Image.fromarray(picture).resize(size, chosen))


def samples(data: Path, count: int, cache: Path) -> tuple[Float, Float, NDArray[np.int64], int]:
    """Features [n, 2, 3, bins], stretches [n], photo numbers [n] and how many photos there are."""
    paths: list[Path] = []
    shares: list[float] = []
    for pattern, share in PATTERNS.items():
        found = sorted(p for p in data.glob(pattern) if p.suffix in (".jpg", ".png"))
        paths += found
        shares += [share] * len(found)
    if cache.exists():
        kept = np.load(cache)
        if len(kept["stretches"]) == count:
            return kept["features"], kept["stretches"], kept["photos"], len(paths)
    spectra = _spectra()
    rng = np.random.default_rng(0)
    picks = rng.choice(len(paths), count, p=np.array(shares) / sum(shares))
    stretches = rng.uniform(-LIMIT, LIMIT, count).astype(np.float32)
    features = []
    for number, (pick, stretch) in enumerate(zip(picks, stretches, strict=True)):
        picture = cv2.imread(str(paths[pick]), cv2.IMREAD_COLOR)[:, :, ::-1]
        features.append(spectra(stretched(np.ascontiguousarray(picture), float(stretch), rng)))
        if number % 1000 == 999:
            print(f"{number + 1} of {count}", flush=True)
    result = np.stack(features), stretches, picks
    np.savez(cache, features=result[0], stretches=result[1], photos=result[2])
    return *result, len(paths)


def _spectra():  # type: ignore[no-untyped-def]
    """``traces.spectra`` without what the package of operators needs at run time."""
    place = ROOT / "src" / "xiutu" / "operators" / "_stretch" / "traces.py"
    spec = importlib.util.spec_from_file_location("traces", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.spectra


class TracesNet(nn.Module):
    """[n, 2, 3, bins] to logits [n, STEPS]."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(3, 32, 7, padding=3)
        self.second = nn.Conv1d(32, 48, 5, padding=2)
        self.third = nn.Conv1d(48, 48, 5, padding=2)
        self.joined = nn.Linear(2 * 48 * 32, 128)
        self.hidden = nn.Linear(128, 96)
        self.out = nn.Linear(96, STEPS)
        self.drop = nn.Dropout(0.2)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        n = features.shape[0]
        x = features.reshape(2 * n, 3, -1)
        x = functional.max_pool1d(torch.relu(self.first(x)), 2)
        x = torch.relu(self.third(torch.relu(self.second(x))))
        x = functional.max_pool1d(x, 2).reshape(n, -1)
        x = torch.relu(self.joined(self.drop(x)))
        result: torch.Tensor = self.out(torch.relu(self.hidden(self.drop(x))))
        return result


def export(net: TracesNet, path: Path, bins: int, *, count: int, photos: int, error: float) -> None:
    """Input ``spectra`` [n, 2, 3, bins]; output ``logits`` [n, STEPS]. Writes the card, too."""
    graph = Graph("stretch_traces")
    shape = graph.const("apart", np.array([-1, 3, bins], np.int64))
    x = graph.node("Reshape", ["spectra", shape], "rows")
    for name in ("first", "second", "third"):
        conv = getattr(net, name)
        weights = [_const(graph, f"{name}.{p}", getattr(conv, p)) for p in ("weight", "bias")]
        pad = conv.padding[0]
        x = graph.node("Conv", [x, *weights], name, pads=[pad, pad])
        x = graph.node("Relu", [x], f"{name}.a")
        if name != "second":
            x = graph.node("MaxPool", [x], f"{name}.half", kernel_shape=[2], strides=[2])
    shape = graph.const("together", np.array([-1, 2 * 48 * (bins // 4)], np.int64))
    x = graph.node("Reshape", [x, shape], "both")
    for name in ("joined", "hidden", "out"):
        layer = getattr(net, name)
        weights = [_const(graph, f"{name}.{p}", getattr(layer, p)) for p in ("weight", "bias")]
        x = graph.node("Gemm", [x, *weights], "logits" if name == "out" else name, transB=1)
        if name != "out":
            x = graph.node("Relu", [x], f"{name}.a")
    data = graph.serialise({"spectra": ["n", 2, 3, bins]}, {"logits": ["n", STEPS]})
    assert len(onnx.load_from_string(data).graph.node) > 0
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    card = CARD.format(sha256=digest, count=count, photos=photos, error=error)
    path.with_suffix(".toml").write_text(card)


def _const(graph: Graph, name: str, tensor: torch.Tensor) -> str:
    array = tensor.detach().numpy()
    if array.size < 4096:
        return graph.const(name, array)
    half = graph.const(f"{name}.half", array.astype(np.float16))
    return graph.node("Cast", [half], name, to=1)


def main() -> None:
    """Read, train, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".work/traces"), help="cached features")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder of the exported net")
    parser.add_argument("--samples", type=int, default=16000)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    torch.manual_seed(1)
    args.work.mkdir(parents=True, exist_ok=True)
    features, stretches, photos, count = samples(args.data, args.samples, args.work / "samples.npz")
    held = photos % 15 == 0
    print(f"{(~held).sum()} samples, {held.sum()} held back", flush=True)
    x, y = torch.tensor(features[~held]), torch.tensor(stretches[~held])
    codes = torch.tensor(CODES)
    net = TracesNet()
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=3e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=args.steps)
    seen = []
    for step in range(1, args.steps + 1):
        net.train()
        picks = torch.randint(len(x), (args.batch,))
        views, goal = x[picks], y[picks]
        turned = torch.rand(len(goal)) < 0.5  # a picture lying on its side
        views = torch.where(turned[:, None, None, None], views.flip(1), views)
        goal = torch.where(turned, -goal, goal)
        views = views + 0.05 * torch.randn_like(views)
        near = torch.exp(-(((codes - goal[:, None]) / SPREAD) ** 2) / 2)
        loss = functional.cross_entropy(net(views), near / near.sum(1, keepdim=True))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        seen.append(float(loss.detach()))
        if step % max(1, args.steps // 10) == 0:
            error, entropy = validate(net, features[held], stretches[held])
            print(
                f"step {step} loss {np.mean(seen):.4f} held back: median error {error:.2f} %, "
                f"loss {entropy:.4f}",
                flush=True,
            )
            seen = []
    export(net, args.out / "stretch_traces.onnx", features.shape[3],
           count=args.samples, photos=count, error=error)  # fmt: skip


@torch.no_grad()
def validate(net: TracesNet, features: Float, stretches: Float) -> tuple[float, float]:
    """Median error of the most probable ratio in percent, and the loss."""
    net.eval()
    logits = net(torch.tensor(features))
    best = CODES[logits.argmax(1).numpy()]
    near = np.exp(-(((CODES - stretches[:, None]) / SPREAD) ** 2) / 2)
    goal = torch.tensor(near / near.sum(1, keepdims=True))
    loss = float(functional.cross_entropy(logits, goal))
    return float(100 * (np.exp(np.median(np.abs(best - stretches))) - 1)), loss


if __name__ == "__main__":
    main()
