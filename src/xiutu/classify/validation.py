"""What a person should know of a data set before training on it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xiutu.classify.intake import near
from xiutu.classify.values import Labelled

__all__ = ["FEWEST", "Report", "validate"]

FEWEST = 5
"""Pictures a class must have to be trained on: at least one of them is held out."""

TINY = 64
"""Pixels of the shorter side below which a picture shows the network little."""

_MOST_NAMED = 200


@dataclass(frozen=True)
class Report:
    """``duplicates``: groups of sources that look the same; ``mixed``: those groups that lie in more
    than one class; ``imbalance``: largest class to smallest. ``problems`` stop a training,
    ``warnings`` do not.
    """

    pictures: int
    classes: dict[str, int]
    held_out: int
    tiny: list[str]
    duplicates: list[list[str]]
    mixed: list[list[str]]
    imbalance: float
    problems: list[str]
    warnings: list[str]

    @property
    def usable(self) -> bool:
        return not self.problems


def validate(pictures: Sequence[Labelled]) -> Report:
    """Look at the facts of a version's pictures; no file is opened."""
    classes = dict(sorted(Counter(picture.label for picture in pictures).items()))
    tiny = [row.source for row in pictures if min(row.width, row.height) < TINY]
    groups = _groups(pictures)
    mixed = [group for group in groups if len({row.label for row in group}) > 1]
    imbalance = max(classes.values()) / min(classes.values()) if classes else 1.0
    problems = []
    if len(classes) < 2:
        problems.append(f"at least 2 classes are due, there are {len(classes)}")
    few = [f"{label} ({count})" for label, count in classes.items() if count < FEWEST]
    if few:
        problems.append(f"a class needs {FEWEST} pictures: {', '.join(few)}")
    warnings = []
    if imbalance > 5:
        warnings.append(f"the largest class has {imbalance:.1f} times the pictures of the smallest")
    if tiny:
        warnings.append(f"{len(tiny)} pictures have a side of less than {TINY} pixels")
    if mixed:
        warnings.append(f"{len(mixed)} pictures lie in several classes")
    return Report(
        pictures=len(pictures),
        classes=classes,
        held_out=sum(row.held_out for row in pictures),
        tiny=tiny[:_MOST_NAMED],
        duplicates=[[row.source for row in group] for group in groups[:_MOST_NAMED]],
        mixed=[[f"{row.label}: {row.source}" for row in group] for group in mixed[:_MOST_NAMED]],
        imbalance=imbalance,
        problems=problems,
        warnings=warnings,
    )


def _groups(pictures: Sequence[Labelled]) -> list[list[Labelled]]:
    """Pictures that look like an earlier one, gathered behind it."""
    prints = np.array(
        [row.fingerprint & 0xFFFF_FFFF_FFFF_FFFF for row in pictures], dtype=np.uint64
    )
    taken = np.zeros(len(pictures), dtype=bool)
    groups = []
    for number, row in enumerate(pictures):
        if taken[number]:
            continue
        close = near(prints[number:], row.fingerprint) & ~taken[number:]
        if close.sum() > 1:
            members = number + np.flatnonzero(close)
            taken[members] = True
            groups.append([pictures[int(member)] for member in members])
    return groups
