"""Pictures with sky masks, pictures without sky, and new skies behind old roofs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Picture = NDArray[np.uint8]
UNKNOWN = 128  # level of a mask where nobody knows; 0 ground, 255 sky
SHARES = {"ade": 4.0, "auto": 2.0, "camvid": 0.5, "city": 0.7}  # CamVid's frames are neighbours
EMPTY = 0.4  # share of a labelled picture without sky
BARE = {  # without sky: folder below the data folder -> share
    "photos/food": 0.1,
    "photos/sun/kitchen": 0.12,
    "photos/sun/laundromat": 0.12,
    "photos/sun/library": 0.12,
    "photos/sun/computer_room": 0.12,
    "photos/sun/art_gallery": 0.12,
    "photos/sun/auditorium": 0.12,
    "documents/dirty": 0.1,
}
POOL = (
    "airport", "campus", "desert", "football_field", "garden", "highway", "mountain", "ocean", "sky",
    "tennis_court", "waterfall", "windmill", "baseball_field", "bamboo_forest",
)  # fmt: skip
POOL_FOLDERS = (*(f"photos/sun/{name}" for name in POOL), "photos/bsds500train")


@dataclass
class Item:
    """A picture, its mask (None: no sky) and how often it is drawn."""

    picture: Picture
    mask: Picture | None
    share: float


def read(path: Path) -> Picture:
    """RGB uint8."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return np.ascontiguousarray(bgr[:, :, ::-1])


def labelled(data: Path) -> list[Item]:
    """The pictures of ``data/sky``."""
    found = []
    for path in sorted((data / "sky" / "image").iterdir()):
        mask = cv2.imread(str(data / "sky" / "mask" / f"{path.stem}.png"), cv2.IMREAD_GRAYSCALE)
        share = SHARES.get(path.name.partition("_")[0], 1.0) if mask.any() else EMPTY
        found.append(Item(read(path), np.where(mask > 0, np.uint8(255), np.uint8(0)), share))
    return found


def bare(data: Path) -> list[Item]:
    """Pictures of kinds that show no sky."""
    return [
        Item(read(path), None, share)
        for folder, share in BARE.items()
        for path in sorted((data / folder).glob("*.*"))
    ]


def pool(data: Path) -> list[Path]:
    """Outdoor photos without labels."""
    return [p for folder in POOL_FOLDERS for p in sorted((data / folder).glob("*.*"))]


def fitted(picture: Picture, area: int) -> Picture:
    """About ``area`` pixels, sides multiples of 32, proportions kept to within 32 px."""
    height, width = picture.shape[:2]
    scale = (area / (height * width)) ** 0.5
    size = [max(32, round(side * scale / 32) * 32) for side in (width, height)]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def view(
    item: Item, skies: list[Item], rng: np.random.Generator, size: int
) -> tuple[Float, Picture]:
    """Picture [size, size, 3] 0..1 and mask [size, size] of levels."""
    picture, mask = item.picture, item.mask
    if mask is None:
        mask = np.zeros(picture.shape[:2], np.uint8)
    picture, mask = _cut(picture, mask, rng, size)
    light = picture.astype(np.float32) / 255
    if item.mask is not None and rng.random() < 0.4 and 0.03 < (mask == 255).mean() < 0.9:
        light = _other_sky(light, mask, skies[int(rng.integers(len(skies)))], rng)
    return _taken(light, rng), mask


def _cut(
    picture: Picture, mask: Picture, rng: np.random.Generator, size: int
) -> tuple[Picture, Picture]:
    height, width = picture.shape[:2]
    if rng.random() < 0.35:
        w, h = width, height  # all of it, squeezed
    else:
        side = min(height, width) * rng.uniform(0.55, 1.25)
        aspect = np.exp(rng.uniform(-0.3, 0.3))
        w, h = int(min(side * aspect, width)), int(min(side / aspect, height))
    top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
    box = np.s_[top : top + h, left : left + w]
    step = -1 if rng.random() < 0.5 else 1
    way = cv2.INTER_AREA if w > size else cv2.INTER_LINEAR
    out = cv2.resize(np.ascontiguousarray(picture[box][:, ::step]), (size, size), interpolation=way)
    known = np.ascontiguousarray(mask[box][:, ::step])
    soft = cv2.resize(known, (size, size), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.5:  # seen from further away, for the net must know small pictures too
        small = int(size * rng.uniform(0.4, 1.0))
        coarse = cv2.resize(out, (small, small), interpolation=cv2.INTER_AREA)
        out = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_LINEAR)
    return out, soft


def _other_sky(light: Float, mask: Picture, source: Item, rng: np.random.Generator) -> Float:
    """The sky of another picture, or a gradient, behind the same ground."""
    size = light.shape[0]
    if rng.random() < 0.3:
        top, bottom = rng.uniform(0.3, 1.0, (2, 3)).astype(np.float32)
        grey = rng.random() < 0.5
        if grey:
            top, bottom = np.full(3, top[0]), np.full(3, min(1.0, top[0] + rng.uniform(-0.2, 0.4)))
        ramp = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
        sky = np.broadcast_to(top * (1 - ramp) + bottom * ramp, light.shape)
    else:
        assert source.mask is not None
        rows = np.flatnonzero((source.mask == 255).mean(axis=1) > 0.97)
        if len(rows) < 16:
            return light
        band = source.picture[rows[0] : rows[-1] + 1]
        sky = cv2.resize(band, (size, size), interpolation=cv2.INTER_LINEAR)[:, ::-1] / 255
    share = cv2.GaussianBlur((mask / 255).astype(np.float32), (0, 0), 0.7)[:, :, None]
    return np.asarray(light * (1 - share) + sky * share, np.float32)


def _taken(light: Float, rng: np.random.Generator) -> Float:
    """Exposure, colour and coding of another camera."""
    if rng.random() < 0.7:
        gain = np.exp(rng.normal(0, 0.18) + rng.normal(0, 0.06, 3)).astype(np.float32)
        light = np.clip(light * gain, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.2)))
    if rng.random() < 0.25:
        grey = light.mean(axis=2, keepdims=True)
        light = grey + (light - grey) * np.float32(rng.uniform(0, 1.6))
    if rng.random() < 0.15:
        light = light[:, :, rng.permutation(3)]  # sunsets, filters
    if rng.random() < 0.25:
        light = light + rng.normal(0, rng.uniform(0.005, 0.05), light.shape).astype(np.float32)
    levels = np.rint(np.clip(light, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = int(rng.integers(35, 95))
        _, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        levels = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return levels.astype(np.float32) / 255


def batches(items: list[Item], size: int, count: int, seed: int) -> Iterator[tuple[Float, Picture]]:
    """Endless batches [n, size, size, 3] and [n, size, size], made ahead; ``items`` may grow."""
    queue: Queue[tuple[Float, Picture]] = Queue(4)

    def make() -> None:
        rng = np.random.default_rng(seed)
        while True:
            now = list(items)
            share = np.array([item.share for item in now])
            skies = [item for item in now if item.mask is not None and item.mask.max() == 255]
            picks = rng.choice(len(now), 20 * count, p=share / share.sum())
            for start in range(0, len(picks), count):
                views = [view(now[i], skies, rng, size) for i in picks[start : start + count]]
                queue.put((np.stack([v[0] for v in views]), np.stack([v[1] for v in views])))

    Thread(target=make, daemon=True).start()
    while True:
        yield queue.get()
