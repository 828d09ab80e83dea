"""Colour pictures as training pairs: a grey picture as old cameras, papers and scanners made it,
and the chrominance that belongs to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
STEP = 10  # distance of neighbouring colour bins, CIELAB units
REACH = 11  # bins on either side of neutral
SIDE = 2 * REACH + 1
SHARE = {
    # pattern below the data folder -> how often its pictures are drawn, 1 = once an epoch
    "photos/**/*": 1.0,
    "portraits/*": 1.5,
    "segment/person/image/*": 1.5,
    "segment/salient/image/*": 1.0,
    "sky/image/*": 0.8,
    "classify/*/*": 0.7,
    "hr/*": 1.0,
}
GREY = 5.0  # mean chroma below which a picture teaches nothing
TONED = 4.0  # spread of the hue plane below which it is a toned monochrome


@dataclass
class Index:
    """Which pictures, how often, and how common each colour is in them."""

    paths: list[Path]
    weights: NDArray[np.float64]
    counts: NDArray[np.float64]


def index(data: Path, cache: Path, limit: int | None) -> Index:
    """Read every picture once; grey and toned ones are dropped. The result is kept in ``cache``."""
    if cache.exists():
        kept = np.load(cache)
        return Index([Path(p) for p in kept["paths"]], kept["weights"], kept["counts"])
    paths, weights, counts = [], [], np.zeros((SIDE, SIDE))
    for pattern, share in SHARE.items():
        found = sorted(p for p in data.glob(pattern) if p.suffix in (".jpg", ".png"))
        for path in found[:limit]:
            picture = read(path)
            small = cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA)
            ab = lab(small)[:, :, 1:]
            chroma = np.linalg.norm(ab, axis=2)
            if chroma.mean() < GREY or ab.std(axis=(0, 1)).sum() < TONED:
                continue
            paths.append(path)
            weights.append(share)
            cell = np.rint(ab / STEP).astype(int).clip(-REACH, REACH) + REACH
            np.add.at(counts, (cell[:, :, 0], cell[:, :, 1]), share)
    found_index = Index(paths, np.array(weights), counts)
    np.savez(
        cache, paths=np.array([str(p) for p in paths]), weights=found_index.weights, counts=counts
    )
    return found_index


def read(path: Path) -> NDArray[np.uint8]:
    """RGB uint8."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return np.ascontiguousarray(bgr[:, :, ::-1])


def lab(rgb: NDArray[np.uint8]) -> Float:
    """CIELAB, H x W x 3 float32."""
    return cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def pair(
    picture: NDArray[np.uint8], rng: np.random.Generator, size: int, *, plain: bool = False
) -> tuple[Float, Float]:
    """One view of a picture: grey [size, size] 0..1 and ab [size / 4, size / 4, 2].

    ``plain`` gives the middle of the picture without any ageing, for validation.
    """
    crop = _crop(picture, rng, size, plain=plain)
    ab = lab(cv2.resize(crop, (size // 4, size // 4), interpolation=cv2.INTER_AREA))[:, :, 1:]
    if plain:
        grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    else:
        grey = _film(crop, rng)
        if rng.random() < 0.65:
            grey = _aged(grey, rng)
        if rng.random() < 0.08:
            grey, ab = _bordered(grey, ab, rng)
        grey = np.rint(np.clip(grey, 0, 1) * 255).astype(np.float32) / 255
    return grey, ab


def _crop(
    picture: NDArray[np.uint8], rng: np.random.Generator, size: int, *, plain: bool
) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    short = min(height, width)
    if plain:
        w = h = short
        top, left = (height - h) // 2, (width - w) // 2
    else:
        side = short * np.sqrt(rng.uniform(0.35, 1.0))
        aspect = np.exp(rng.uniform(-0.25, 0.25))
        w, h = (
            int(np.clip(side * f, 16, limit))
            for f, limit in ((aspect, width), (1 / aspect, height))
        )
        top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
    crop = picture[top : top + h, left : left + w]
    if not plain and rng.random() < 0.5:
        crop = crop[:, ::-1]
    way = cv2.INTER_AREA if w > size else cv2.INTER_CUBIC
    return cv2.resize(np.ascontiguousarray(crop), (size, size), interpolation=way)


def _film(crop: NDArray[np.uint8], rng: np.random.Generator) -> Float:
    """Grey as a camera sees it: mostly luma, else a film that sees less red or more of it."""
    mix = np.array([0.299, 0.587, 0.114])
    if rng.random() < 0.35:
        # Old emulsions were blind to red; filters and digital conversions do the opposite.
        wild = rng.dirichlet([1.0, 1.6, 1.0]) if rng.random() < 0.5 else np.array([0.1, 0.5, 0.4])
        mix = mix + rng.uniform(0.2, 1.0) * (wild - mix)
    return cv2.transform(crop.astype(np.float32) / 255, mix[None].astype(np.float32))


def _aged(grey: Float, rng: np.random.Generator) -> Float:
    """Some of: gamma, contrast, blur, vignette, fading, grain, dust and scratches, JPEG."""
    size = grey.shape[0]
    if rng.random() < 0.6:
        grey = np.clip(grey, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.25)))
    if rng.random() < 0.4:
        grey = np.clip(0.5 + rng.uniform(0.75, 1.5) * (grey - rng.uniform(0.4, 0.6)), 0, 1)
    if rng.random() < 0.35:
        grey = cv2.GaussianBlur(grey, (0, 0), float(rng.uniform(0.4, 2.2)))
    if rng.random() < 0.2:
        y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
        grey = grey * (1 - rng.uniform(0.1, 0.5) * (x**2 + y**2) / 2)
    if rng.random() < 0.35:
        low, high = rng.uniform(0, 0.25), rng.uniform(0.75, 1)
        grey = low + (high - low) * grey
    if rng.random() < 0.45:
        grain = rng.standard_normal((size, size), np.float32)
        if rng.random() < 0.6:
            grain = cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(0.4, 1.2)))
            grain /= grain.std()
        grey = grey + np.float32(rng.uniform(0.01, 0.09)) * grain
    if rng.random() < 0.12:
        grey = _scratched(np.ascontiguousarray(grey, np.float32), rng)
    if rng.random() < 0.35:
        levels = np.rint(np.clip(grey, 0, 1) * 255).astype(np.uint8)
        quality = int(rng.integers(25, 95))
        _, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        grey = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) / 255
    return np.asarray(grey, np.float32)


