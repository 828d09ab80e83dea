"""Remove what lies inside rectangles, or under a mask of any shape, and fill the hole with background.

The hole is filled by ``xiutu.image.fill``: first by structure, then by texture copied from the
surroundings (see there for the method and its sources). Pixels outside the hole are never changed.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiutu.errors import InvalidParameter, MissingParameter, ParameterTooLong
from xiutu.image.fill import fill_hole
from xiutu.image.picture import Picture
from xiutu.image.soft_mask import blended_fill, grey_of
from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base

COST = Cost(fixed_mb=80, bytes_per_pixel=20)
WEIGHTS: tuple[str, ...] = ()
MOST_RECTANGLES = 100
MASK_BOLDNESS = 1.0
"""Who paints a mask wants to see what may be behind, not a careful blur."""
_KEYS = ("left", "top", "width", "height")


@dataclass(frozen=True)
class Rectangle:
    """One area to remove, in pixels; ``left`` and ``top`` count from the upper left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Params(Base):
    """``rectangle`` may be given as anything :func:`parse_rectangles` takes.

    ``mask`` is ours and not in the vendor's interface: it may stand in for the rectangles, or add to
    them.
    """

    rectangle: tuple[Rectangle, ...] | None = param(
        None,
        help="areas to remove: a list of {left, top, width, height}, 1 to 100 of them, in pixels",
    )
    mask: Rgb | None = param(  # noqa: RUF009 - a field, like the others
        None,
        picture=True,
        own=True,
        help="picture of the same size: white goes, black stays, greys are blended",
    )
    boldness: float = param(
        0.0,
        minimum=0.0,
        maximum=1.0,
        own=True,
        help="doubtful content of rectangles: 0 careful, may look soft; 1 all of it (a mask: always)",
    )

    def __post_init__(self) -> None:
        given = self.rectangle is not None or self.mask is None
        boxes = parse_rectangles(self.rectangle) if given else ()
        object.__setattr__(self, "rectangle", boxes)

    @property
    def boxes(self) -> tuple[Rectangle, ...]:
        return self.rectangle or ()


def parse_rectangles(value: object) -> tuple[Rectangle, ...]:
    """Read rectangles from Python objects or JSON text.

    Takes a list (or tuple) of mappings or :class:`Rectangle`, or the JSON text of such a list.
    Numbers may be integral floats or decimal text. Raises ``MissingParameter`` for an absent or
    empty list, ``ParameterTooLong`` for more than 100 rectangles, else ``InvalidParameter``.
    """
    if isinstance(value, str):
        value = _from_json(value)
    if value is None:
        raise MissingParameter("rectangle")
    if not isinstance(value, list | tuple):
        raise InvalidParameter("rectangle must be a list of {left, top, width, height}")
    if not value:
        raise MissingParameter("rectangle")
    if len(value) > MOST_RECTANGLES:
        raise ParameterTooLong(f"rectangle: at most {MOST_RECTANGLES} in one call")
    return tuple(_rectangle(item) for item in value)


def check(params: Params, width: int, height: int) -> None:
    """Raise ``InvalidParameter`` unless every rectangle fits a picture of ``width`` x ``height``.

    The vendor asks each value to be smaller than the picture's side; we also ask the rectangle to
    lie inside the picture (contract A-30). A mask must be of the picture's size.
    """
    if params.mask is not None and params.mask.shape[:2] != (height, width):
        raise InvalidParameter(f"mask and picture differ in size: {width}x{height} is due")
    for r in params.boxes:
        small = r.left < width and r.width < width and r.top < height and r.height < height
        inside = r.left + r.width <= width and r.top + r.height <= height
        if not (small and inside and r.width > 0 and r.height > 0):
            raise InvalidParameter(
                f"rectangle {r.left},{r.top} {r.width}x{r.height} does not fit {width}x{height}: "
                "every value must be smaller than the picture, the rectangle must lie inside it"
            )


def apply(image: Rgb, params: Params) -> Rgb:
    """Fill rectangles and mask; same size as the input. Raises what :func:`check` raises."""
    height, width = image.shape[:2]
    check(params, width, height)
    if params.mask is None:
        hole = np.zeros((height, width), dtype=np.bool_)
        for r in params.boxes:
            hole[r.top : r.top + r.height, r.left : r.left + r.width] = True
        return fill(image, hole, params.boldness)
    mask = grey_of(Picture(params.mask))
    for r in params.boxes:
        mask[r.top : r.top + r.height, r.left : r.left + r.width] = 255
    return blended_fill(image, mask, MASK_BOLDNESS)


def fill(image: Rgb, mask: NDArray[np.bool_], boldness: float = 0.0) -> Rgb:
    """Fill the pixels of ``image`` (H x W x 3 uint8) where ``mask`` (H x W bool) is true.

    Any mask is legal: an empty one gives a copy, one that leaves nothing known gives mid grey.
    ``boldness`` 0 keeps doubtful content faint, 1 shows all copied content at full strength. Raises
    ``InvalidParameter`` when picture and mask differ in size.
    """
    if mask.shape != image.shape[:2]:
        raise InvalidParameter("mask and picture differ in size")
    return fill_hole(image, mask, boldness)


def _from_json(text: str) -> object:
    if not text.strip():
        raise MissingParameter("rectangle")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidParameter("rectangle is not JSON text of a list") from error


def _rectangle(item: object) -> Rectangle:
    if isinstance(item, Rectangle):
        item = {key: getattr(item, key) for key in _KEYS}
    if not isinstance(item, dict):
        raise InvalidParameter("rectangle must hold {left, top, width, height} objects")
    missing = [key for key in _KEYS if key not in item]
    if missing:
        raise InvalidParameter(f"rectangle lacks {', '.join(missing)}")
    box = Rectangle(*(_whole(key, item[key]) for key in _KEYS))
    if box.width == 0 or box.height == 0:
        raise InvalidParameter("rectangle: width and height must be above 0")
    return box


def _whole(name: str, value: Any) -> int:
    """A whole number >= 0 given as int, integral float or decimal text."""
    if isinstance(value, bool):
        raise InvalidParameter(f"rectangle: {name} must be a whole number")
    if isinstance(value, str):
        text = value.strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise InvalidParameter(f"rectangle: {name} must be a whole number >= 0")
        return int(text)
    if isinstance(value, float) and not (math.isfinite(value) and value.is_integer()):
        raise InvalidParameter(f"rectangle: {name} must be a whole number")
    if not isinstance(value, int | float | np.integer):
        raise InvalidParameter(f"rectangle: {name} must be a whole number")
    if value < 0:
        raise InvalidParameter(f"rectangle: {name} must not be negative")
    return int(value)
