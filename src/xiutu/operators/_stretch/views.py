"""What the things in a picture say about its proportions: the net ``stretch`` on many views of it.

The net (``training/stretch_restore.py``) names a distribution over the logarithm of the stretch. It is
asked about several parts of the picture, mirrored ones too, and about the picture stretched further by
known amounts, which must shift its answer by as much: the mean of the shifted answers is far steadier
than one of them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import shrink
from xiutu.models import session, threads

__all__ = ["NET", "from_views"]

Float = NDArray[np.float32]
Rgb = NDArray[np.uint8]

NET = "stretch"
CODES = np.linspace(-1.0, 1.0, 41)  # natural logarithms of width / height against the truth
FURTHER = (-0.3, 0.0, 0.3)  # the picture is stretched by these, too
SHAPES = ((160, 160), (160, 192), (192, 160), (128, 192), (192, 128))  # height, width, px
BASE = 640  # longer side of the picture the views are cut from, px
BATCH = 6


def from_views(image: Rgb, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of how likely each stretch of ``grid`` is, by content; mean over the views.

    ``image`` is H x W x 3 uint8, 8 px a side at least.
    """
    base = shrink(image, BASE)
    by_shape: dict[tuple[int, int], list[tuple[Float, float]]] = {}
    for further in FURTHER:
        shape, boxes = _parts(base.shape[1], base.shape[0], further)
        for box in boxes:
            by_shape.setdefault(shape, []).append((_view(base, box, shape), further))
    total = np.zeros(len(grid))
    count = 0
    for views in by_shape.values():
        for start in range(0, len(views), BATCH):
            some = views[start : start + BATCH]
            for logs, (_, further) in zip(_asked([v for v, _ in some]), some, strict=True):
                total += np.interp(grid + further, CODES, logs)
                count += 1
    return total / count


def _asked(views: list[Float]) -> NDArray[np.float64]:
    """Log probabilities [n, codes], mean of each view and its mirror image."""
    planes = np.stack(views).transpose(0, 3, 1, 2)
    net = session(NET, threads())
    logs = []
    for seen in (planes, planes[:, :, :, ::-1]):
        (found,) = net.run(["logits"], {"picture": np.ascontiguousarray(seen)})
        logits = found.reshape(len(views), -1).astype(np.float64)
        top = logits.max(axis=1, keepdims=True)
        logs.append(logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True)))
    return np.asarray((logs[0] + logs[1]) / 2)


def _parts(
    width: int, height: int, further: float
) -> tuple[tuple[int, int], list[tuple[float, float, float, float]]]:
    """The shape of the views, and the boxes (left, top, width, height) they show, to the fraction."""
    gain = np.exp(further / 2)
    wide, high = width * gain, height / gain
    shape = min(SHAPES, key=lambda s: abs(np.log(wide / high * s[0] / s[1])))
    aspect = shape[1] / shape[0]
    w = min(wide, high * aspect)
    h = w / aspect
    # All of the picture in parts that overlap, and two smaller parts of it: things seen larger.
    across, down = (
        1 if whole < 1.2 * part else int(np.ceil(whole / part))
        for whole, part in ((wide, w), (high, h))
    )
    places = [(x, y, 1.0) for x in _spread(across) for y in _spread(down)]
    places += [(0.2, 0.2, 0.7), (0.8, 0.8, 0.7)]
    boxes = [
        (
            x * (wide - zoom * w) / gain,
            y * (high - zoom * h) * gain,
            zoom * w / gain,
            zoom * h * gain,
        )
        for x, y, zoom in places
    ]
    return shape, boxes


def _spread(count: int) -> list[float]:
    """Places 0..1 from one side to the other; the middle for one."""
    return [0.5] if count == 1 else [float(v) for v in np.linspace(0, 1, count)]


def _view(base: Rgb, box: tuple[float, float, float, float], shape: tuple[int, int]) -> Float:
    """A box of ``base`` as ``shape`` [h, w, 3], 0..1, not aliased."""
    left, top, width, height = box
    rows = slice(int(top), max(int(np.ceil(top + height)), int(top) + 2))
    columns = slice(int(left), max(int(np.ceil(left + width)), int(left) + 2))
    part = base[rows, columns]
    shrinks = part.shape[0] > shape[0] and part.shape[1] > shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    if not shrinks and (part.shape[0] > 2 * shape[0] or part.shape[1] > 2 * shape[1]):
        way = cv2.INTER_AREA
    seen = cv2.resize(part, (shape[1], shape[0]), interpolation=way)
    return np.asarray(seen, np.float32) / np.float32(255)