def _scratched(grey: Float, rng: np.random.Generator) -> Float:
    size = grey.shape[0]
    for _ in range(int(rng.integers(1, 12))):
        x, y = (int(v) for v in rng.integers(0, size, 2))
        tone = float(rng.choice([0.05, 0.95]))
        if rng.random() < 0.5:
            end = (int(x + rng.normal(0, 8)), int(y + rng.normal(0, 80)))
            cv2.line(grey, (x, y), end, tone, 1, cv2.LINE_AA)
        else:
            cv2.circle(grey, (x, y), int(rng.integers(1, 3)), tone, -1)
    return grey


def _bordered(grey: Float, ab: Float, rng: np.random.Generator) -> tuple[Float, Float]:
    """A white or black paper border round the picture, without colour."""
    size = grey.shape[0]
    width = 4 * int(rng.uniform(0.005, 0.03) * size)
    inner = (size - 2 * width, size - 2 * width)
    tone = rng.uniform(0.85, 1) if rng.random() < 0.8 else rng.uniform(0, 0.1)
    framed = np.full((size, size), tone, np.float32)
    framed += rng.normal(0, 0.01, framed.shape).astype(np.float32)
    inside = np.s_[width : size - width, width : size - width]
    framed[inside] = cv2.resize(grey, inner, interpolation=cv2.INTER_AREA)
    width //= 4
    colour = np.zeros_like(ab)
    inside = np.s_[width : len(ab) - width, width : len(ab) - width]
    inner = (len(ab) - 2 * width, len(ab) - 2 * width)
    colour[inside] = cv2.resize(ab, inner, interpolation=cv2.INTER_AREA)
    return framed, colour


def batches(chosen: Index, size: int, count: int, seed: int) -> Iterator[tuple[Float, Float]]:
    """Endless batches [n, size, size] and [n, size/4, size/4, 2], made ahead by one thread."""
    queue: Queue[tuple[Float, Float]] = Queue(4)

    def make() -> None:
        rng = np.random.default_rng(seed)
        share = chosen.weights / chosen.weights.sum()
        while True:
            picks = rng.choice(len(chosen.paths), count, p=share)
            views = [pair(read(chosen.paths[i]), rng, size) for i in picks]
            queue.put((np.stack([v[0] for v in views]), np.stack([v[1] for v in views])))

    Thread(target=make, daemon=True).start()
    while True:
        yield queue.get()
