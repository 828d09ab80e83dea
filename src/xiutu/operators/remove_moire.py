"""Takes moire and colour cast off photographs of screens; other pictures stay as they are.

A small net of ours judges from samples whether a screen is shown. If so, a U-shaped residual network
removes the stripes (after Y. Sun, Y. Yu, W. Wang, "Moire photo restoration using multiresolution
convolutional neural networks", IEEE TIP 2018, doi:10.1109/TIP.2018.2834737; trained by
``training/remove_moire.py``), then tone curves bring paper back to white and contrast back to what a
screen was given. Moire is wide where pictures are large: those over ``EXACT_PIXELS`` are cleaned at
half size, and what was taken off there is taken off at full size.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base
from xiutu.operators._nets.carry import carried, halved
from xiutu.operators._nets.demoire import NETS, Screen, restored, study
from xiutu.operators._nets.planes import as_grey_as

COST = Cost(fixed_mb=500, bytes_per_pixel=34)
WEIGHTS: tuple[str, ...] = NETS

EXACT_PIXELS = 2_500_000
# Scores between which the effect grows from nothing to all of it: of 739 pictures without moire that
# the nets were trained beside, 5 % score more than DOUBT and 1 % more than SURE.
DOUBT, SURE = -0.4, 0.05


@dataclass(frozen=True)
class Params(Base):
    """``pdf_file_num``: page to take of a PDF, from 1 on; taken out before the operator is called."""

    pdf_file_num: str = param("1", help="page of a PDF to process, from 1 on; pictures ignore it")


def apply(image: Rgb, params: Params) -> Rgb:  # noqa: ARG001 - the page was taken before
    """Picture without moire, same size. ``image`` is H x W x 3 uint8 sRGB of any size."""
    return cleaned(image, half=image.shape[0] * image.shape[1] > EXACT_PIXELS)


def cleaned(image: Rgb, *, half: bool) -> Rgb:
    """As ``apply``, at half size or not as ``half`` says."""
    even = _even(image) if half else image
    work = halved(even) if half else image
    screen = study(work)
    share = min(max((screen.score - DOUBT) / (SURE - DOUBT), 0.0), 1.0)
    if share == 0.0:
        return image.copy()
    result = restored(work)
    if half:
        result = carried(even, work, result)[: image.shape[0], : image.shape[1]]
    if share < 1:
        result = np.asarray(cv2.addWeighted(result, share, image, 1 - share, 0), np.uint8)
    return as_grey_as(image, _toned(result, screen, share))


def _even(image: Rgb) -> Rgb:
    """The last row and column doubled where their number is odd."""
    down, right = (side % 2 for side in image.shape[:2])
    wide = cv2.copyMakeBorder(image, 0, down, 0, right, cv2.BORDER_REPLICATE)
    return np.asarray(wide, np.uint8)


def _toned(image: Rgb, screen: Screen, share: float) -> Rgb:
    """The tone curves as a table: they never fall, and go only as far as it is sure a screen is shown."""
    x = np.linspace(0, 1, 256)[:, None]
    lift, gain, bend = screen.curves.T.astype(np.float64)
    curve = x + share * (lift + gain * (x - 0.5) + bend * 4 * x * (1 - x))
    levels = np.maximum.accumulate(np.rint(curve.clip(0, 1) * 255), axis=0).astype(np.uint8)
    return np.asarray(cv2.LUT(image, levels.reshape(1, 256, 3)), np.uint8)
