"""What a picture's JPEG coding tells of the picture before it, once artefacts were taken away."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._base import Rgb
from xiutu.operators._nets.dct import basis, blocks, steps
from xiutu.operators._nets.estimate import jpeg_quality

__all__ = ["Coding", "coding", "consistent", "trusted"]

Float = NDArray[np.float32]

# Share of a result by JPEG quality: a net that is blind to it takes too much from lightly coded
# pictures. Those that score best; with all of it, quality 92 would lose what is half a decibel.
TRUST = ((40, 1.0), (60, 0.92), (75, 0.8), (85, 0.64), (92, 0.46), (96, 0.3))
COARSE = 60  # quality up to which the steps are wide enough to tell anything
NARROWED = 0.7  # of a step's width: the truth is seldom at its very end
TWICE = 0.05  # share of coefficients beyond their step: an earlier coding was worse than the last
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


class Coding(NamedTuple):
    """libjpeg ``quality`` of the last coding; row and column of its first whole block, 0..7."""

    quality: int
    top: int = 0
    left: int = 0

    def share(self, shares: tuple[tuple[int, float], ...]) -> float:
        """What rows of quality and share, between which it is linear, say for this quality."""
        return float(
            np.interp(self.quality, [q for q, _ in shares], [value for _, value in shares])
        )


def coding(image: Rgb) -> Coding | None:
    """How a picture was coded, wherever the blocks of a cropped one begin; None without traces."""
    quality = jpeg_quality(image)
    if quality is not None:
        return Coding(quality)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.int16)
    top, left = _grid(grey), _grid(grey.T)
    if top or left:
        quality = jpeg_quality(np.ascontiguousarray(image[top:, left:]))
    return None if quality is None else Coding(quality, top, left)


def trusted(image: Rgb, clean: Rgb, coded: Coding) -> Rgb:
    """``clean``, which was made of ``image``, as far as the truth is there and not at ``image``."""
    share = coded.share(TRUST)
    return np.asarray(cv2.addWeighted(image, 1 - share, clean, share, 0), np.uint8)


def consistent(image: Rgb, levels: Float, coded: Coding) -> Float:
    """``levels`` with the brightness that coding it would give ``image`` again.

    The file says of each luminance coefficient in which quantisation step it was; what a network
    moved beyond is brought back (projection onto the quantisation constraint set: A. Zakhor, IEEE
    Trans. Circuits and Systems for Video Technology 2(1), 1992, 91-95).

    Args:
        image: H x W x 3 uint8, as coded.
        levels: H x W x 3 float32, made of ``image``, levels of 255.
        coded: How ``image`` was coded. Above quality ``COARSE`` nothing is changed, nor where too
            much would be: then it had been coded before, and worse.
    """
    height, width = ((n - o) // 8 * 8 for n, o in zip(image.shape, coded[1:], strict=False))
    if coded.quality > COARSE or height < 8 or width < 8:
        return levels
    inside = np.s_[coded.top : coded.top + height, coded.left : coded.left + width]
    moved = np.asarray((levels[inside] - image[inside]) @ LUMA, np.float32)
    dct, half = basis(), steps(coded.quality) / 2
    found = dct @ blocks(moved) @ dct.T
    if (np.abs(found) > half).mean() > TWICE:
        return levels
    excess = dct.T @ (np.clip(found, -NARROWED * half, NARROWED * half) - found) @ dct
    result = levels.copy()
    result[inside] += excess.transpose(0, 2, 1, 3).reshape(height, width, 1)
    return result


def _grid(grey: NDArray[np.int16]) -> int:
    """Row at which the blocks begin, 0..7: where steps between rows exceed those beside them."""
    if len(grey) < 32:
        return 0
    step = np.abs(np.diff(grey, axis=0)).mean(axis=1, dtype=np.float32)
    excess = step[1:-1] - (step[:-2] + step[2:]) / 2
    excess = np.minimum(excess[: len(excess) // 8 * 8], np.percentile(excess, 98))
    return (int(excess.reshape(-1, 8).mean(axis=0).argmax()) + 2) % 8
