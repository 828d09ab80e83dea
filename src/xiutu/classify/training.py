"""One training from pictures to an exported model: features, choice of the head, evaluation, export."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiutu.classify.backbones import DEFAULT, Backbone, backbone
from xiutu.classify.card import MODEL, Card, Input
from xiutu.classify.evaluation import evaluate, learning_curve
from xiutu.classify.export import INPUT, KNOWN, PROBABILITIES, compare, export
from xiutu.classify.features import kept_features
from xiutu.classify.files import Files
from xiutu.classify.heads import CANDIDATES, Candidate, Chosen, Data, choose, fit
from xiutu.classify.novelty import learn
from xiutu.classify.report import write_report
from xiutu.classify.validation import validate
from xiutu.classify.values import Labelled
from xiutu.classify.views import VIEWS, squashed
from xiutu.errors import BadDataset, InvalidParameter
from xiutu.image.decode import decode
from xiutu.models.store import write_atomic
from xiutu.version import VERSION

__all__ = ["Options", "train"]

Progress = Callable[[float, str], None]
"""Told the share done (0..1) and what is going on; raises to stop the training."""

MANY = 3000
"""Pictures from which on two views of each are enough."""

KINDS = ", ".join(dict.fromkeys(row.kind for row in CANDIDATES))

_COMPARED = 24


@dataclass(frozen=True)
class Options:
    """``heads``: kinds to choose from (``logistic``, ``svm``, ``knn``); empty means all."""

    backbone: str = DEFAULT
    heads: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Options":
        """From JSON."""
        return cls(values["backbone"], tuple(values["heads"]))

    def check(self) -> None:
        """Raises ``InvalidParameter``."""
        backbone(self.backbone)
        unknown = set(self.heads) - {row.kind for row in CANDIDATES}
        if unknown:
            raise InvalidParameter(f"no head {', '.join(sorted(unknown))}; there are {KINDS}")

    def candidates(self) -> list[Candidate]:
        return [row for row in CANDIDATES if not self.heads or row.kind in self.heads]


def train(
    pictures: Sequence[Labelled], options: Options, files: Files, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Train on a version's pictures and leave model, card and evaluation in ``folder``.

    Held-out pictures decide nothing: heads are chosen on the others, and the evaluation is of a head
    that never saw them. The exported one is then fitted to all. Gives the summary.

    Raises ``BadDataset``, ``WeightsMissing``, ``BadModel``, and what ``progress`` raises.
    """
    network, candidates = backbone(options.backbone), options.candidates()
    problems = validate(pictures).problems
    if problems:
        raise BadDataset("; ".join(problems))
    pictures = sorted(
        pictures, key=lambda row: row.digest
    )  # the same model, however it was imported
    labels = sorted({row.label for row in pictures})
    data = _features(pictures, labels, network, files, progress)
    held = _held_out(pictures, data.labels)
    learnt, tested = np.flatnonzero(~held), np.flatnonzero(held)

    def choosing(share: float) -> None:
        progress(0.6 + 0.2 * share, "choosing the head")

    chosen = choose(data.take(learnt), candidates, choosing)
    candidate = chosen.candidate
    progress(0.8, f"evaluating {candidate.name}")
    evaluated = fit(candidate, data.take(learnt))
    figures = evaluate(
        np.asarray(evaluated.predict_proba(data.plain[tested])),
        data.labels[tested],
        labels,
        [pictures[number].source for number in tested],
        learn(data.plain[learnt]).known(data.plain[tested]),
    )
    figures["learning_curve"] = learning_curve(
        data.take(learnt),
        data.take(tested),
        candidate,
        lambda share: progress(0.82 + 0.08 * share, "measuring the learning curve"),
    )
    figures |= {"head": candidate.name, "choice": _told(chosen), "trained_on": len(learnt)}
    progress(0.9, "fitting the head to all pictures")
    card = _exported(data, candidate, network, labels, pictures, files, folder, progress)
    figures["largest_difference"] = card.about["largest_difference"]
    progress(0.97, "writing the evaluation")
    wrong = [pictures[tested[row["number"]]] for row in figures["mistakes"]]
    shown = [files.picture(row.digest) for row in wrong]
    for row, picture in zip(figures["mistakes"], wrong, strict=True):
        row["digest"] = picture.digest
    write_report(folder, figures, shown)
    card.write(folder)  # last: a folder with a card is whole
    return {
        "accuracy": figures["accuracy"],
        "macro_f1": figures["macro_f1"],
        "head": candidate.name,
        "backbone": network.name,
        "classes": len(labels),
        "pictures": len(pictures),
        "held_out": len(tested),
    }


def _features(
    pictures: Sequence[Labelled],
    labels: Sequence[str],
    network: Backbone,
    files: Files,
    progress: Progress,
) -> Data:
    count = len(pictures)

    def computing(done: int) -> None:
        progress(0.6 * done / count, f"features of {done} of {count} pictures")

    computing(0)
    digests = [row.digest for row in pictures]
    views = VIEWS if count <= MANY else 2
    features = kept_features(files, digests, network, views, computing)
    numbers = {label: number for number, label in enumerate(labels)}
    return Data(features, np.array([numbers[row.label] for row in pictures], dtype=np.int64))


def _held_out(pictures: Sequence[Labelled], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The data set's split, mended where moves and deletions have left a class with one side only."""
    held = np.array([row.held_out for row in pictures], dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if not held[members].any():
            held[members[0]] = True
        surplus = held[members].sum() - len(members) // 2
        if surplus > 0:
            held[members[held[members]][:surplus]] = False
    return held


def _exported(
    data: Data,
    candidate: Candidate,
    network: Backbone,
    labels: Sequence[str],
    pictures: Sequence[Labelled],
    files: Files,
    folder: Path,
    progress: Progress,
) -> Card:
    estimator, novelty = fit(candidate, data), learn(data.plain)
    progress(0.93, "exporting")
    model = export(network, candidate.kind, estimator, novelty)
    write_atomic(folder / MODEL, model)
    some = np.linspace(0, len(pictures) - 1, min(_COMPARED, len(pictures))).astype(int)
    squares = np.stack(
        [
            squashed(decode(files.picture(pictures[number].digest)).rgb, network.side, network.side)
            for number in some
        ]
    )
    progress(0.95, "comparing the exported model with scikit-learn")
    difference = compare(folder / MODEL, squares, data.plain[some], estimator, novelty)
    return Card(
        kind="trained",
        input=Input(INPUT, network.side, network.side),
        output=PROBABILITIES,
        labels=tuple(labels),
        known=KNOWN,
        sha256=hashlib.sha256(model).hexdigest(),
        about={
            "made_by": f"xiutu {VERSION}",
            "backbone": network.name,
            "head": candidate.name,
            "pictures": len(pictures),
            "largest_difference": difference,
        },
    )


def _told(chosen: Chosen) -> list[dict[str, Any]]:
    return [
        {"head": name, "accuracy": accuracy, "log_loss": loss}
        for name, (accuracy, loss) in chosen.scores.items()
    ]


def read_evaluation(folder: Path) -> dict[str, Any]:
    """What ``train`` has left. Raises ``OSError``."""
    found: dict[str, Any] = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    return found
