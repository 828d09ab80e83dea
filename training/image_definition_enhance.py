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
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

Array = NDArray[np.uint8]
TARGET = Path(__file__).parents[1] / "src/xiutu/models/weights/definition.onnx"
# Glob, share of the patches, largest scale a target may have (coded pictures are reduced first).
SOURCES = (
    ("hr/*", 0.18, 1.0),
    ("hr/*", 0.16, 0.5),
    ("photos/bsds500train/*", 0.18, 0.6),
    ("photos/imagenet1k/*", 0.14, 0.6),
    ("photos/food/*", 0.06, 0.6),
    ("photos/sun/*/*", 0.09, 0.6),
    ("segment/*/image/*", 0.08, 0.6),
    ("sky/image/*", 0.06, 0.6),
    ("portraits/*", 0.01, 0.6),
    ("moire/clean/*", 0.02, 0.7),
    ("documents/clean/*", 0.02, 1.0),
)
WIDTH, LAYERS = 64, 10  # channels; convolutions between the first and the last
CALM = 33  # px, side of the window in which the mean is kept
SIGMA = 12.0  # noise, in levels, that FFDNet is set to at the start
SAMPLES = 12000  # places that the least squares look at
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


class Net(nn.Module):
    """[n, 3, h, w] 0..1 to the same, even sides: a chain of 3 x 3 convolutions at half the size.

    The first one is written as 6 x 6 with stride 2, the last one is followed by a pixel shuffle.
    """

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, WIDTH, 6, stride=2, padding=2)
        inner = [nn.Conv2d(WIDTH, WIDTH, 3, padding=1) for _ in range(LAYERS)]
        self.body = nn.ModuleList(inner)
        self.tail = nn.Conv2d(WIDTH, 12, 3, padding=1)
        for layer in (self.head, *inner):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.head(x))
        for layer in self.body:
            y = functional.relu(layer(y))
        with torch.autocast("cpu", enabled=False):  # carries the picture itself: 8 bits are too few
            return levelled(functional.pixel_shuffle(self.tail(y.float()), 2), x)

    def layers(self) -> list[nn.Conv2d]:
        """First to last."""
        return [self.head, *self.body, self.tail]  # type: ignore[list-item]


