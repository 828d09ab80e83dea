"""A network's mean result over turned and mirrored copies of a picture: it errs differently on each.

R. Timofte et al., "Seven ways to improve example-based single image super resolution",
doi:10.1109/CVPR.2016.206.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from xiutu.models import threads
from xiutu.operators._base import Rgb

__all__ = ["averaged", "rounded", "turns"]

ORDER = (0, 5, 2, 7, 1, 4, 3, 6)  # quarter turns + 4 if mirrored: the first few differ most


def averaged(image: Rgb, restore: Callable[[Rgb], Rgb], count: int) -> NDArray[np.float32]:
    """Mean of ``restore`` over ``count`` copies, 1..8: H x W x 3 float32, levels (not rounded).

    ``restore`` may change the size by a factor. It is called from ``threads()`` threads: a copy that
    is one tile would leave all cores but one idle.
    """
    with ThreadPoolExecutor(threads()) as pool:
        results = pool.map(lambda way: _back(restore(_turned(image, way)), way), ORDER[:count])
        return np.mean([*results], axis=0, dtype=np.float32)


def rounded(levels: NDArray[np.float32]) -> Rgb:
    """The picture of ``levels`` (any shape), clamped to 0..255."""
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def turns(most: int, image: Rgb) -> int:
    """How many copies of a picture there are in ``most`` pixels: 1..8."""
    return min(max(most // (image.shape[0] * image.shape[1]), 1), len(ORDER))


def _turned(image: Rgb, way: int) -> Rgb:
    turned = np.rot90(image, way % 4)
    return np.ascontiguousarray(turned[:, ::-1] if way >= 4 else turned)


def _back(result: Rgb, way: int) -> Rgb:
    return np.rot90(result[:, ::-1] if way >= 4 else result, -(way % 4))
