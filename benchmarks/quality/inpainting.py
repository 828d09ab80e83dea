"""inpainting: SSIM inside seeded holes of 5, 20 and 40 % against cv2's Telea on the same holes.

Pictures: kodak, cbsd68, photos/food. Two hole kinds: rectangles (what the vendor's interface can ask
for) and thick strokes (masks). The floor of each row is the better of Telea with radius 3 and 5,
measured in the same run. ``inpaint/`` has no truth and is judged by eye.
"""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality._metrics import ssim_map
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators.inpainting import fill

SETS = ("sr/kodak", "sr/cbsd68", "photos/food")
KINDS = ("rectangles", "strokes")
PERCENT = (5, 20, 40)
RADII = (3, 5)

Mask = NDArray[np.bool_]


def measure() -> list[Row]:
    """Rows per kind and size, per size, overall, and the share of outside pixels left as they were."""
    scores: dict[tuple[str, int], list[tuple[float, ...]]] = {}
    changed = 0
    paths = [path for folder in SETS for path in files(folder)]
    with ProcessPoolExecutor() as pool:
        for found, outside in pool.map(_picture, paths, range(len(paths))):
            changed += outside
            for case, values in found.items():
                scores.setdefault(case, []).append(values)
    rows = [_row(f"{kind} {size} %", got) for (kind, size), got in scores.items()]
    for size in PERCENT:
        rows.append(_row(f"all {size} %", [s for kind in KINDS for s in scores[kind, size]]))
    rows.append(_row("all holes", [s for got in scores.values() for s in got]))
    count = len(paths) * len(KINDS) * len(PERCENT)
    rows.append(Row("inpainting", "all holes", count, "changed values outside", changed, 0, True))
    return rows


def _picture(path: Path, seed: int) -> tuple[dict[tuple[str, int], tuple[float, ...]], int]:
    """SSIM of ours and of the rivals per kind and size; number of values changed outside."""
    picture = read(path)
    scores, changed = {}, 0
    for kind in KINDS:
        for percent in PERCENT:
            hole = cut(picture.shape[0], picture.shape[1], kind, percent, seed)
            spoiled = picture.copy()
            spoiled[hole] = 128
            ours = fill(spoiled, hole)
            changed += int((ours[~hole] != picture[~hole]).sum())
            flat = hole.astype(np.uint8)
            rivals = [cv2.inpaint(spoiled, flat, radius, cv2.INPAINT_TELEA) for radius in RADII]
            scores[kind, percent] = tuple(inside(picture, got, hole) for got in (ours, *rivals))
    return scores, changed


def _row(name: str, scores: list[tuple[float, ...]]) -> Row:
    mean = np.mean(scores, axis=0)
    return Row(
        "inpainting", name, len(scores), "SSIM in the hole, floor Telea", mean[0], max(mean[1:])
    )


def inside(truth: NDArray[np.uint8], filled: object, hole: Mask) -> float:
    """Mean of the SSIM map over the hole's pixels."""
    return float(ssim_map(truth, np.asarray(filled, dtype=np.uint8))[hole].mean())


def cut(height: int, width: int, kind: str, percent: int, seed: int) -> Mask:
    """A hole of at least ``percent`` of the picture, grown piece by piece until it is reached."""
    rng = np.random.default_rng([seed, KINDS.index(kind), percent])
    mask = np.zeros((height, width), dtype=np.uint8)
    wanted = height * width * percent / 100
    while mask.sum() < wanted:
        if kind == "rectangles":
            _rectangle(mask, rng, wanted - mask.sum())
        else:
            _stroke(mask, rng)
    return mask.astype(np.bool_)


def _rectangle(mask: NDArray[np.uint8], rng: np.random.Generator, area: float) -> None:
    height, width = mask.shape
    area = min(area, height * width * 0.2)
    shape = float(np.exp(rng.uniform(-0.7, 0.7)))
    w = int(min(width - 1, max(2, np.ceil(np.sqrt(area * shape)))))
    h = int(min(height - 1, max(2, np.ceil(area / w))))
    left, top = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
    mask[top : top + h, left : left + w] = 1


def _stroke(mask: NDArray[np.uint8], rng: np.random.Generator) -> None:
    height, width = mask.shape
    side = min(height, width)
    at = rng.uniform((0, 0), (width, height))
    angle = rng.uniform(0, 2 * np.pi)
    thick = int(rng.integers(max(3, side // 32), max(4, side // 12)))
    for _ in range(int(rng.integers(3, 7))):
        angle += rng.uniform(-0.9, 0.9)
        step = rng.uniform(0.08, 0.2) * side
        to = at + step * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(mask, [int(v) for v in at], [int(v) for v in to], 1, thick)
        at = np.clip(to, 0, (width - 1, height - 1))