def levelled(result: Tensor, source: Tensor) -> Tensor:
    """``result`` with the local brightness and colour of ``source``: means over ``CALM`` squared.

    Coding keeps these, but a net that carries the whole picture lets them drift with every step of
    the training and with 8-bit weights. The exported net leaves this to its caller.
    """
    change = result - source
    for side in ((CALM, 1), (1, CALM)):
        half = (side[0] // 2, side[1] // 2)
        change = functional.avg_pool2d(change, side, 1, half, count_include_pad=False)
    return result - change


def start_from(net: Net, path: Path, pictures: Tensor) -> None:
    """Fill ``net`` with FFDNet at one noise level, thinned out from 96 to ``WIDTH`` channels.

    Of each layer the channels are kept that matter most to the next one, and what they can do for
    the lost ones is found by least squares on ``pictures`` ([n, 3, h, w]; Y. He, X. Zhang, J. Sun,
    "Channel pruning", doi:10.1109/ICCV.2017.155). Channels are scaled to one size, since FFDNet's
    differ so much that Adam, whose steps do not, would wreck the net at once.
    """
    found = {
        w.name: torch.tensor(numpy_helper.to_array(w)) for w in onnx.load(path).graph.initializer
    }
    weights = [found[f"conv{i}.w"] for i in range(LAYERS + 2)]
    biases = [found[f"conv{i}.b"] for i in range(LAYERS + 2)]
    biases[0] = biases[0] + SIGMA / 255 * weights[0][:, 12].sum((1, 2))
    # ONNX has the 2 x 2 pixels first, torch the colours
    weights[0] = weights[0][:, [b * 3 + c for c in range(3) for b in range(4)]]
    whole = thin = functional.pixel_unshuffle(pictures, 2)
    chosen, size = torch.arange(12), torch.ones(12)
    dice = torch.Generator().manual_seed(1)
    for i, (layer, weight, bias) in enumerate(zip(net.layers(), weights, biases, strict=True)):
        wanted = functional.conv2d(whole, weight, bias, padding=1)
        before, last = chosen, i == LAYERS + 1
        chosen = torch.arange(12)
        if not last:
            use = weights[i + 1].square().sum((0, 2, 3)) * functional.relu(wanted).var((0, 2, 3))
            chosen = use.argsort(descending=True)[:WIDTH].sort().values
        known = (weight[chosen][:, before] * size[:, None, None]).flatten(1)
        old = torch.cat([known, bias[chosen, None]], 1).T.double()
        places = torch.randperm(wanted[:, 0].numel(), generator=dice)[:SAMPLES]
        inputs = functional.unfold(thin, 3, padding=1).transpose(1, 2).flatten(0, 1)[places]
        inputs = functional.pad(inputs, (0, 1), value=1.0).double()
        truth = wanted.permute(0, 2, 3, 1).flatten(0, 2)[places][:, chosen].double()
        square = inputs.T @ inputs
        hold = 1e-4 * square.diagonal().mean() * torch.eye(len(square), dtype=torch.float64)
        solved = torch.linalg.solve(square + hold, inputs.T @ truth + hold @ old).float()
        kernel = solved[:-1].T.reshape(len(chosen), -1, 3, 3)
        offset = solved[-1]
        thin = functional.conv2d(thin, kernel, offset, padding=1)
        if not last:
            whole, thin = functional.relu(wanted), functional.relu(thin)
            size = thin.square().mean((0, 2, 3)).sqrt()
            size = size.clamp(min=0.02 * float(size.max()))
            thin, kernel = thin / size[:, None, None], kernel / size[:, None, None, None]
            offset = offset / size
        assert layer.bias is not None
        layer.weight.data, layer.bias.data = kernel if i else six_wide(kernel), offset.clone()


def six_wide(kernel: Tensor) -> Tensor:
    """[n, 12, 3, 3] for unshuffled pixels as [n, 3, 6, 6] for the pixels themselves."""
    parts = kernel.reshape(-1, 3, 2, 2, 3, 3).permute(0, 1, 4, 2, 5, 3)
    return parts.reshape(-1, 3, 6, 6).contiguous()


def coded(picture: Array, quality: int, factor: int) -> Array:
    """One JPEG round trip; ``factor`` is an OpenCV sampling factor, ``picture`` BGR."""
    flags = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
    back = cv2.imdecode(cv2.imencode(".jpg", picture, flags)[1], cv2.IMREAD_COLOR)
    return np.asarray(back, np.uint8)


def draw_coding(rng: np.random.Generator) -> tuple[int, int]:
    """Quality and sampling factor; low qualities a little more often."""
    quality = int(rng.integers(5, 96)) if rng.random() < 0.25 else int(rng.integers(7, 56))
    sampling = rng.random()
    if sampling < 0.78:
        return quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    if sampling < 0.86:
        return quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422
    return quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444


def degraded(clean: Array, side: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """(input, target) of ``side`` squared, from a BGR crop that is 16 px larger each way."""
    if rng.random() < 0.15:
        clean = np.asarray(cv2.GaussianBlur(clean, (0, 0), rng.uniform(0.4, 1.3)), np.uint8)
    kind, bad = rng.random(), clean.copy()
    if kind > 0.87:  # coded before, on another grid, and maybe resized since
        dy, dx = (int(v) for v in rng.integers(0, 8, 2))
        bad[dy:, dx:] = coded(np.ascontiguousarray(bad[dy:, dx:]), *draw_coding(rng))
        if rng.random() < 0.4:
            scale = rng.uniform(0.6, 1.0)
            height, width = (max(side, round(v * scale)) for v in clean.shape[:2])
            bad = shrunk(bad, height, width)
            clean = shrunk(clean, height, width)
    if 0.03 < kind < 0.975:  # the others are clean, or were coded before only
        bad = coded(bad, *draw_coding(rng))
    grid = rng.integers(0, 8, 2) if rng.random() < 0.3 else (0, 0)
    top, left = (min(int(v), bad.shape[i] - side) for i, v in enumerate(grid))
    cut = slice(top, top + side), slice(left, left + side)
    return bad[cut], clean[cut]


def shrunk(picture: Array, height: int, width: int) -> Array:
    """Area-averaged copy."""
    size = (width, height)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


class Patches:
    """Endless pairs of patches from the folders below ``root``."""

    def __init__(self, root: Path, side: int, seed: int, limit: int) -> None:
        self.side, self._rng = side, np.random.default_rng(seed)
        self._groups: list[list[Array]] = []
        self.held: list[Array] = []
        shares = []
        for pattern, share, scale in SOURCES:
            pictures = []
            for number, path in enumerate(sorted(root.glob(pattern))[:limit]):
                picture = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), np.uint8)
                short = min(picture.shape[:2])
                factor = max(scale, (side + 17) / short)
                if factor < 1:
                    size = (round(v * factor) for v in picture.shape[:2])
                    picture = shrunk(picture, *size)
                if min(picture.shape[:2]) < side + 16:
                    continue
                if pattern.startswith("hr") and number % 13 == 0:
                    self.held += [picture] if scale == 1 else []
                else:
                    pictures.append(picture)
            if pictures:
                self._groups.append(pictures)
                shares.append(share)
        if not shares:
            raise SystemExit(f"no pictures of {side + 16} px or more below {root}")
        self._shares = np.array(shares) / sum(shares)
        self.count = sum(len(g) for g in self._groups) + len(self.held)

    def batch(self, size: int) -> tuple[Tensor, Tensor]:
        """``size`` inputs and targets, [size, 3, side, side] 0..1."""
        pairs = [self._pair() for _ in range(size)]
        return tensor([p[0] for p in pairs]), tensor([p[1] for p in pairs])

    def _pair(self) -> tuple[Array, Array]:
        rng, need = self._rng, self.side + 16
        group = self._groups[rng.choice(len(self._groups), p=self._shares)]
        best, score = None, -1.0
        for _ in range(2):  # the busier of two: flat patches teach little
            picture = group[rng.integers(len(group))]
            y, x = (int(rng.integers(0, s - need + 1)) for s in picture.shape[:2])
            crop = picture[y : y + need, x : x + need]
            detail = float(cv2.absdiff(crop, cv2.blur(crop, (5, 5))).mean())
            if detail > score:
                best, score = crop, detail
        assert best is not None
        crop = np.rot90(best, int(rng.integers(4)))
        crop = np.ascontiguousarray(crop[:, ::-1] if rng.random() < 0.5 else crop)
        if rng.random() < 0.04:
            crop = np.repeat(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
        return degraded(crop, self.side, rng)


def tensor(pictures: list[Array]) -> Tensor:
    """BGR uint8 pictures to [n, 3, h, w] RGB 0..1."""
    planes = np.stack(pictures)[:, :, :, ::-1].transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(planes, np.float32) / 255)


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


def graph_of(net: Net) -> onnx.ModelProto:
    """``image`` [n, 3, h, w] -> ``restored``; written by hand, so that names stay."""
    nodes, weights, current = [], [], "image"
    for number, layer in enumerate(net.layers()):
        assert layer.bias is not None
        name = f"conv{number}"
        for part, value in (("w", layer.weight), ("b", layer.bias)):
            array = value.detach().contiguous().numpy()
            weights.append(numpy_helper.from_array(array, f"{name}.{part}"))
        inputs = [current, f"{name}.w", f"{name}.b"]
        sizes = {"strides": layer.stride, "pads": [int(p) for p in layer.padding] * 2}  # type: ignore[arg-type]
        nodes.append(helper.make_node("Conv", inputs, [name], **sizes))
        current = name
        if layer is not net.tail:
            current = f"relu{number}"
            nodes.append(helper.make_node("Relu", [name], [current]))
    wide = {"blocksize": 2, "mode": "CRD"}
    nodes.append(helper.make_node("DepthToSpace", [current], ["restored"], **wide))
    shape = ["n", 3, "h", "w"]
    graph = helper.make_graph(
        nodes,
        "definition",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("restored", TensorProto.FLOAT, shape)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


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
