"""sky_seg: IoU of the label map, pooled over all pictures and the mean of each; pictures without sky.

The set has ADE20K and CamVid pictures, which all show sky. Those without: food, portraits, documents,
receipts and the rooms of inpaint and haze/pair; the figure is the largest share of any one picture
that is labelled. What the network says before the edges are found is printed beside it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality._report import Row
from benchmarks.quality._sets import ROOT, files, read
from xiutu.operators._sky import likely
from xiutu.operators.sky_seg import Params, apply

NAME = "sky_seg"
BARE = ("photos/food", "portraits", "documents/dirty", "documents/receipts", "haze/pair/clear")

Mask = NDArray[np.bool_]
Picture = NDArray[np.uint8]


def measure() -> list[Row]:
    """Overlap with the truth by set, and labels where no sky is."""
    rows: list[Row] = []
    every: list[tuple[int, int]] = []
    plain: list[tuple[int, int]] = []
    for kind in ("ade", "camvid"):
        found = []
        for path in files("sky/image", f"{kind}_*"):
            picture, truth = read(path), _truth(path.stem)
            found.append(_overlap(labelled(picture), truth))
            plain.append(_overlap(_unrefined(picture), truth))
        rows.append(Row(NAME, f"sky, {kind}", len(found), "IoU, pooled", _pooled(found)))
        every += found
    count = len(every)
    mean = float(np.mean([both / max(either, 1) for both, either in every]))
    shares = [100 * float(labelled(read(path)).mean()) for name in BARE for path in files(name)]
    bare = " + ".join(BARE)
    return [
        Row(NAME, "sky", count, "IoU, pooled", _pooled(every), 0.92),
        Row(NAME, "sky", count, "IoU, mean per picture", mean),
        Row(NAME, "sky", count, "IoU, pooled, network alone", _pooled(plain)),
        *rows,
        Row(NAME, bare, len(shares), "% labelled, all", float(np.mean(shares)), 1, upper=True),
        Row(NAME, bare, len(shares), "% labelled, worst picture", max(shares), 1, upper=True),
    ]


def labelled(picture: Picture) -> Mask:
    """The operator's label map."""
    found = apply(picture, Params())["labelmap"]
    assert not isinstance(found, str)
    return np.asarray(found > 0)


def _unrefined(picture: Picture) -> Mask:
    found, _ = likely(picture)
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_LINEAR) > 0.5)


def _overlap(found: Mask, truth: Mask) -> tuple[int, int]:
    """Pixels in both and in either."""
    return int((found & truth).sum()), int((found | truth).sum())


def _pooled(found: list[tuple[int, int]]) -> float:
    both, either = np.sum(found, axis=0)
    return float(both / max(either, 1))


def _truth(stem: str) -> Mask:
    mask = cv2.imread(str(ROOT / "sky" / "mask" / f"{stem}.png"), cv2.IMREAD_GRAYSCALE)
    assert mask is not None, stem
    return np.asarray(mask > 127)
