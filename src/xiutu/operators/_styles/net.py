"""The 26-style network: conditional instance normalisation (Dumoulin 2017, arXiv:1610.07629)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.models import session

__all__ = ["MULTISTYLE", "paint"]

MULTISTYLE = "multistyle26"
_LEAST = 48  # px; the first layer reflects 4 px, so tiny pictures need surroundings
_MARGIN = 16  # px of mirrored surroundings: the network darkens its own border


def paint(image: NDArray[np.uint8], styles: dict[int, float]) -> NDArray[np.uint8]:
    """``image`` (H x W x 3 uint8) in a blend of the 26 styles (index -> weight), same shape.

    Raises ``WeightsMissing``.
    """
    h, w = image.shape[:2]
    down, right = (max(_LEAST, n + 2 * _MARGIN + (-n) % 4) - n - _MARGIN for n in (h, w))
    framed = cv2.copyMakeBorder(image, _MARGIN, down, _MARGIN, right, cv2.BORDER_REFLECT)
    planes = np.ascontiguousarray(framed.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
    weights = np.zeros(26, np.float32)
    for index, weight in styles.items():
        weights[index] = weight
    weights /= weights.sum()
    out = session(MULTISTYLE).run(None, {"image": planes, "style_weights": weights})[0][0]
    out = out[:, _MARGIN : _MARGIN + h, _MARGIN : _MARGIN + w].transpose(1, 2, 0)
    return np.ascontiguousarray(np.rint(out * 255).clip(0, 255), np.uint8)
