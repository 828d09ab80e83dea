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
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from xiutu.image.light import to_linear, to_srgb
from xiutu.operators._exposure import FEATURES, features

Array = NDArray[np.float32]
TARGET = Path(__file__).parents[1] / "src/xiutu/models/weights/exposure.onnx"
HIDDEN, EPOCHS, BATCH, DECAY, RATE = 32, 25, 256, 0.02, 2e-3
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
    nets = [fit((x[~held] - mean) / spread, y[~held], seed) for seed in range(3)]
    # Normalisation goes into the first layer, the mean of the nets into the second.
    first = np.concatenate([w / spread[:, None] for w, _, _, _ in nets], axis=1)
    bias = np.concatenate([b for _, b, _, _ in nets]) - mean @ first
    second = np.concatenate([w for _, _, w, _ in nets]) / np.float32(len(nets))
    last = np.mean([b for _, _, _, b in nets], axis=0)
    error = float(
        np.abs(np.maximum(x[held] @ first + bias, 0) @ second[:, 0] + last - y[held]).mean()
    )
    export(first, bias, second, last)
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


def fit(x: Array, y: Array, seed: int) -> tuple[Array, Array, Array, Array]:
    """One perceptron by AdamW on a Huber loss (0.7 EV), cosine schedule, a little input noise."""
    rng = np.random.default_rng(seed)
    p = [
        rng.normal(0, np.sqrt(2 / FEATURES), (FEATURES, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, 0.1 / np.sqrt(HIDDEN), (HIDDEN, 1)),
        np.zeros(1),
    ]
    p = [v.astype(np.float32) for v in p]
    m, v = [np.zeros_like(a) for a in p], [np.zeros_like(a) for a in p]
    count = 0
    for epoch in range(EPOCHS):
        rate = RATE / 2 * (1 + np.cos(np.pi * epoch / EPOCHS))
        order = rng.permutation(len(x))
        for start in range(0, len(x) - BATCH, BATCH):
            index = order[start : start + BATCH]
            batch = x[index] + rng.normal(0, 0.1, (BATCH, FEATURES)).astype(np.float32)
            hidden = np.maximum(batch @ p[0] + p[1], 0)
            error = (hidden @ p[2] + p[3])[:, 0] - y[index]
            slope = (np.clip(error, -0.7, 0.7) / BATCH)[:, None].astype(np.float32)
            back = (slope @ p[2].T) * (hidden > 0)
            gradients = [batch.T @ back, back.sum(axis=0), hidden.T @ slope, slope.sum(axis=0)]
            count += 1
            for i, g in enumerate(gradients):
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g * g
                step = m[i] / (1 - 0.9**count) / (np.sqrt(v[i] / (1 - 0.999**count)) + 1e-8)
                p[i] -= rate * (step + (DECAY * p[i] if p[i].ndim == 2 else 0))
    return p[0], p[1], p[2], p[3]


def export(first: Array, bias: Array, second: Array, last: Array) -> None:
    """Write the two layers as ONNX: ``features`` n x 156 -> ``shift`` n x 1."""
    weights = {"w1": first, "b1": bias, "w2": second, "b2": last}
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["features", "w1", "b1"], ["a"]),
            helper.make_node("Relu", ["a"], ["h"]),
            helper.make_node("Gemm", ["h", "w2", "b2"], ["shift"]),
        ],
        "exposure",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", FEATURES])],
        [helper.make_tensor_value_info("shift", TensorProto.FLOAT, ["n", 1])],
        [numpy_helper.from_array(w.astype(np.float32), name) for name, w in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    TARGET.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main()
