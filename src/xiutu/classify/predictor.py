"""Answers of a model: what worker processes, the command line and the library run.

Imports no scikit-learn and no database: a worker that serves needs neither.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xiutu.classify.card import MODEL, Card
from xiutu.classify.views import squashed
from xiutu.errors import BadModel, ModelUnavailable
from xiutu.models import threads

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = ["DEFAULT_CLASS", "Answer", "Predictor", "predictor"]

DEFAULT_CLASS = "[default]"
"""Name of the class for pictures unlike all others, as EasyDL has it."""

_MOST_KEPT = 4  # of 20 MB each, by default


@dataclass(frozen=True)
class Answer:
    """``scores`` (label, probability) fall; ``known`` is the open-set score 0..1, None without one."""

    scores: tuple[tuple[str, float], ...]
    known: float | None

    def opened(self) -> "Answer":
        """With ``[default]`` among the classes: what is not known is shared out to it."""
        if self.known is None:
            return self
        known = self.known
        scores = [(label, score * known) for label, score in self.scores]
        scores.append((DEFAULT_CLASS, 1 - known))
        return Answer(tuple(sorted(scores, key=lambda row: -row[1])), known)


class Predictor:
    """One loaded model; may be used from several threads.

    Raises ``ModelUnavailable`` when its files are gone, ``BadModel`` when they are damaged.
    """

    def __init__(self, folder: Path) -> None:
        try:
            data = (folder / MODEL).read_bytes()
        except OSError:
            raise ModelUnavailable(f"model {folder.name} has no file") from None
        self.card = Card.read(folder)
        if hashlib.sha256(data).hexdigest() != self.card.sha256:
            raise BadModel(f"the file of model {folder.name} is damaged")
        self._session = _open(data)

    def predict(self, pictures: Sequence[NDArray[np.uint8]]) -> list[Answer]:
        """For pictures H x W x 3 uint8 RGB of any sizes, in one run where the model allows."""
        card = self.card
        squares = np.stack(
            [squashed(picture, card.input.width, card.input.height) for picture in pictures]
        )
        names = [card.output] + ([card.known] if card.known else [])
        step = len(squares) if card.input.batch else 1
        answers: list[Answer] = []
        for start in range(0, len(squares), step):
            fed = self._prepared(squares[start : start + step])
            found = self._session.run(names, {card.input.name: fed})
            shares = self._shares(np.asarray(found[0], np.float64).reshape(len(fed), -1))
            known = np.asarray(found[1]).reshape(-1) if card.known else [None] * len(fed)
            answers += [self._answer(row, score) for row, score in zip(shares, known, strict=True)]
        return answers

    def _prepared(self, squares: NDArray[np.uint8]) -> NDArray[np.generic]:
        given, fed = self.card.input, squares
        if given.dtype == "float32":
            mean, std = (np.asarray(row, np.float32) for row in (given.mean, given.std))
            scaled = (squares.astype(np.float32) * np.float32(given.scale) - mean) / std
            return np.ascontiguousarray(_laid_out(scaled, given.layout))
        return np.ascontiguousarray(_laid_out(fed, given.layout))

    def _shares(self, found: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.card.output_kind == "probabilities":
            return found
        raised = np.exp(found - found.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    def _answer(self, row: NDArray[np.float64], known: float | None) -> Answer:
        if len(row) != len(self.card.labels) or not np.isfinite(row).all():
            raise BadModel("the model's answer has not a number for each class")
        order = np.argsort(-row, kind="stable")
        scores = tuple((self.card.labels[at], float(row[at])) for at in order)
        return Answer(scores, None if known is None else float(known))


def _laid_out(squares: NDArray[np.generic], layout: str) -> NDArray[np.generic]:
    return squares.transpose(0, 3, 1, 2) if layout == "NCHW" else squares


def _open(data: bytes) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own exceptions have no common base
        raise BadModel(f"the model cannot be loaded: {error}"[:500]) from None


_Key = tuple[Path, int, int]
_kept: OrderedDict[_Key, Predictor] = OrderedDict()
_lock = Lock()


def predictor(folder: Path) -> Predictor:
    """The model of a folder, loaded once; the ones used last stay in memory.

    The file's own number and time are part of what is remembered: the number of a deleted model may be
    given to another one. Raises as ``Predictor`` does.
    """
    try:
        status = (folder / MODEL).stat()
    except OSError:
        raise ModelUnavailable(f"model {folder.name} has no file") from None
    key = (folder, status.st_ino, status.st_mtime_ns)
    with _lock:
        found = _kept.get(key)
        if found is None:
            found = _kept[key] = Predictor(folder)
            while len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return found
