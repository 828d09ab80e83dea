"""Who is in the picture, as opposed to what lies behind them: U2-Netp, one look, edges refined.

Qin et al., Pattern Recognition 2020, doi:10.1016/j.patcog.2020.107404.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import guided_filter
from xiutu.models import session
from xiutu.operators._anime.frame import polygon
from xiutu.operators._anime.regions import without_specks
from xiutu.operators._faces import Face
from xiutu.operators._faces import topology as lines
from xiutu.operators._faces.arrays import f32
from xiutu.operators._styles import canvas

__all__ = ["NET", "people"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

NET = "u2netp"
_SIDE = 320
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def people(seen: Bytes, faces: list[Face]) -> Float:
    """People in ``seen`` (h x w x 3), h x w 0..1, with edges that follow the photograph.

    Raises:
        WeightsMissing, WeightsCorrupt: See ``xiutu.models``.
    """
    small = canvas.resized(seen, canvas.fit_size(seen.shape[1], seen.shape[0], 0.35, 1.0))
    rough = canvas.enlarge(_subject(seen), (small.shape[1], small.shape[0]))
    guide = canvas.unit(canvas.grey(small))
    radius = max(2, round(math.sqrt(guide.size) / 90))
    fine = guided_filter(guide, rough, radius, 3e-4)
    least = 0.03 * min(faces[0].size, small.shape[0] * faces[0].size / seen.shape[0]) ** 2
    whole = without_specks(fine > 0.5, least)
    fine = np.where(whole, np.maximum(fine, 0.55), np.minimum(fine, 0.45)).astype(np.float32)
    matte = canvas.enlarge(fine, (seen.shape[1], seen.shape[0]))
    for face in faces:
        oval = polygon(matte.shape, face.points[list(lines.OVAL), :2])
        np.maximum(matte, oval, out=matte)
    return matte


def _subject(image: Bytes) -> Float:
    net = session(NET)
    small = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    small /= max(float(small.max()), 1.0)
    planes = ((small - f32(_MEAN)) / f32(_SPREAD)).transpose(2, 0, 1)[None]
    feed = {net.get_inputs()[0].name: np.ascontiguousarray(planes, np.float32)}
    seen = net.run([net.get_outputs()[0].name], feed)[0][0, 0]
    return np.asarray(np.clip(seen, 0, 1), np.float32)
