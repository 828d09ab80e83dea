"""Where a picture probably shows sky: the net ``sky`` on a reduced picture.

The net (``training/sky_seg.py``) names the probability of sky for every 2 x 2 pixels, and that of any
sky in the picture. It looks at two sizes, each with its mirror image: the small one knows a cloudless
sky from a wall, the large one finds the gaps between leaves.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.models import session, threads

__all__ = ["NET", "likely"]

Float = NDArray[np.float32]
Rgb = NDArray[np.uint8]

NET = "sky"
AREAS = (288 * 288, 448 * 448)  # px
GRAIN = 32  # sides of the reduced pictures are multiples of this, px
LONGEST = 1024  # px


def likely(image: Rgb) -> tuple[Float, float]:
    """Probability of sky, h x w of about 224 x 224 places, and that there is any sky at all.

    ``image`` is H x W x 3 uint8 of any size.
    """
    maps, some = [], []
    for area in AREAS:
        view = _reduced(image, area)
        for turned in (False, True):
            seen = view[:, ::-1] if turned else view
            planes = np.ascontiguousarray(seen.transpose(2, 0, 1))[None]
            found, anything = session(NET, threads()).run(["sky", "any"], {"picture": planes})
            places = found[0, 0]
            maps.append(places[:, ::-1] if turned else places)
            some.append(float(anything.ravel()[0]))
    height, width = maps[-1].shape
    total = sum(cv2.resize(m, (width, height), interpolation=cv2.INTER_LINEAR) for m in maps)
    return np.asarray(total / len(maps), np.float32).reshape(height, width), float(np.mean(some))


def _reduced(image: Rgb, area: int) -> Float:
    """About ``area`` pixels, 0..1; proportions are kept to within 32 px."""
    height, width = image.shape[:2]
    scale = min((area / (height * width)) ** 0.5, LONGEST / max(height, width))
    size = [max(GRAIN, round(side * scale / GRAIN) * GRAIN) for side in (width, height)]
    shrinks = size[0] <= width and size[1] <= height
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small = cv2.resize(image, (size[0], size[1]), interpolation=way)
    return np.asarray(small.reshape(size[1], size[0], 3), np.float32) / np.float32(255)
