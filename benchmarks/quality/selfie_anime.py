"""selfie_anime: what can be counted about a drawing; whether it looks drawn only the eye can say.

Faces: share of ``portraits`` (each shows one) in which one is found, faces found in ``people`` and how
many pictures have none (one shows two pure profiles, which the detector does not know). Masks: share
of portraits, upright and turned by 45 degrees, on which every mask covers nose, lips and chin and
leaves the eyes free. Drawing, against the photograph: fine contrast inside the faces (median absolute
Laplacian) and number of colours (cells of 16 levels that cover 90 % of the picture). Floors are own.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators._anime import masks
from xiutu.operators._anime.strokes import Sheet
from xiutu.operators._faces import Face, find
from xiutu.operators.selfie_anime import Params, apply

Bytes = NDArray[np.uint8]

COVERED = (4, 1, 2, 13, 14, 61, 291, 17, 200)
FREE = (33, 133, 362, 263, 159, 386, 151, 10)


def measure() -> list[Row]:
    portraits = [read(path) for path in files("portraits")]
    people = [read(path) for path in files("people")]
    found = [find(picture) for picture in portraits]
    crowd = [find(picture) for picture in people]
    rows = [
        _row("portraits", len(portraits), "share with one face found", _one(found), 1.0),
        _row("people", len(people), "share with a face found", _share(crowd), 0.9),
        _row("people", len(people), "faces found", float(sum(len(f) for f in crowd))),
    ]
    for degrees in (-45, 0, 45):
        turned = [_turned(picture, degrees) for picture in portraits]
        faces = [find(picture) for picture in turned]
        good = [
            _sits(face[0], kind, picture.shape)
            for face, picture in zip(faces, turned, strict=True)
            if face
            for kind in masks.MASKS
        ]
        share = sum(good) / (len(turned) * len(masks.MASKS))
        name = f"masks that sit, turned by {degrees}"
        rows.append(_row("portraits", len(turned), name, share, 0.95))
    fine, colours = [], []
    for picture, face in zip(portraits, found, strict=True):
        drawn = apply(picture, Params())
        fine.append(_fine(drawn, face[0]) / max(0.5, _fine(picture, face[0])))
        colours.append(_colours(drawn) / _colours(picture))
    return [
        *rows,
        _row(
            "portraits",
            len(fine),
            "fine contrast in the face, of the photo's",
            _mean(fine),
            0.5,
            True,
        ),
        _row("portraits", len(colours), "colours, of the photo's", _mean(colours), 0.9, True),
    ]


def _row(
    data: str, n: int, metric: str, value: float, floor: float | None = None, upper: bool = False
) -> Row:
    return Row("selfie_anime", data, n, metric, value, floor=floor, upper=upper)


def _one(found: list[list[Face]]) -> float:
    return _mean([float(len(faces) == 1) for faces in found])


def _share(found: list[list[Face]]) -> float:
    return _mean([float(len(faces) > 0) for faces in found])


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def _turned(picture: Bytes, degrees: int) -> Bytes:
    h, w = picture.shape[:2]
    move = cv2.getRotationMatrix2D((w / 2, h / 2), -degrees, 1.0)
    return np.asarray(
        cv2.warpAffine(picture, move, (w, h), borderMode=cv2.BORDER_REFLECT), np.uint8
    )


def _sits(face: Face, kind: int, shape: tuple[int, ...]) -> bool:
    sheet = Sheet(np.full((shape[0], shape[1], 3), 0.5, np.float32))
    masks.MASKS[kind][1](masks.Pen.on(sheet, face, 0.2))
    cover = np.abs(sheet.pixels - 0.5).max(axis=2)
    low, high = np.array([2, 2]), np.array([shape[1] - 3, shape[0] - 3])
    spots = np.clip(face.points[:, :2].astype(int), low, high)
    covered = all(cover[y - 2 : y + 3, x - 2 : x + 3].max() > 0.1 for x, y in spots[list(COVERED)])
    return covered and all(cover[y, x] < 0.05 for x, y in spots[list(FREE)])


def _fine(picture: Bytes, face: Face) -> float:
    low, high = (f(face.points[:, :2], axis=0).astype(int) for f in (np.min, np.max))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    inside = cv2.Laplacian(grey, cv2.CV_32F)[max(0, low[1]) : high[1], max(0, low[0]) : high[0]]
    return float(np.median(np.abs(inside)))


def _colours(picture: Bytes) -> float:
    cells = (picture // 16).reshape(-1, 3).astype(int) @ np.array([256, 16, 1])
    counts = np.sort(np.bincount(cells, minlength=4096))[::-1]
    return float(np.searchsorted(np.cumsum(counts), 0.9 * counts.sum()) + 1)
