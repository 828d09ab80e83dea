"""segment: IoU and F-beta of the mask, alone and in boxes, beside rembg on the same weights.

IoU and F-beta (beta squared 0.3) are means over the pictures, masks binary. Boxes are those of the
true masks, 10 % further out on each side. The rival is what rembg does with U2-Netp: Lanczos to
320 x 320, the network, minimum to maximum, Lanczos back, cut at one half.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.quality._report import Row
from benchmarks.quality._sets import ROOT, files, read
from xiutu.errors import TargetNotFound
from xiutu.models import session
from xiutu.operators._nets import saliency
from xiutu.operators.segment import Params, apply

Mask = NDArray[np.bool_]
Picture = NDArray[np.uint8]

# Set -> floors of IoU, F-beta and IoU in boxes
FLOORS: dict[str, tuple[float, float | None, float]] = {
    "salient": (0.88, 0.935, 0.87),
    "person": (0.91, None, 0.86),
}
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def measure() -> list[Row]:
    rows = []
    for name, (floor, floor_f, floor_box) in FLOORS.items():
        ours, boxed, rival = [], [], []
        for path in files(f"segment/{name}/image"):
            picture, truth = read(path), _truth(name, path.stem)
            ours.append(score(_mask(picture, Params(return_form="mask")), truth))
            box = Params(return_form="mask", method="control", position=[around(truth)])
            boxed.append(score(_mask(picture, box), truth))
            rival.append(score(rembg(picture), truth))
        data, count = f"segment/{name}", len(ours)
        for label, scores, floor_iou, beta in (
            ("", ours, floor, floor_f),
            ("boxes, ", boxed, floor_box, None),
            ("rembg, ", rival, None, None),
        ):
            iou, f = np.mean(scores, axis=0)
            rows.append(Row("segment", data, count, f"{label}IoU", iou, floor_iou))
            rows.append(Row("segment", data, count, f"{label}F-beta", f, beta))
    return rows


def score(found: Mask, truth: Mask) -> tuple[float, float]:
    """IoU and F-beta."""
    both = float((found & truth).sum())
    iou = both / max(float((found | truth).sum()), 1.0)
    precision = both / max(float(found.sum()), 1.0)
    recall = both / max(float(truth.sum()), 1.0)
    return iou, 1.3 * precision * recall / max(0.3 * precision + recall, 1e-9)


def around(truth: Mask) -> list[list[float]]:
    """The box of a mask, each side 10 % of the box further out, corners as the interface wants them."""
    rows, columns = np.flatnonzero(truth.any(axis=1)), np.flatnonzero(truth.any(axis=0))
    left, right = float(columns[0]), float(columns[-1] + 1)
    top, bottom = float(rows[0]), float(rows[-1] + 1)
    dx, dy = 0.1 * (right - left), 0.1 * (bottom - top)
    return [[left - dx, top - dy], [right + dx, bottom + dy]]


def rembg(picture: Picture) -> Mask:
    """What rembg's U2-Netp session does, thresholded."""
    size = (saliency.SIDE, saliency.SIDE)
    small = np.array(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)) * 1.0
    planes = ((small / small.max() - MEAN) / SPREAD).transpose(2, 0, 1)[None].astype(np.float32)
    net = session(saliency.SMALL)
    first = net.run([net.get_outputs()[0].name], {net.get_inputs()[0].name: planes})[0][0, 0]
    levels = (first - first.min()) / (first.max() - first.min()) * 255
    mask = Image.fromarray(levels.astype(np.uint8))
    whole = mask.resize((picture.shape[1], picture.shape[0]), Image.Resampling.LANCZOS)
    return np.asarray(whole) > 127


def _mask(picture: Picture, params: Params) -> Mask:
    try:
        return apply(picture, params) > 127
    except TargetNotFound:
        return np.zeros(picture.shape[:2], np.bool_)


def _truth(name: str, stem: str) -> Mask:
    mask = cv2.imread(str(ROOT / "segment" / name / "mask" / f"{stem}.png"), cv2.IMREAD_GRAYSCALE)
    assert mask is not None, stem
    return np.asarray(mask > 127)
