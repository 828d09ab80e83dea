"""Pictures the strips of ``docs/operators.md`` are made of, each with its credit.

Photographs that scikit-image ships, pictures of the evaluation set that are free (Pexels, CC BY), and a
drawn page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["SOURCES", "Source"]

Array = NDArray[np.uint8]


@dataclass(frozen=True)
class Source:
    """``load`` gives RGB uint8; ``credit`` is Markdown."""

    load: Callable[[], Array]
    credit: str


def _bundled(name: str, rows: int | None = None) -> Array:
    from skimage import data

    return np.ascontiguousarray(getattr(data, name)()[:rows, :, :3])


def _food(number: str) -> Array:
    from benchmarks.quality._sets import files, read

    return read(files("photos/food", f"food_{number}.jpg")[0])


def _pexels(number: str, title: str, page: int) -> Source:
    return Source(partial(_food, number), f"[{title}](https://www.pexels.com/photo/{page}), Pexels")


def _page() -> Array:
    """A drawn letter with a red stamp, a blue signature and a marked line, 960 x 640."""
    page = np.full((640, 960, 3), 255, np.uint8)
    cv2.rectangle(page, (50, 222), (560, 258), (255, 244, 120), -1)
    lines = [
        "Minutes of the meeting, 14 May",
        "The board heard the report of the treasurer and",
        "found the books in order. Repairs of the roof are",
        "put off until autumn; the garden wall comes first.",
        "Three members asked for the minutes of last year.",
        "The next meeting takes place on the second Monday",
        "of June, at seven, in the large hall.",
    ]
    for i, text in enumerate(lines):
        size, bold = (1.3, 3) if i == 0 else (0.95, 2)
        at = (50, 80 + 56 * i)
        cv2.putText(page, text, at, cv2.FONT_HERSHEY_COMPLEX, size, (25, 25, 28), bold, cv2.LINE_AA)
    stamp = page.copy()
    cv2.circle(stamp, (770, 480), 105, (205, 40, 45), 8, cv2.LINE_AA)
    cv2.putText(stamp, "APPROVED", (687, 492), 0, 1.05, (205, 40, 45), 4, cv2.LINE_AA)
    page = np.minimum(page, stamp)
    turn = np.linspace(0, 1, 160)
    pen = np.stack([90 + 330 * turn, 550 + 42 * np.sin(17 * turn) * np.cos(6 * turn)], axis=1)
    cv2.polylines(page, [np.rint(pen).astype(np.int32)], False, (35, 60, 165), 4, cv2.LINE_AA)
    return page


SOURCES: dict[str, Source] = {
    "apple": _pexels("0000126", "Close-up of Fruits Hanging on Tree", 257840),
    "corn": _pexels(
        "0001075", "Close-up Photography of Corncob on Round Black Ceramic Plate", 19587
    ),
    "salad": _pexels("0000319", "Vegetable Salad", 434258),
    "roast": _pexels("0001438", "Roasted Meat on a Gravy Beside a Garden Salad", 72385),
    "vegetables": _pexels("0000595", "Vegetable Dish", 233305),
    "berries": _pexels("0000235", "Strawberry on Table Top Near White Ceramic Bowl", 90894),
    "biscuit": _pexels("0000190", "Brown and White Biscuit", 236804),
    "cat": Source(
        partial(_bundled, "chelsea"), "Chelsea the cat, S. van der Walt, CC0 (scikit-image)"
    ),
    "coffee": Source(partial(_bundled, "coffee"), "Coffee cup, R. Michelotti, CC0 (scikit-image)"),
    "astronaut": Source(
        partial(_bundled, "astronaut", 341), "Eileen Collins, NASA, public domain (scikit-image)"
    ),
    "rocket": Source(partial(_bundled, "rocket"), "Falcon 9, SpaceX, CC0 (scikit-image)"),
    "page": Source(_page, "drawn page, own work"),
}
