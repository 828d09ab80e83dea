"""Any style by a vector of 100 numbers (Ghiasi et al., BMVC 2017, doi:10.5244/C.31.114).

One network reads the vector off a style picture, a second repaints a photograph with it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.models import session

__all__ = ["PREDICT", "TRANSFORM", "paint", "vector"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

PREDICT, TRANSFORM = "arbitrary_predict", "arbitrary_transform"
_SIDE = 256  # px, what the first network reads
_MOST_CUTS = 3
_LEAST = 48  # px; the innermost layers reflect at a quarter of the size
_MARGIN = 16  # px of mirrored surroundings, so that borders are painted like the rest


def vector(style: Bytes) -> Float:
    """The style of a picture (H x W x 3 uint8, any size): 100 numbers.

    A long picture is read in up to three squares side by side, which are averaged.
    Raises ``WeightsMissing``.
    """
    h, w = style.shape[:2]
    side = min(h, w)
    spare = max(h, w) - side
    cuts = min(_MOST_CUTS, 1 + -(-2 * spare // side) // 2) if spare * 4 > side else 1
    starts = [spare // 2] if cuts == 1 else [round(spare * i / (cuts - 1)) for i in range(cuts)]
    found = []
    for start in starts:
        cut = style[start : start + side] if h > w else style[:, start : start + side]
        down = side >= _SIDE
        method = cv2.INTER_AREA if down else cv2.INTER_CUBIC
        small = cv2.resize(cut, (_SIDE, _SIDE), interpolation=method)
        values = small.astype(np.float32)[None] / np.float32(255)
        found.append(session(PREDICT).run(None, {"style_image": values})[0].ravel())
    return np.asarray(np.mean(found, axis=0), np.float32)


def paint(image: Bytes, style: Float) -> Bytes:
    """``image`` (H x W x 3 uint8) in the style of a vector, same shape. Raises ``WeightsMissing``."""
    h, w = image.shape[:2]
    down, right = (max(_LEAST, n + 2 * _MARGIN + (-n) % 4) - n - _MARGIN for n in (h, w))
    framed = cv2.copyMakeBorder(image, _MARGIN, down, _MARGIN, right, cv2.BORDER_REFLECT)
    planes = np.ascontiguousarray(framed.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
    inputs = {"image": planes, "style": style.reshape(1, 100, 1, 1)}
    out = session(TRANSFORM).run(None, inputs)[0][0]
    out = out[:, _MARGIN : _MARGIN + h, _MARGIN : _MARGIN + w].transpose(1, 2, 0)
    return np.ascontiguousarray(np.rint(out * 255).clip(0, 255), np.uint8)
