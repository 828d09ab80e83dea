"""Perceptrons with one hidden layer and one output, in plain numpy: fitted, joined and exported.

The nets ``exposure`` and ``haze`` are the mean of a few of these, in one graph.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.float32]
Layers = tuple[Array, Array, Array, Array]
"""Weights n x hidden, bias; weights hidden x 1, bias."""


@dataclass(frozen=True)
class Recipe:
    """How a perceptron is fitted.

    ``bound``: error beyond which the Huber loss grows linearly. ``rate`` and ``decay``: of learning at
    the start, and of the weights (AdamW). ``batch``: examples of a step.
    """

    bound: float
    epochs: int
    batch: int
    rate: float
    decay: float
    hidden: int = 32


def fit(
    x: Array, y: Array, seed: int, recipe: Recipe, bias: float = 0.0
) -> tuple[Layers, list[float]]:
    """One perceptron, cosine schedule, a little input noise; its layers and loss by epoch.

    ``x``: figures of spread one, n x features. ``y``: what is to be told, n. ``bias``: of the output,
    at the start.
    """
    rng, features, hidden = np.random.default_rng(seed), x.shape[1], recipe.hidden
    batch, bound = recipe.batch, recipe.bound
    start = [
        rng.normal(0, np.sqrt(2 / features), (features, hidden)),
        np.zeros(hidden),
        rng.normal(0, 0.1 / np.sqrt(hidden), (hidden, 1)),
        np.full(1, bias),
    ]
    p = [a.astype(np.float32) for a in start]
    m, v = [np.zeros_like(a) for a in p], [np.zeros_like(a) for a in p]
    count, history = 0, []
    for epoch in range(recipe.epochs):
        speed = recipe.rate / 2 * (1 + np.cos(np.pi * epoch / recipe.epochs))
        order, losses = rng.permutation(len(x)), []
        for first in range(0, max(len(x) - batch, 0) + 1, batch):
            index = order[first : first + batch]
            given = x[index] + rng.normal(0, 0.1, (len(index), features)).astype(np.float32)
            inner = np.maximum(given @ p[0] + p[1], 0)
            error = (inner @ p[2] + p[3])[:, 0] - y[index]
            losses.append(float(np.abs(error).mean()))
            slope = (np.clip(error, -bound, bound) / len(index))[:, None].astype(np.float32)
            back = (slope @ p[2].T) * (inner > 0)
            gradients = [given.T @ back, back.sum(axis=0), inner.T @ slope, slope.sum(axis=0)]
            count += 1
            for i, g in enumerate(gradients):
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g * g
                step = m[i] / (1 - 0.9**count) / (np.sqrt(v[i] / (1 - 0.999**count)) + 1e-8)
                p[i] -= speed * (step + (recipe.decay * p[i] if p[i].ndim == 2 else 0))
        history.append(float(np.mean(losses)))
    return (p[0], p[1], p[2], p[3]), history


def joined(nets: list[Layers], mean: Array, spread: Array) -> Layers:
    """The mean of ``nets`` as one, for figures as they are: normalisation goes into the first layer."""
    first = np.concatenate([w / spread[:, None] for w, _, _, _ in nets], axis=1)
    bias = np.concatenate([b for _, b, _, _ in nets]) - mean @ first
    second = np.concatenate([w for _, _, w, _ in nets]) / np.float32(len(nets))
    return first, bias, second, np.mean([b for _, _, _, b in nets], axis=0)


def told(net: Layers, x: Array) -> Array:
    """What ``net`` tells of ``x``, n."""
    first, bias, second, last = net
    return np.asarray(np.maximum(x @ first + bias, 0) @ second[:, 0] + last, np.float32)


def export(target: Path, net: Layers, name: str, output: str) -> None:
    """Write ``net`` as ONNX: ``features`` n x features -> ``output`` n x 1."""
    weights = dict(zip(("w1", "b1", "w2", "b2"), net, strict=True))
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["features", "w1", "b1"], ["a"]),
            helper.make_node("Relu", ["a"], ["h"]),
            helper.make_node("Gemm", ["h", "w2", "b2"], [output]),
        ],
        name,
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", len(net[0])])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 1])],
        [numpy_helper.from_array(w.astype(np.float32), key) for key, w in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(model.SerializeToString())
