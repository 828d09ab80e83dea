"""Heads on frozen features: three kinds, the best one chosen by cross-validation.

Logistic regression and the linear machine see features scaled to unit variance; probabilities of the
machine come from Platt's sigmoid (Platt: Probabilistic outputs for support vector machines, 1999), those
of k-NN are shares of votes among cosine neighbours. Classes count equally, however many pictures they
have (k-NN excepted).
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiutu.errors import BadDataset

__all__ = ["CANDIDATES", "Candidate", "Chosen", "Data", "choose", "fit"]

MOST_ROWS = 2000
"""Rows a cross-validation fits on; more only cost time, the choice stays the same."""

MOST_NEIGHBOURS = 2000
"""Pictures up to which k-NN is tried: its exported model carries all of them."""

_FOLDS = 4
_MANY_CLASSES = 8
_SEED = 20240229


@dataclass(frozen=True)
class Data:
    """Features [pictures, views, n] and class numbers [pictures]."""

    features: NDArray[np.float32]
    labels: NDArray[np.int64]

    def take(self, which: NDArray[np.int64]) -> "Data":
        return Data(self.features[which], self.labels[which])

    def rows(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Every view as a row of its own."""
        count, views, size = self.features.shape
        return self.features.reshape(count * views, size), np.repeat(self.labels, views)

    @property
    def plain(self) -> NDArray[np.float32]:
        """The pictures as they are, without further views."""
        return self.features[:, 0]


@dataclass(frozen=True)
class Candidate:
    """A kind of head with one setting. ``build`` gives an unfitted scikit-learn estimator."""

    kind: str
    setting: float
    build: Callable[[Data], Any]

    @property
    def name(self) -> str:
        return f"{self.kind} {self.setting:g}"


@dataclass(frozen=True)
class Chosen:
    """The winner, and (accuracy, log loss) of every candidate in the cross-validation."""

    candidate: Candidate
    scores: dict[str, tuple[float, float]]


def _logistic(strength: float) -> Candidate:
    def build(_: Data) -> Any:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        head = LogisticRegression(C=strength, class_weight="balanced", max_iter=300, tol=1e-3)
        return make_pipeline(StandardScaler(), head)

    return Candidate("logistic", strength, build)


def _machine(strength: float) -> Candidate:
    def build(data: Data) -> Any:
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import LinearSVC

        machine = LinearSVC(C=strength, class_weight="balanced", random_state=_SEED, max_iter=5000)
        # Views of one picture stay on one side, or the sigmoid would be fitted to what was seen.
        folds = [
            (_rows(learnt, data.features.shape[1]), _rows(tested, data.features.shape[1]))
            for learnt, tested in _split(data.labels, 3)
        ]
        head = CalibratedClassifierCV(machine, method="sigmoid", cv=folds, ensemble=False)
        return make_pipeline(StandardScaler(), head)

    return Candidate("svm", strength, build)


def _neighbours(count: int) -> Candidate:
    def build(_: Data) -> Any:
        from sklearn.neighbors import KNeighborsClassifier

        return KNeighborsClassifier(count, metric="cosine", algorithm="brute")

    return Candidate("knn", count, build)


CANDIDATES = (
    _logistic(0.1),
    _logistic(0.01),
    _logistic(0.001),
    _machine(0.001),
    _machine(0.0001),
    _neighbours(5),
    _neighbours(11),
)


def fit(candidate: Candidate, data: Data) -> Any:
    """A fitted estimator with ``predict_proba``; classes are 0, 1, ... k - 1."""
    if candidate.kind == "knn":
        features, labels = data.plain, data.labels
    else:
        features, labels = data.rows()
    with warnings.catch_warnings():
        # Some hundred steps are enough; whether the last digits have settled changes no answer.
        warnings.simplefilter("ignore")
        return candidate.build(data).fit(features, labels)


def choose(
    data: Data,
    candidates: Sequence[Candidate] = CANDIDATES,
    progress: Callable[[float], None] = lambda _: None,
) -> Chosen:
    """Cross-validate over pictures and take the best.

    The most accurate wins; within half a standard error of it, the one whose probabilities are better
    (log loss). ``progress`` is told the share done and may raise to stop. Raises ``BadDataset``
    when none of the candidates can work.
    """
    data = _sample(data)
    smallest = int(np.bincount(data.labels).min())
    candidates = [
        candidate
        for candidate in candidates
        if candidate.kind != "knn"
        or (len(data.labels) <= MOST_NEIGHBOURS and candidate.setting < smallest)
    ]
    if not candidates:
        raise BadDataset("k-NN needs more pictures in each class, and at most 2000 in all")
    # Time grows with rows times classes; many classes make two folds tell enough.
    folds = _split(data.labels, _FOLDS if int(data.labels.max()) < _MANY_CLASSES else 2)
    scores: dict[str, tuple[float, float]] = {}
    for number, candidate in enumerate(candidates):
        hits, losses = [], []
        for learnt, tested in folds:
            head = fit(candidate, data.take(learnt))
            shares = head.predict_proba(data.plain[tested])
            truth = data.labels[tested]
            hits.append(shares.argmax(1) == truth)
            losses.append(-np.log(np.clip(shares[np.arange(len(truth)), truth], 1e-4, 1)))
        scores[candidate.name] = (
            float(np.concatenate(hits).mean()),
            float(np.concatenate(losses).mean()),
        )
        progress((number + 1) / len(candidates))
    best = max(accuracy for accuracy, _ in scores.values())
    slack = 0.5 * float(np.sqrt(best * (1 - best) / len(data.labels)))
    close = [row for row in candidates if scores[row.name][0] >= best - slack]
    return Chosen(min(close, key=lambda row: scores[row.name][1]), scores)


def _sample(data: Data) -> Data:
    """Fewer views, then fewer pictures of each class, until there are ``MOST_ROWS`` rows."""
    count, views, _ = data.features.shape
    if count * views > MOST_ROWS:
        views = max(1, min(views, MOST_ROWS // count))
        data = Data(data.features[:, :views], data.labels)
    if count <= MOST_ROWS:
        return data
    each = max(10, MOST_ROWS // (int(data.labels.max()) + 1))
    random = np.random.default_rng(_SEED)
    kept = [
        random.permutation(np.flatnonzero(data.labels == label))[:each]
        for label in np.unique(data.labels)
    ]
    return data.take(np.sort(np.concatenate(kept)))


def _split(
    labels: NDArray[np.int64], folds: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    from sklearn.model_selection import StratifiedKFold

    fewest = max(2, min(folds, int(np.bincount(labels).min())))
    splitter = StratifiedKFold(fewest, shuffle=True, random_state=_SEED)
    return list(splitter.split(np.zeros(len(labels)), labels))


def _rows(pictures: NDArray[np.int64], views: int) -> NDArray[np.int64]:
    """Row numbers of all views of some pictures."""
    return np.asarray((pictures[:, None] * views + np.arange(views)).ravel(), dtype=np.int64)
