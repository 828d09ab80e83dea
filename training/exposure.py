"""Trains the net ``exposure``: shift of exposure in EV from histograms (used by contrast_enhance).

``python training/exposure.py PHOTOS`` reads every .jpg and .png below the folder PHOTOS, shifts each
by known amounts in linear light, and fits three small perceptrons with one hidden layer, which are
exported as one (mean of the three). Plain numpy, a few minutes. Writes the net and its card.
"""

import argparse
import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from perceptron import Recipe, export, fit, joined, told

from xiutu.image.light import to_linear, to_srgb
from xiutu.operators._exposure import features

Array = NDArray[np.float32]
TARGET = Path(__file__).parents[1] / "src/xiutu/models/weights/exposure.onnx"
RECIPE = Recipe(bound=0.7, epochs=25, batch=256, rate=2e-3, decay=0.02)  # bound in EV
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0"
operators = ["contrast_enhance"]
script = "training/exposure.py"
data = "{count} public photos (BSDS500, Caltech-101, food, ImageNet samples, SUN), shifted -3..+2.2 EV"
research_only = true
metric = "mean absolute error {error:.2f} EV on every tenth photo, held back"
limits = "photos only; a scene that is dark or bright by nature is taken for a wrong exposure in part"
"""


def main() -> None:
    """Read, fit, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--limit", type=int, default=900, help="photos per sub-folder at most")
    parser.add_argument("--cache", type=Path, help="features are kept in this .npz")
    args = parser.parse_args()
    if args.cache and args.cache.exists():
        stored = np.load(args.cache)
        x, y, group = stored["X"], stored["Y"], stored["G"]
    else:
        x, y, group = collect(args.photos, args.limit)
        if args.cache:
            np.savez(args.cache, X=x, Y=y, G=group)
    held = group % 10 == 0
    mean, spread = x.mean(axis=0), x.std(axis=0) + np.float32(0.05)
    nets = [fit((x[~held] - mean) / spread, y[~held], seed, RECIPE)[0] for seed in range(3)]
    net = joined(nets, mean, spread)
    error = float(np.abs(told(net, x[held]) - y[held]).mean())
    export(TARGET, net, "exposure", "shift")
    digest = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    count = len(np.unique(group))
    TARGET.with_suffix(".toml").write_text(CARD.format(sha256=digest, count=count, error=error))
    print(f"{count} photos, held back: mean absolute error {error:.3f} EV")


def collect(folder: Path, limit: int) -> tuple[Array, Array, Array]:
    """Features, shift and photo number of twelve shifted versions of each photo."""
    rng = np.random.default_rng(1)
    x, y, group = [], [], []
    for sub in sorted(p for p in folder.iterdir() if p.is_dir()):
        paths = sorted(p for p in sub.rglob("*") if p.suffix in (".jpg", ".png"))
        rng.shuffle(paths)
        for path in paths[:limit]:
            rgb = np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1])
            number = group[-1] + 1 if group else 0
            shifts = [0, 0, *rng.uniform(-3, 2.2, 8), *rng.choice([-2, -1, 1, 1.5], 2)]
            for shift in shifts:
                x.append(features(to_srgb(to_linear(rgb) * np.float32(2.0**shift))))
                y.append(shift)
                group.append(number)
    return np.array(x, np.float32), np.array(y, np.float32), np.array(group)


if __name__ == "__main__":
    main()
