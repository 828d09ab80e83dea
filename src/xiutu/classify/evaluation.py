"""What a model is worth, from pictures it has not seen."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiutu.classify.heads import Candidate, Data, fit

__all__ = ["evaluate", "learning_curve", "reliability"]

BINS = 10
_STEPS = (5, 10, 20, 40, 80, 160, 320)
_DRAWS = 3
_MOST_ROWS = 2000
_WORST = 24


def evaluate(
    shares: NDArray[np.float64],
    truth: NDArray[np.int64],
    labels: Sequence[str],
    names: Sequence[str],
    known: NDArray[np.float64] | None = None,
) -> dict[str, Any]:
    """Figures as JSON values.

    ``shares`` [n, classes] are probabilities, ``truth`` [n] class numbers, ``names`` tell the pictures
    apart. ``confusion[i][j]`` counts pictures of class i taken for class j. ``mistakes`` are the wrong
    answers the model was surest of; their ``number`` counts the pictures given. Precision and recall of
    a class nobody answered or nobody showed are 0. ``calibration_error`` is the expected one (Guo et
    al.: On calibration of modern neural networks, ICML 2017).
    """
    count = len(labels)
    answers = shares.argmax(axis=1)
    confusion = np.zeros((count, count), dtype=np.int64)
    np.add.at(confusion, (truth, answers), 1)
    hits = np.diag(confusion).astype(np.float64)
    precision = hits / np.maximum(confusion.sum(axis=0), 1)
    recall = hits / np.maximum(confusion.sum(axis=1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    bins, error = reliability(shares.max(axis=1), answers == truth)
    result: dict[str, Any] = {
        "pictures": len(truth),
        "accuracy": float((answers == truth).mean()) if len(truth) else 0.0,
        "macro_f1": float(f1.mean()),
        "log_loss": float(-np.log(np.clip(shares[np.arange(len(truth)), truth], 1e-6, 1)).mean()),
        "classes": [
            {
                "name": name,
                "pictures": int(confusion[number].sum()),
                "precision": float(precision[number]),
                "recall": float(recall[number]),
                "f1": float(f1[number]),
            }
            for number, name in enumerate(labels)
        ],
        "labels": list(labels),
        "confusion": confusion.tolist(),
        "reliability": bins,
        "calibration_error": error,
        "mistakes": _mistakes(shares, truth, answers, labels, names),
    }
    if known is not None:
        result["known_share"] = float((known >= 0.5).mean())
    return result


def _mistakes(
    shares: NDArray[np.float64],
    truth: NDArray[np.int64],
    answers: NDArray[np.int64],
    labels: Sequence[str],
    names: Sequence[str],
) -> list[dict[str, Any]]:
    wrong = np.flatnonzero(answers != truth)
    order = wrong[np.argsort(-shares[wrong, answers[wrong]], kind="stable")][:_WORST]
    return [
        {
            "number": int(number),
            "picture": names[number],
            "is": labels[truth[number]],
            "taken_for": labels[answers[number]],
            "score": float(shares[number, answers[number]]),
            "score_of_truth": float(shares[number, truth[number]]),
        }
        for number in order
    ]


def reliability(
    scores: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[list[dict[str, float]], float]:
    """For ten equal ranges of the best score: how many, mean score, share that was right; and the mean
    gap between the last two, weighted by the first.
    """
    which = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    bins, gap = [], 0.0
    for number in np.unique(which):
        inside = which == number
        score, share = float(scores[inside].mean()), float(right[inside].mean())
        bins.append({"pictures": int(inside.sum()), "score": score, "accuracy": share})
        gap += float(inside.mean()) * abs(score - share)
    return bins, gap


def learning_curve(
    learnt: Data,
    tested: Data,
    candidate: Candidate,
    progress: Callable[[float], None] = lambda _: None,
) -> list[dict[str, float]]:
    """Accuracy on ``tested`` by pictures of each class that are learnt from.

    Each point is the mean (and spread) of three draws with fixed seeds; mirrored views are left out,
    so the last point may lie a little below the model's own accuracy.
    """
    plain = Data(learnt.features[:, :1], learnt.labels)
    sizes = np.bincount(plain.labels)
    classes = len(sizes)
    largest = int(sizes.max())
    steps = [step for step in _STEPS if step < 0.7 * largest and step * classes <= _MOST_ROWS]
    if largest * classes <= 2 * _MOST_ROWS:
        steps.append(largest)
    points = []
    for done, step in enumerate(steps):
        accuracies = []
        for draw in range(_DRAWS):
            random = np.random.default_rng([draw, step])
            chosen = np.concatenate(
                [
                    random.permutation(np.flatnonzero(plain.labels == label))[:step]
                    for label in range(classes)
                ]
            )
            data = plain.take(np.sort(chosen))
            if candidate.kind == "knn" and candidate.setting >= len(chosen):
                continue
            answers = fit(candidate, data).predict(tested.plain)
            accuracies.append(float((answers == tested.labels).mean()))
            if step >= largest:
                break  # nothing is drawn
        if accuracies:
            mean, spread = float(np.mean(accuracies)), float(np.std(accuracies))
            points.append({"pictures_per_class": step, "accuracy": mean, "spread": spread})
        progress((done + 1) / len(steps))
    return points
