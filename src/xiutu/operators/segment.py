"""Cut the subject out of its background, found by itself or in boxes.

A network says roughly what belongs to the subject (``_nets/saliency.py``: U2-Net, doi:10.1016/
j.patcog.2020.107404); it looks at the whole picture, or at each box. Edges are then found anew by
closed-form matting (``image/matting.py``), and the subject's colours are cleaned of the background
that shone through them (``image/matting_colours.py``).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiutu.errors import TargetNotFound
from xiutu.image.matting import matte
from xiutu.image.matting_cleaning import cleaned
from xiutu.image.matting_colours import subject_colours
from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base
from xiutu.operators._boxes import Box, clipped, parse_boxes
from xiutu.operators._nets import saliency

COST = Cost(fixed_mb=450, bytes_per_pixel=30)  # 600 with the optional U2-Net, at any size
WEIGHTS: tuple[str, ...] = (saliency.SMALL,)

Float = NDArray[np.float32]

FAINT = 0.2  # where the network is nowhere surer than this, there is no subject
LEAST = 2e-4  # share of the picture (or box) that a subject takes at least
FEW_BOXES = 6  # more are looked at once each instead of twice: time
WHITE = 0.45  # opacity from which a pixel of the mask is white


@dataclass(frozen=True)
class Params(Base):
    """``position`` may be given as anything ``_boxes.parse_boxes`` takes; it counts with ``control`` only."""

    return_form: str = param(
        "rgba",
        choices=("rgba", "mask"),
        help="rgba: the subject on a transparent ground; mask: white subject on black",
    )
    refine_mask: str = param("true", choices=("true", "false"), help="smooth and clean the edge")
    method: str = param(
        "auto", choices=("auto", "control"), help="auto: find the subject; control: inside boxes"
    )
    position: tuple[Box, ...] | None = param(
        None, help="boxes of method=control: [[[x1, y1], [x2, y2]], ...], in pixels"
    )

    def __post_init__(self) -> None:
        boxes = parse_boxes(self.position) if self.method == "control" else None
        object.__setattr__(self, "position", boxes)


def check(params: Params, width: int, height: int) -> None:
    """Raise ``InconsistentParameters`` when a box has no area inside the picture (contract A-27)."""
    for box in params.position or ():
        clipped(box, width, height)


def apply(image: Rgb, params: Params) -> NDArray[np.uint8]:
    """Cut out the subject of ``image`` (H x W x 3 uint8).

    Returns:
        H x W x 4 (``rgba``) or H x W of 0 and 255 (``mask``), uint8.

    Raises:
        TargetNotFound: There is no subject, in none of the boxes.
        InconsistentParameters: See :func:`check`.
        WeightsMissing: The network is not in the store.
    """
    height, width = image.shape[:2]
    if params.position is None:
        coarse = _found(saliency.subject(image))
    else:
        boxes = [clipped(box, width, height) for box in params.position]
        coarse = _in_boxes(image, boxes)
    if coarse is None:
        raise TargetNotFound("no subject found")
    if params.refine_mask == "false":
        opacity = (coarse > 0.5).astype(np.float32)
    else:
        opacity = cleaned(matte(image, coarse))
        if not (opacity > 0.5).any():  # a subject of a few pixels may melt away
            opacity = (coarse > 0.5).astype(np.float32)
    if params.return_form == "mask":
        return np.where(opacity > WHITE, np.uint8(255), np.uint8(0))
    levels = np.rint(opacity * 255).astype(np.uint8)
    if params.refine_mask == "false":
        return np.dstack([image * (levels > 0)[:, :, None], levels])
    return np.dstack([subject_colours(image, opacity), levels])


def _in_boxes(image: Rgb, boxes: list[tuple[int, int, int, int]]) -> Float | None:
    """Union of the subjects of all boxes, nothing outside them; None when all are empty."""
    height, width = image.shape[:2]
    union: Float | None = None
    for left, top, right, bottom in boxes:
        twice = len(boxes) <= FEW_BOXES
        found = _found(saliency.subject_in_box(image, (left, top, right, bottom), twice=twice))
        if found is None:
            continue
        if union is None:
            union = np.zeros((height, width), np.float32)
        part = union[top:bottom, left:right]
        np.maximum(part, found, out=part)
    return union


def _found(likely: Float) -> Float | None:
    """The map, brought to full strength where the network was unsure; None without a subject."""
    surest = float(likely.max())
    if surest < FAINT:
        return None
    if surest < 0.75:
        likely = likely * np.float32(0.75 / surest)
    return likely if (likely > 0.5).mean() >= LEAST else None
