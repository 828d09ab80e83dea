"""Boxes as callers give them: ``[[[x1, y1], [x2, y2]], ...]``."""

import json
import math
from typing import Any, NamedTuple

import numpy as np

from xiutu.errors import (
    InconsistentParameters,
    InvalidParameter,
    MissingParameter,
    ParameterTooLong,
)

__all__ = ["MOST_BOXES", "Box", "clipped", "parse_boxes"]

MOST_BOXES = 30  # each costs a quarter of a second at least


class Box(NamedTuple):
    """A box in pixels, edges counted from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


def parse_boxes(value: object) -> tuple[Box, ...]:
    """Read boxes from Python objects or JSON text.

    Takes a list (or tuple) of ``[[x1, y1], [x2, y2]]``, any two opposite corners, or of ``Box``, or
    the JSON text of such a list.
    Raises ``MissingParameter`` for an absent or empty list, ``ParameterTooLong`` for more than 30
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


def _box(item: object) -> Box:
    if isinstance(item, Box):
        return item
    corners = item if isinstance(item, list | tuple) else ()
    if len(corners) != 2 or not all(isinstance(c, list | tuple) and len(c) == 2 for c in corners):
        raise InvalidParameter("position: a box is [[x1, y1], [x2, y2]]")
    (x1, y1), (x2, y2) = corners
    x1, y1, x2, y2 = (_coordinate(v) for v in (x1, y1, x2, y2))
    return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


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


def clipped(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Whole pixels of the box inside the picture; ``InconsistentParameters`` when there are none."""
    left, top = (max(0, math.floor(v)) for v in box[:2])
    right, bottom = min(width, math.ceil(box[2])), min(height, math.ceil(box[3]))
    if left >= right or top >= bottom or box[0] == box[2] or box[1] == box[3]:
        raise InconsistentParameters(f"box {box} has no area inside {width}x{height}")
    return left, top, right, bottom
