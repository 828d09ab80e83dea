"""Takes JPEG artefacts away with all that there is: the mean of networks that err in different ways."""

from functools import partial

import numpy as np

from xiutu.models import bfloat16
from xiutu.operators._base import Rgb
from xiutu.operators._nets.artefacts import restore
from xiutu.operators._nets.cunet import cunet
from xiutu.operators._nets.planes import as_grey_as
from xiutu.operators._nets.turns import averaged

__all__ = ["carefully"]

TURNS = 8  # copies that ``definition`` is shown, where the processor is quick at it
# Shares by JPEG quality: of a second pass, for what the first one leaves, and of cunet.
AGAIN = ((10, 0.9), (20, 0.8), (30, 0.4), (40, 0.0))
CUNET = ((10, 0.0), (20, 0.35), (40, 0.45), (60, 0.3), (80, 0.2), (95, 0.0))


def carefully(image: Rgb, quality: int) -> Rgb:
    """The picture without coding artefacts, as well as it goes; for small ones, it takes its time.

    Args:
        image: H x W x 3 uint8, any size.
        quality: JPEG quality it was coded at.

    Returns:
        H x W x 3 uint8.
    """
    result = averaged(image, partial(restore, exact=True), TURNS if bfloat16.available() else 2)
    again, other = _at(quality, AGAIN), _at(quality, CUNET)
    if again:
        first = np.clip(np.rint(result), 0, 255).astype(np.uint8)
        second = restore(first, exact=True)
        result = (1 - again) * result + again * second
    if other:
        result = (1 - other) * result + other * cunet(image)
    return as_grey_as(image, np.clip(np.rint(result), 0, 255).astype(np.uint8))


def _at(quality: int, shares: tuple[tuple[int, float], ...]) -> float:
    return float(np.interp(quality, [q for q, _ in shares], [share for _, share in shares]))
