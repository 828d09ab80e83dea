"""Photos stretched at random, so that what is in them tells, not only how they were resampled."""

from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import cv2
import numpy as np
from numpy.typing import NDArray

from _stretch.net import REACH, STEPS

Float = NDArray[np.float32]
Picture = NDArray[np.uint8]
SHARE = {
    # pattern below the data folder -> how often its pictures are drawn, 1 = once an epoch
    "photos/*.*": 1.0,
    "photos/imagenet1k/*": 1.2,
    "photos/caltech101/*/*": 0.8,
    "photos/sun/*/*": 0.8,
    "photos/food/*": 1.5,
    "photos/bsds500train/*": 4.0,
    "portraits/*": 0.7,
    "segment/person/image/*": 1.5,
    "segment/salient/image/*": 1.2,
    "sky/image/ade*": 1.0,
    "sky/image/city*": 0.5,
    "classify/*/*": 0.4,
    "hr/*": 1.0,
}
LIMIT = float(np.log(2.5))  # of the stretches
SPREAD = 0.05  # of the targets, natural logarithm
SHAPES = ((160, 160), (160, 160), (128, 192), (192, 128), (192, 192))  # height, width of the views
CODES = np.linspace(-REACH, REACH, STEPS, dtype=np.float32)
FILTERS = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)


def index(data: Path) -> tuple[list[Path], NDArray[np.float64]]:
    """The photos and how often each is drawn."""
    paths: list[Path] = []
    shares: list[float] = []
    for pattern, share in SHARE.items():
        found = sorted(p for p in data.glob(pattern) if p.suffix in (".jpg", ".png"))
        paths += found
        shares += [share] * len(found)
    return paths, np.array(shares)


def read(path: Path) -> Picture:
    """RGB uint8."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return np.ascontiguousarray(bgr[:, :, ::-1])


def target(stretch: float) -> Float:
    """Shares of the steps, [STEPS]."""
    near = np.exp(-(((CODES - stretch) / SPREAD) ** 2) / 2)
    return np.asarray(near / near.sum(), np.float32)


def view(
    picture: Picture, rng: np.random.Generator, shape: tuple[int, int], stretch: float
) -> Float:
    """A part of ``picture``, ``exp(stretch)`` times too wide, as ``shape`` [h, w, 3] 0..1.

    The part's own proportions do not tell the stretch: the shape is given beforehand.
    """
    height, width = picture.shape[:2]
    aspect = shape[1] / shape[0] / np.exp(stretch)  # of the part
    w = min(width, height * aspect)
    h = w / aspect
    cut = rng.uniform(0.6, 1.0)
    w, h = max(8.0, w * cut), max(8.0, h * cut)
    left, top = rng.uniform(0, max(width - w, 0) + 1e-6), rng.uniform(0, max(height - h, 0) + 1e-6)
    box = np.s_[
        int(top) : max(int(top + h), int(top) + 4), int(left) : max(int(left + w), int(left) + 4)
    ]
    part = picture[box]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    part = np.ascontiguousarray(part)
    size = (shape[1], shape[0])
    gain = (size[0] / part.shape[1], size[1] / part.shape[0])
    if max(gain) < 1:
        way = cv2.INTER_AREA if rng.random() < 0.7 else cv2.INTER_LINEAR
        light = cv2.resize(part, size, interpolation=way)
    else:
        light = cv2.resize(part, size, interpolation=FILTERS[int(rng.integers(1, 4))])
    light = light.astype(np.float32) / 255
    return _taken(_even(light, gain, rng), rng)


def _even(light: Float, gain: tuple[float, float], rng: np.random.Generator) -> Float:
    """Blur of the sharper direction, for the softness of one enlarged side gives the answer away.

    Pictures larger than the view, as most users have, do not show it.
    """
    dice = rng.random()
    if dice < 0.7:
        most = max(*gain, 1.0)
        scale = float(rng.uniform(0.3, 0.6))
        wide = [scale * np.sqrt(max(most**2 - max(g, 0.7) ** 2, 0)) for g in gain]
        wide = [w + abs(rng.normal(0, 0.12)) for w in wide]
    elif dice < 0.85:
        wide = list(rng.uniform(0, 1.0, 2))
    else:
        return light
    sigma = [max(w, 1e-3) for w in wide]
    return np.asarray(cv2.GaussianBlur(light, (9, 9), sigmaX=sigma[0], sigmaY=sigma[1]), np.float32)


def _taken(light: Float, rng: np.random.Generator) -> Float:
    """Exposure, colour, noise and coding of another camera."""
    if rng.random() < 0.6:
        gain = np.exp(rng.normal(0, 0.12) + rng.normal(0, 0.05, 3)).astype(np.float32)
        light = np.clip(light * gain, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.15)))
    if rng.random() < 0.15:
        grey = light.mean(axis=2, keepdims=True)
        light = grey + (light - grey) * np.float32(rng.uniform(0, 1.0))
    if rng.random() < 0.2:
        light = light + rng.normal(0, rng.uniform(0.005, 0.04), light.shape).astype(np.float32)
    levels = np.rint(np.clip(light, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.35:
        quality = int(rng.integers(35, 95))
        _, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        levels = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return levels.astype(np.float32) / 255


def batches(
    paths: list[Path], shares: NDArray[np.float64], count: int, seed: int
) -> Iterator[tuple[Float, Float]]:
    """Endless batches [n, 3, h, w] and targets [n, STEPS], made ahead by one thread."""
    queue: Queue[tuple[Float, Float]] = Queue(4)
    kept: dict[Path, Picture] = {}

    def picture(path: Path) -> Picture:
        if path not in kept:
            kept[path] = read(path)
        return kept[path]

    def make() -> None:
        rng = np.random.default_rng(seed)
        while True:
            shape = SHAPES[int(rng.integers(len(SHAPES)))]
            picks = rng.choice(len(paths), count, p=shares / shares.sum())
            stretches = rng.uniform(-LIMIT, LIMIT, count)
            views = [
                view(picture(paths[i]), rng, shape, float(s))
                for i, s in zip(picks, stretches, strict=True)
            ]
            goals = np.stack([target(float(s)) for s in stretches])
            queue.put((np.stack(views).transpose(0, 3, 1, 2), goals))

    Thread(target=make, daemon=True).start()
    while True:
        yield queue.get()
