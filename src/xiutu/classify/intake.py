"""Decides about each picture of an import: new, there already, or not usable; and which part it is in."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Intake", "Outcome", "near"]

NEAR_BITS = 3
"""Fingerprints this close are taken for copies of one picture."""

_BLOCK = 5  # one of five pictures of a class is held out


@dataclass
class Outcome:
    """What became of an import. ``unusable`` and ``conflicts`` name sources with the reason."""

    added: int = 0
    present: int = 0
    near_duplicates: int = 0
    unusable: list[tuple[str, str]] = field(default_factory=list)
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    version: int = 0


class Intake:
    """Knows what a data set holds; some 100 bytes a picture."""

    def __init__(self, marks: Iterable[tuple[str, str, int, bool]]) -> None:
        self._labels: dict[str, str] = {}
        self._sizes: Counter[str] = Counter()
        self._prints = np.zeros(1024, dtype=np.uint64)
        self._held: list[bool] = []
        for digest, label, fingerprint, held_out in marks:
            self.add(digest, label, fingerprint, held_out)

    def label_of(self, digest: str) -> str | None:
        """The class this very file is in, or None."""
        return self._labels.get(digest)

    def place(self, label: str, fingerprint: int) -> tuple[bool, bool]:
        """Whether to hold the picture out, and whether it is a near duplicate.

        Copies of one picture stay on one side, or the evaluation would be of what was learnt by heart.
        Of the others one in five is held out, at a place in its block that only depends on the class:
        the split is stratified, and stays as it is when pictures are added.
        """
        count = len(self._held)
        close = near(self._prints[:count], fingerprint)
        if close.any():
            return self._held[int(np.flatnonzero(close)[0])], True
        block, place = divmod(self._sizes[label], _BLOCK)
        seed = hashlib.sha256(f"{label}\0{block}".encode()).digest()[0]
        return seed % _BLOCK == place, False

    def add(self, digest: str, label: str, fingerprint: int, held_out: bool) -> None:
        count = len(self._held)
        if count == len(self._prints):
            self._prints = np.concatenate([self._prints, np.zeros_like(self._prints)])
        self._prints[count] = fingerprint & 0xFFFF_FFFF_FFFF_FFFF
        self._held.append(held_out)
        self._labels[digest] = label
        self._sizes[label] += 1


def near(prints: NDArray[np.uint64], fingerprint: int) -> NDArray[np.bool_]:
    """Which of ``prints`` are within ``NEAR_BITS`` of one fingerprint."""
    wanted = np.uint64(fingerprint & 0xFFFF_FFFF_FFFF_FFFF)
    return np.asarray(np.bitwise_count(prints ^ wanted) <= NEAR_BITS)
