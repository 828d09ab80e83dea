"""Trains the net ``haze``: which share of what looks like haze is haze (used by dehaze).

    python training/haze.py --data ../shared/data/train

Clear photos get haze of a drawn depth: perspective, smooth hills, regions of like colour at a depth of
their own, skies far away; one use in four stays clear, so that white plates, pale walls and soft light
are not taken for haze. What is to be learned is the share of the dark channel with which the model of
haze comes closest to the clear photo (least squares). Three small perceptrons are fitted to the figures
of ``xiutu.operators._haziness`` and exported as one (their mean). Plain numpy, some two minutes on one
core. Writes the net and its card.
"""

import argparse
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from perceptron import Recipe, export, fit, joined, told

from xiutu.image.guided import enlarge_rows
from xiutu.operators._haziness import SIDE, features
from xiutu.operators.dehaze import veil

Array = NDArray[np.float32]
TARGET = Path(__file__).parents[1] / "src/xiutu/models/weights/haze.onnx"
RECIPE = Recipe(bound=0.2, epochs=40, batch=128, rate=2e-3, decay=0.03)
USES = 4
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0"
operators = ["dehaze"]
script = "training/haze.py"
data = "{count} public photos (ADE20K, BSDS500, Caltech-101, food, ImageNet samples, SUN), haze drawn in"
research_only = true
metric = "mean absolute error {error:.2f} of a share 0..1 on every tenth photo, held back"
limits = "an even veil over all of a pale, soft scene is told from paleness by guess"
"""


@dataclass(frozen=True)
class Photo:
    """A picture of the training set; ``sky`` is its mask, where one exists."""

    image: Path
    sky: Path | None = None


def photos(data: Path) -> list[Photo]:
    """Photographs below ``data`` (the training material); those with sky masks are drawn more often."""
    found = [Photo(p) for p in sorted((data / "photos").rglob("*.jpg"))]
    found += [Photo(p) for p in sorted((data / "hr").glob("*.jpg"))]
    for path in sorted((data / "sky" / "image").glob("*")):
        masks = sorted((data / "sky" / "mask").glob(path.stem + ".*"))
        often = 1 if path.name.startswith("camvid") else 4
        found += [Photo(path, masks[0] if masks else None)] * often
    if not found:
        raise SystemExit(f"no photographs in {data}")
    return found


def read(photo: Photo, rng: np.random.Generator) -> tuple[Array, Array]:
    """The photo (0..1) at the size the figures are taken of, mirrored by chance, and its sky (0..1)."""
    bgr = cv2.imread(str(photo.image))
    if bgr is None:
        raise SystemExit(f"cannot read {photo.image}")
    scale = SIDE / max(bgr.shape[:2])
    size = tuple(max(8, round(s * scale)) for s in bgr.shape[1::-1])
    rgb = np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA))[:, :, ::-1]
    sky = np.zeros(rgb.shape[:2], np.float32)
    if photo.sky:
        mask = cv2.imread(str(photo.sky), cv2.IMREAD_GRAYSCALE)
        sky = np.asarray(cv2.resize(mask, size) > 127, np.float32)
    if rng.random() < 0.5:
        rgb, sky = rgb[:, ::-1], sky[:, ::-1]
    return rgb.astype(np.float32) / np.float32(255), np.ascontiguousarray(sky)


def developed(rgb: Array, rng: np.random.Generator) -> Array:
    """The clear photo with another exposure, contrast, saturation and tint: what is haze is relative."""
    gamma = np.exp(rng.normal(0, 0.2))
    x = np.clip(rgb, 0, 1) ** np.float32(gamma)
    grey = x.mean(axis=2, keepdims=True)
    x = grey + np.float32(rng.uniform(0.5, 1.25)) * (x - grey)
    x = 0.5 + np.float32(rng.uniform(0.75, 1.15)) * (x - 0.5)
    x *= (1 + rng.normal(0, 0.03, 3)).astype(np.float32)
    if rng.random() < 0.25:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.5, 2.5))
    if rng.random() < 0.06:
        x = np.repeat(x.mean(axis=2, keepdims=True), 3, axis=2)
    return np.clip(x, 0, 1).astype(np.float32)


def depth(rgb: Array, sky: Array, rng: np.random.Generator) -> Array:
    """A drawn depth map, 0 near to 1 far (sky up to 1.6), with edges where the picture has some."""
    h, w = sky.shape
    rows = np.linspace(0, 1, h, dtype=np.float32)[:, None] * np.ones((1, w), np.float32)
    horizon, steep = rng.uniform(-0.4, 0.6), rng.uniform(1.5, 8)
    plane = 1 / (1 + steep * np.maximum(rows - horizon, 0))
    if rng.random() < 0.12:  # a street seen along a wall
        plane = np.asarray(cv2.resize(plane.T, (w, h)), np.float32)
    hills = rng.normal(0, 1, (int(rng.integers(2, 6)),) * 2).astype(np.float32)
    hills = cv2.resize(hills, (w, h), interpolation=cv2.INTER_CUBIC)
    soft = cv2.blur(rgb, (5, 5))
    axis = rng.normal(0, 1, 3).astype(np.float32)
    shade = soft @ (axis / np.linalg.norm(axis))
    bins = int(rng.integers(3, 9))
    steps = np.searchsorted(np.quantile(shade[::4, ::4], np.linspace(0, 1, bins + 1)[1:-1]), shade)
    regions = rng.normal(0, 1, bins).astype(np.float32)[steps]
    regions = cv2.blur(regions, (3, 3))
    weights = rng.uniform(0, 1, 3) ** 2 * (2.5, 0.4, 0.25 * float(rng.random() < 0.6))
    if rng.random() < 0.06:
        weights *= 0
    far = plane * weights[0] + hills * weights[1] + regions * weights[2]
    low, high = np.percentile(far, (1, 99))
    far = np.clip((far - low) / max(high - low, 1e-3), 0, 1) if high > low else far * 0 + 0.5
    beyond = np.float32(rng.uniform(1.0, 1.6))
    return np.asarray(far + sky * np.maximum(beyond - far, 0), np.float32)


def hazed(rgb: Array, sky: Array, rng: np.random.Generator) -> NDArray[np.uint8]:
    """``rgb`` behind drawn haze, as stored."""
    h, w = sky.shape
    air = np.float32(rng.uniform(0.55, 1.0)) * np.ones(3, np.float32)
    air += (rng.normal(0, 0.035) * np.array([-1, 0, 1]) + rng.normal(0, 0.015, 3)).astype(
        np.float32
    )
    field = np.broadcast_to(air, (h, w, 3))
    if rng.random() < 0.5:
        glow = rng.normal(0, 0.05, (2, 2)).astype(np.float32)
        field = field * (1 + cv2.resize(glow, (w, h)))[:, :, None]
    field = np.clip(field, 0.05, 1).astype(np.float32)
    thick = rng.uniform(0.05, 1) ** 1.3 * 3.2
    even = rng.uniform(0, 0.6) ** 2 if rng.random() < 0.7 else rng.uniform(0, 1.2)
    clear = np.exp(-thick * depth(rgb, sky, rng) - even).astype(np.float32)[:, :, None]
    return stored(rgb * clear + field * (1 - clear), rng)


def stored(rgb: Array, rng: np.random.Generator) -> NDArray[np.uint8]:
    """8 bits, a little noise, often JPEG."""
    noisy = rgb + rng.normal(0, rng.uniform(0, 0.012), rgb.shape)
    image = np.clip(np.rint(noisy * 255), 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        _, code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 98))])
        image = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(image)


def share(scene: Array, hazy: NDArray[np.uint8]) -> float:
    """Share of the dark channel of ``hazy`` that makes the model of haze fit ``scene`` best.

    ``hazy - air = (1 - share . dark) (scene - air)``, least squares over all pixels.
    """
    seen = hazy.astype(np.float32) / np.float32(255)
    field, dark, _ = veil(seen)
    height, width = dark.shape
    beyond = scene - enlarge_rows(field, 0, height, height, width)
    thick = dark[:, :, None] * beyond
    return float(np.clip(np.sum((scene - seen) * thick) / (np.sum(thick * thick) + 1e-6), 0, 1.15))


def collect(data: Path, count: int) -> tuple[Array, Array, Array]:
    """Figures, share and photo number of four uses of each of ``count`` photos."""
    rng = np.random.default_rng(1)
    every = photos(data)
    chosen = rng.permutation(len(every))[:count]
    x, y, group = [], [], []
    for index in chosen:
        rgb, sky = read(every[index], rng)
        for use in range(USES):
            clear = developed(rgb, rng)
            hazy = stored(clear, rng) if use == 0 else hazed(clear, sky, rng)
            x.append(features(hazy))
            y.append(share(clear, hazy) if use else 0.0)
            group.append(every[index].image)
    _, number = np.unique([str(path) for path in group], return_inverse=True)
    return np.array(x, np.float32), np.array(y, np.float32), number


def main() -> None:
    """Read, fit, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/, sky/, hr/")
    parser.add_argument("--photos", type=int, default=700, help="how many photos are used")
    parser.add_argument("--epochs", type=int, default=RECIPE.epochs)
    parser.add_argument("--cache", type=Path, help="figures are kept in this .npz")
    parser.add_argument("--out", type=Path, default=TARGET)
    args = parser.parse_args()
    if args.cache and args.cache.exists():
        kept = np.load(args.cache)
        x, y, group = kept["X"], kept["Y"], kept["G"]
    else:
        x, y, group = collect(args.data, args.photos)
        if args.cache:
            np.savez(args.cache, X=x, Y=y, G=group)
    held = group % 10 == 0
    mean, spread = x.mean(axis=0), x.std(axis=0) + np.float32(0.02)
    recipe = replace(RECIPE, epochs=args.epochs)
    nets = []
    for seed in range(3):
        figures, start = (x[~held] - mean) / spread, float(y[~held].mean())
        net, history = fit(figures, y[~held], seed, recipe, start)
        print(f"net {seed}: loss {history[0]:.4f} -> {history[-1]:.4f}", flush=True)
        nets.append(net)
    net = joined(nets, mean, spread)
    found = np.clip(told(net, x[held]), 0, 1)
    error = float(np.abs(found - y[held]).mean())
    export(args.out, net, "haze", "share")
    digest = hashlib.sha256(args.out.read_bytes()).hexdigest()
    count = len(np.unique(group))
    args.out.with_suffix(".toml").write_text(CARD.format(sha256=digest, count=count, error=error))
    clear = y[held] == 0
    print(f"{count} photos; held back: error {error:.3f}, clear photos {found[clear].mean():.3f}")


if __name__ == "__main__":
    main()
