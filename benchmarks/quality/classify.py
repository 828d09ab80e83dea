"""Custom classification: accuracy of heads on frozen features, chosen and fitted as a training does.

* ants/bees (``train/classify``): mean over 5 stratified 80/20 splits, floor 0.92; 20 pictures a class, mean
  over 10 draws, tested on all others, floor 0.85.
* 21 scenes (``train/photos/sun``): one split, printed only.
* open set: share of scenes that an ants/bees model takes for known, at 95 % of its own accepted.

Pictures are not in the evaluation folder but beside it: XIUTU_TRAIN, default ../shared/data/train.
XIUTU_FEATURES names a folder that keeps features from one run to the next.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality._report import Row
from xiutu.classify.backbones import DEFAULT, backbone
from xiutu.classify.features import kept_features
from xiutu.classify.files import Files
from xiutu.classify.heads import Data, choose, fit
from xiutu.classify.novelty import learn
from xiutu.classify.sources import from_folder
from xiutu.classify.views import VIEWS

ROOT = Path(os.environ.get("XIUTU_TRAIN", Path(__file__).parents[3] / "shared" / "data" / "train"))


def features(folder: str, views: int, files: Files) -> Data:
    """All pictures of a folder of class folders."""
    labels, digests = [], []
    for item in from_folder(ROOT / folder):
        data = item.read()
        digests.append(files.digest(data))
        files.keep_picture(digests[-1], data)
        labels.append(item.label)
    names = sorted(set(labels))
    numbers = np.array([names.index(label) for label in labels], dtype=np.int64)
    return Data(kept_features(files, digests, backbone(DEFAULT), views), numbers)


def splits(
    data: Data, draws: int, *, test: float | None = None, each: int | None = None
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Stratified draws with seeds 0, 1, ...: by share of test pictures, or by pictures learnt from."""
    for seed in range(draws):
        random = np.random.default_rng(seed)
        learnt, tested = [], []
        for label in np.unique(data.labels):
            members = random.permutation(np.flatnonzero(data.labels == label))
            count = each if each is not None else round(len(members) * (1 - (test or 0)))
            learnt.append(members[:count])
            tested.append(members[count:])
        yield np.concatenate(learnt), np.concatenate(tested)


def accuracy(data: Data, learnt: NDArray[np.int64], tested: NDArray[np.int64]) -> float:
    """Of the head a training would choose on ``learnt``."""
    part = data.take(learnt)
    head = fit(choose(part).candidate, part)
    return float((head.predict(data.plain[tested]) == data.labels[tested]).mean())


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(os.environ.get("XIUTU_FEATURES", folder)))
        insects = features("classify", VIEWS, files)
        scenes = features("photos/sun", 2, files)
    count = len(insects.labels)
    full = [accuracy(insects, *split) for split in splits(insects, 5, test=0.2)]
    few = [accuracy(insects, *split) for split in splits(insects, 10, each=20)]
    many = [accuracy(scenes, *split) for split in splits(scenes, 1, test=0.2)]
    strange = float((learn(insects.plain).known(scenes.plain) >= 0.5).mean())
    known = []
    for learnt, tested in splits(insects, 5, test=0.2):
        novelty = learn(insects.plain[learnt])
        known.append(float((novelty.known(insects.plain[tested]) >= 0.5).mean()))
    name = "classify"
    return [
        Row(name, "ants/bees", count, "accuracy, 5 splits 80/20", float(np.mean(full)), 0.92),
        Row(name, "ants/bees", count, "accuracy, 20 a class, 10 draws", float(np.mean(few)), 0.85),
        Row(
            name,
            "sun, 21 scenes",
            len(scenes.labels),
            "accuracy, split 80/20",
            float(np.mean(many)),
        ),
        Row(name, "ants/bees", count, "held-out pictures known", float(np.mean(known))),
        Row(name, "sun scenes to ants/bees", len(scenes.labels), "taken for known", strange),
    ]
