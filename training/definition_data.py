"""Pairs of coded and clean patches that the net ``definition`` learns from."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.uint8]
# (input, target) of a crop, the side of the patch that is wanted, and dice
Spoil = Callable[[Array, int, np.random.Generator], tuple[Array, Array]]
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

    def __init__(
        self, root: Path, side: int, seed: int, limit: int, spoil: Spoil | None = None
    ) -> None:
        self.side, self._seed, self._spoil = side, seed, spoil or degraded
        self._rng = np.random.default_rng(seed)
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

    def go_on(self, step: int) -> None:
        """Draw others than the run that stopped at ``step`` drew."""
        self._rng = np.random.default_rng([self._seed, step])

    def batch(self, size: int) -> tuple[Tensor, Tensor]:
        """``size`` inputs and targets, 0..1; both [size, 3, side, side] unless ``spoil`` changes sizes."""
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
        return self._spoil(crop, self.side, rng)


def tensor(pictures: list[Array]) -> Tensor:
    """BGR uint8 pictures to [n, 3, h, w] RGB 0..1."""
    planes = np.stack(pictures)[:, :, :, ::-1].transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(planes, np.float32) / 255)
