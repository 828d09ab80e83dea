"""What a picture shows, as opposed to what lies behind it: U2-Net and its small version U2-Netp.

X. Qin, Z. Zhang, C. Huang, M. Dehghan, O. Zaiane, M. Jagersand, "U2-Net: Going deeper with nested
U-structure for salient object detection", Pattern Recognition 106 (2020), 107404,
doi:10.1016/j.patcog.2020.107404. Both eat 320 x 320 pixels, whatever the picture's shape.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.errors import WeightsMissing
from xiutu.models import session, weights_path
from xiutu.operators._base import Rgb

__all__ = ["LARGE", "SIDE", "SMALL", "best", "subject", "subject_in_box"]

Float = NDArray[np.float32]

SMALL = "u2netp"
LARGE = "u2net"
SIDE = 320
MARGIN = 0.15  # of a box's sides that is looked at beyond them
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_SPREAD = np.array([0.229, 0.224, 0.225], np.float32)


def best() -> str:
    """``u2net`` where the optional pack was pulled, else ``u2netp``."""
    try:
        weights_path(LARGE)
    except WeightsMissing:
        return SMALL
    return LARGE


def subject(image: Rgb, name: str | None = None, *, twice: bool = True) -> Float:
    """Probability that a pixel belongs to the main subject.

    Args:
        image: H x W x 3 uint8, any size.
        name: ``SMALL`` or ``LARGE``; default ``best()``.
        twice: Look at it mirrored, too; the mean counts.

    Returns:
        H x W float32, 0..1, soft at the edges by about H / 320 pixels.

    Raises:
        WeightsMissing: The network is not in the store.
    """
    net = session(name or best())
    wanted = net.get_outputs()[0].name
    entry = net.get_inputs()[0].name
    planes = _planes(image)
    mean = net.run([wanted], {entry: planes})[0][0, 0]
    if twice:
        other = net.run([wanted], {entry: planes[..., ::-1].copy()})[0][0, 0]
        mean = (mean + other[:, ::-1]) / np.float32(2)
    height, width = image.shape[:2]
    full = cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(full, 0, 1), np.float32)


def subject_in_box(image: Rgb, box: tuple[int, int, int, int]) -> Float:
    """The same for what stands out inside a box (left, top, right, bottom, whole pixels, not empty).

    Returns (bottom - top) x (right - left). The network sees ``MARGIN`` more on all sides.
    """
    left, top, right, bottom = box
    dx, dy = MARGIN * (right - left), MARGIN * (bottom - top)
    x0, y0 = max(0, int(left - dx)), max(0, int(top - dy))
    view = image[y0 : int(np.ceil(bottom + dy)), x0 : int(np.ceil(right + dx))]
    seen = subject(np.ascontiguousarray(view))
    return seen[top - y0 : bottom - y0, left - x0 : right - x0]


def _planes(image: Rgb) -> Float:
    """[1, 3, 320, 320], stretched to the brightest value and normalised as in training."""
    small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    small /= max(float(small.max()), 1.0)
    return np.ascontiguousarray(((small - _MEAN) / _SPREAD).transpose(2, 0, 1)[None])
