"""Cut the subject out of its background, found by itself or in boxes.

A network says roughly what belongs to the subject (``_nets/saliency.py``: U2-Net, doi:10.1016/
j.patcog.2020.107404, corrected by a network of this project); it looks at the whole picture, or at
each box. Edges are then found anew by closed-form matting (``image/matting.py``), and the subject's
colours are cleaned of the background that shone through them (``image/matting_colours.py``).
"""

import json
import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.errors import (
    InconsistentParameters,
    InvalidParameter,
    MissingParameter,
    ParameterTooLong,
    TargetNotFound,
)
from xiutu.image.matting import matte
from xiutu.image.matting_colours import subject_colours
from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base
from xiutu.operators._nets import saliency

COST = Cost(fixed_mb=450, bytes_per_pixel=30)  # 600 with the optional U2-Net, at any size
WEIGHTS: tuple[str, ...] = (saliency.SMALL,)

Float = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels, edges counted from the upper left corner."""

MOST_BOXES = 100
FAINT = 0.2  # where the network is nowhere surer than this, there is no subject
LEAST = 2e-4  # share of the picture (or box) that a subject takes at least
SPECK = 0.005  # loose parts below this share of the subject are taken for mistakes,
PINHOLE = 0.001  # and so are holes,
DEEP = 0.05  # if they lie that deep in the subject (share of the root of its area)
FAINTEST = 0.1  # opacity that connects parts
WHITE = 0.45  # opacity from which a pixel of the mask is white


@dataclass(frozen=True)
class Params(Base):
    """``position`` may be given as anything :func:`parse_boxes` takes; it counts with ``control`` only."""

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


def parse_boxes(value: object) -> tuple[Box, ...]:
    """Read boxes from Python objects or JSON text.

    Takes a list (or tuple) of ``[[x1, y1], [x2, y2]]``, any two opposite corners, or its JSON text.
    Raises ``MissingParameter`` for an absent or empty list, ``ParameterTooLong`` for more than 100
    boxes, else ``InvalidParameter``.
    """
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise InvalidParameter("position is not JSON text of a list") from error
    if value is None or (isinstance(value, str | list | tuple) and not value):
        raise MissingParameter("position")
    if not isinstance(value, list | tuple):
        raise InvalidParameter("position must be a list of [[x1, y1], [x2, y2]]")
    if len(value) > MOST_BOXES:
        raise ParameterTooLong(f"position: at most {MOST_BOXES} boxes in one call")
    return tuple(_box(item) for item in value)


def check(params: Params, width: int, height: int) -> None:
    """Raise ``InconsistentParameters`` when a box has no area inside the picture (contract A-27)."""
    for box in params.position or ():
        _clipped(box, width, height)


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
        boxes = [_clipped(box, width, height) for box in params.position]
        coarse = _in_boxes(image, boxes)
    if coarse is None:
        raise TargetNotFound("no subject found")
    if params.refine_mask == "false":
        opacity = (coarse > 0.5).astype(np.float32)
    else:
        opacity = _cleaned(matte(image, coarse))
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
        seen = saliency.subject_in_box(image, (left, top, right, bottom))
        found = _found(seen)
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


def _cleaned(opacity: Float) -> Float:
    """Without specks off the subject and pinholes deep in it.

    Gaps near the outline are left alone: they are background between hair, fingers, leaves.
    """
    area = float((opacity > 0.5).sum())
    labels, sizes = _parts(opacity > FAINTEST)
    substance = np.bincount(labels.ravel(), weights=opacity.ravel(), minlength=len(sizes))
    kept = substance >= SPECK * area
    kept[0] = False
    around = cv2.dilate(kept[labels].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    labels, sizes = _parts(opacity < 1)
    small = sizes < PINHOLE * area
    small[0] = False
    outside = (opacity < 1) & ~small[labels]
    depth = cv2.distanceTransform((~outside).astype(np.uint8), cv2.DIST_L2, 5)
    pinhole = small[labels] & (depth > DEEP * np.sqrt(area))
    return np.where(around, np.where(pinhole, np.float32(1), opacity), np.float32(0))


def _parts(flags: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number of the connected part of each true pixel (0: false ones), and the parts' sizes."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(flags.astype(np.uint8), connectivity=8)
    return labels, stats[:, cv2.CC_STAT_AREA]


def _box(item: object) -> Box:
    corners = item if isinstance(item, list | tuple) else ()
    if len(corners) != 2 or not all(isinstance(c, list | tuple) and len(c) == 2 for c in corners):
        raise InvalidParameter("position: a box is [[x1, y1], [x2, y2]]")
    (x1, y1), (x2, y2) = corners
    x1, y1, x2, y2 = (_coordinate(v) for v in (x1, y1, x2, y2))
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _coordinate(value: Any) -> float:
    """A finite number, given as such or as decimal text."""
    if isinstance(value, str) and len(value) <= 20:
        try:
            value = float(value)
        except ValueError:
            value = None
    number = isinstance(value, int | float | np.integer | np.floating)
    if isinstance(value, bool) or not number or not math.isfinite(value):
        raise InvalidParameter("position: coordinates are numbers of pixels")
    return float(value)


def _clipped(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Whole pixels of the box inside the picture."""
    left, top = (max(0, math.floor(v)) for v in box[:2])
    right, bottom = min(width, math.ceil(box[2])), min(height, math.ceil(box[3]))
    if left >= right or top >= bottom or box[0] == box[2] or box[1] == box[3]:
        raise InconsistentParameters(f"box {box} has no area inside {width}x{height}")
    return left, top, right, bottom
