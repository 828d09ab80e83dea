"""What a picture shows, as opposed to what lies behind it: U2-Net and its small version U2-Netp.

X. Qin, Z. Zhang, C. Huang, M. Dehghan, O. Zaiane, M. Jagersand, "U2-Net: Going deeper with nested
U-structure for salient object detection", Pattern Recognition 106 (2020), 107404,
doi:10.1016/j.patcog.2020.107404. Both eat 320 x 320 pixels, whatever the picture's shape. One looks
at the picture as it is, the small one at its mirror image: where they waver, the two differ, and
their mean is far better than either. A small subject is looked at once more from near.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.errors import WeightsMissing
from xiutu.models import session, weights_path
from xiutu.operators._base import Rgb

__all__ = ["LARGE", "SIDE", "SMALL", "best", "subject", "subject_in_box"]

Float = NDArray[np.float32]
Whole = tuple[int, int, int, int]
"""left, top, right, bottom in whole pixels."""

SMALL = "u2netp"
LARGE = "u2net"
SIDE = 320
MARGIN = 0.15  # of a box's sides that is looked at beyond them
BALANCE = 0.44  # of the mean of two views; it counts as an even chance
NEAR = 0.45  # a subject whose surroundings take less of the picture is seen from near, too;
AGREED = 0.8  # that counts if both agree that far (intersection over union)
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_SPREAD = np.array([0.229, 0.224, 0.225], np.float32)


def best() -> str:
    """``u2net`` where the optional pack was pulled, else ``u2netp``."""
    try:
        weights_path(LARGE)
    except WeightsMissing:
        return SMALL
    return LARGE


def subject(image: Rgb, name: str | None = None) -> Float:
    """Probability that a pixel belongs to the main subject.

    Args:
        image: H x W x 3 uint8, any size.
        name: ``SMALL`` or ``LARGE``; default ``best()``.

    Returns:
        H x W float32, 0..1, soft at the edges by about H / 320 pixels.

    Raises:
        WeightsMissing: The network is not in the store.
    """
    name = name or best()
    seen = _enlarged(_balanced(_both(image, name)), image)
    near = _surroundings(seen > 0.5)
    if near is None:
        return seen
    part = np.ascontiguousarray(image[near])
    closer = _enlarged(_balanced(_once(_planes(part), SMALL)), part)
    now, before = closer > 0.5, seen[near] > 0.5
    if (now & before).sum() > AGREED * (now | before).sum():
        seen[near] += (closer - seen[near]) / np.float32(3)
    return seen


def subject_in_box(image: Rgb, box: Whole, name: str | None = None, *, twice: bool = True) -> Float:
    """The same for what stands out inside a box that is not empty.

    Returns (bottom - top) x (right - left). The network sees ``MARGIN`` more on all sides; ``twice``:
    mirrored, too.
    """
    left, top, right, bottom = box
    dx, dy = MARGIN * (right - left), MARGIN * (bottom - top)
    x0, y0 = max(0, int(left - dx)), max(0, int(top - dy))
    view = np.ascontiguousarray(
        image[y0 : int(np.ceil(bottom + dy)), x0 : int(np.ceil(right + dx))]
    )
    name = name or best()
    seen = _enlarged(_balanced(_both(view, name) if twice else _once(_planes(view), name)), view)
    return seen[top - y0 : bottom - y0, left - x0 : right - x0]


def _both(image: Rgb, name: str) -> Float:
    """320 x 320: mean of what ``name`` sees and what the small network sees in the mirror."""
    planes = _planes(image)
    mirrored = _once(np.ascontiguousarray(planes[..., ::-1]), SMALL)
    return (_once(planes, name) + mirrored[:, ::-1]) / np.float32(2)


def _once(planes: Float, name: str) -> Float:
    net = session(name)
    wanted, entry = net.get_outputs()[0].name, net.get_inputs()[0].name
    return np.asarray(net.run([wanted], {entry: planes})[0][0, 0], np.float32)


def _balanced(likely: Float) -> Float:
    """``BALANCE`` moved to 0.5."""
    return np.asarray(np.interp(likely, (0, BALANCE, 1), (0, 0.5, 1)), np.float32)


def _enlarged(seen: Float, image: Rgb) -> Float:
    height, width = image.shape[:2]
    full = cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(full, 0, 1), np.float32).reshape(height, width)


def _surroundings(inside: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """Rows and columns of the true pixels and ``MARGIN`` more; None when they take much or nothing."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if rows.size == 0:
        return None
    parts = []
    for places in (rows, columns):
        first, last = int(places[0]), int(places[-1]) + 1
        more = MARGIN * (last - first)
        parts.append(slice(max(0, int(first - more)), int(np.ceil(last + more))))
    height, width = inside[parts[0], parts[1]].shape
    return (parts[0], parts[1]) if height * width < NEAR * inside.size else None


def _planes(image: Rgb) -> Float:
    """[1, 3, 320, 320], stretched to the brightest value and normalised as in training."""
    small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    small /= max(float(small.max()), 1.0)
    return np.ascontiguousarray(((small - _MEAN) / _SPREAD).transpose(2, 0, 1)[None])
