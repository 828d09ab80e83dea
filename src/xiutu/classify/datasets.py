"""Data sets: labelled pictures in versions. Every change makes a new version; none is ever copied."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy.exc import IntegrityError

from xiutu.classify.clock import Clock, system_clock
from xiutu.classify.datasets_repository import DatasetRepository
from xiutu.classify.facts import Facts, examine, thumbnail
from xiutu.classify.files import Files
from xiutu.classify.intake import Intake, Outcome
from xiutu.classify.names import checked_label, checked_name
from xiutu.classify.sources import Item
from xiutu.classify.validation import Report, validate
from xiutu.classify.values import Dataset, Labelled
from xiutu.errors import DatasetNotFound, InvalidParameter, NameTaken, XiutuError
from xiutu.storage import Database

__all__ = ["Datasets"]

_BATCH = 100
Examine = Callable[[bytes], Facts]


class Datasets:
    """Safe to use from several threads and processes."""

    def __init__(self, database: Database, files: Files, clock: Clock = system_clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    def create(self, name: str) -> Dataset:
        """An empty data set. Raises ``NameTaken`` or ``InvalidParameter``."""
        name = checked_name(name)
        try:
            with self._database.transaction() as connection:
                DatasetRepository(connection).add(name, self._clock())
        except IntegrityError:
            raise NameTaken(f"there is a data set {name!r} already") from None
        return self.get(name)

    def get(self, name: str) -> Dataset:
        """Raises ``DatasetNotFound``."""
        with self._database.reading() as connection:
            found = DatasetRepository(connection).by_name(name) if name.isprintable() else None
        if found is None:
            raise DatasetNotFound(f"no data set {name!r}")
        return found

    def all(self) -> list[Dataset]:
        """By name."""
        with self._database.reading() as connection:
            return DatasetRepository(connection).all()

    def ensure(self, name: str) -> Dataset:
        """The data set, made where it does not exist yet."""
        try:
            return self.get(checked_name(name))
        except DatasetNotFound:
            return self.create(name)

    def add(
        self,
        name: str,
        items: Iterable[Item],
        *,
        examine: Examine = examine,
        progress: Callable[[int], None] | None = None,
    ) -> Outcome:
        """Import labelled pictures as one new version.

        Pictures that cannot be read are named in the outcome and left out; one that is there already
        under the same class is passed over, under another class it is a conflict and stays where it
        is. An import that is interrupted is continued by the next one. ``examine`` decodes a picture
        (servers let a worker do it); ``progress`` is told how many were looked at.

        Raises ``DatasetNotFound``, and what ``items`` raises.
        """
        dataset, outcome, looked_at = self.get(name), Outcome(), 0
        with self._database.transaction() as connection:
            repository = DatasetRepository(connection)
            outcome.version = repository.next_version(dataset.id, self._clock())
            intake = Intake(repository.marks(dataset.id, outcome.version))
        rows: list[dict[str, Any]] = []
        # One after the other: a picture is read while its source is still open.
        for item in items:
            row = self._looked_at(item, intake, outcome, examine)
            looked_at += 1
            if row is not None:
                rows.append(row | {"dataset_id": dataset.id, "added_in": outcome.version})
            if looked_at % _BATCH == 0:
                self._stored(dataset, rows)
                rows = []
                if progress is not None:
                    progress(looked_at)
        self._stored(dataset, rows)
        if progress is not None:
            progress(looked_at)
        return outcome

    def _stored(self, dataset: Dataset, rows: list[dict[str, Any]]) -> None:
        with self._database.transaction() as connection:
            repository = DatasetRepository(connection)
            repository.touch(dataset.id, self._clock())
            repository.add_pictures(rows)

    def _looked_at(
        self, item: Item, intake: Intake, outcome: Outcome, examine: Examine
    ) -> dict[str, Any] | None:
        """The row of one item, or None when it is not to be added."""
        try:
            label = checked_label(item.label)
            data = item.read()
            digest = self._files.digest(data)
            there = intake.label_of(digest)
            if there == label:
                outcome.present += 1
                return None
            if there is not None:
                outcome.conflicts.append((item.source, f"the same file is in class {there!r}"))
                return None
            facts = examine(data)
        except (XiutuError, OSError) as error:
            text = error.detail if isinstance(error, XiutuError) else error.strerror or str(error)
            outcome.unusable.append((item.source, text))
            return None
        held_out, copy = intake.place(label, facts.fingerprint)
        intake.add(digest, label, facts.fingerprint, held_out)
        outcome.added += 1
        outcome.near_duplicates += copy
        self._files.keep_picture(digest, data)
        return {
            "digest": digest,
            "label": label,
            "source": item.source[-255:],
            "width": facts.width,
            "height": facts.height,
            "bytes": len(data),
            "fingerprint": facts.fingerprint,
            "held_out": held_out,
            "removed_in": None,
        }

    def pictures(
        self,
        name: str,
        *,
        version: int | None = None,
        label: str | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Labelled]:
        """Pictures of a version (None: the newest), oldest first. Raises ``DatasetNotFound``."""
        dataset = self.get(name)
        wanted = self._version(dataset, version)
        with self._database.reading() as connection:
            repository = DatasetRepository(connection)
            return repository.pictures(dataset.id, wanted, label, offset, limit)

    def relabel(self, name: str, ids: Iterable[int], label: str) -> int:
        """Move pictures to a class, which may be new; gives how many. A new version."""
        label = checked_label(label)
        return self._change(name, ids, lambda picture: None if picture.label == label else label)

    def rename_class(self, name: str, old: str, new: str) -> int:
        """All pictures of a class get another one; joins the two where ``new`` exists."""
        return self.relabel(name, [row.id for row in self.pictures(name, label=old)], new)

    def remove(self, name: str, ids: Iterable[int]) -> int:
        """Take pictures out; older versions keep them. Gives how many. A new version."""
        return self._change(name, ids, lambda _: "")

    def _change(
        self, name: str, ids: Iterable[int], target: Callable[[Labelled], str | None]
    ) -> int:
        """``target`` gives the new class of a picture, None to leave it alone, "" to take it out."""
        dataset, now = self.get(name), self._clock()
        with self._database.transaction() as connection:
            repository = DatasetRepository(connection)
            version = repository.next_version(dataset.id, now)
            moved = [
                (picture, label)
                for picture in repository.chosen(dataset.id, version, ids)
                if (label := target(picture)) is not None
            ]
            repository.close([picture.id for picture, _ in moved], version)
            shared = {"dataset_id": dataset.id, "added_in": version, "removed_in": None}
            repository.add_pictures(
                [_row(picture) | shared | {"label": label} for picture, label in moved if label]
            )
        return len(moved)

    def delete(self, name: str) -> None:
        """With all versions and pictures; models made from it stay. Raises ``DatasetNotFound``."""
        dataset = self.get(name)
        with self._database.transaction() as connection:
            repository = DatasetRepository(connection)
            digests = repository.digests(dataset.id)
            repository.forget(dataset.id)
            unused = digests - repository.still_used(digests)
        for digest in unused:
            self._files.forget_picture(digest)

    def picture(self, name: str, picture_id: int) -> bytes:
        """The file as it was given. Raises ``DatasetNotFound`` or ``InvalidParameter``."""
        dataset = self.get(name)
        with self._database.reading() as connection:
            found = DatasetRepository(connection).chosen(dataset.id, dataset.version, [picture_id])
        if not found:
            raise InvalidParameter(f"data set {name!r} has no picture {picture_id}")
        return self._files.picture(found[0].digest)

    def thumbnails(self, name: str, each: int = 4, side: int = 160) -> dict[str, list[bytes]]:
        """A few pictures of each class as small JPEGs."""
        dataset = self.get(name)
        return {
            label: [
                thumbnail(self._files.picture(row.digest), side)
                for row in self.pictures(name, label=label, limit=each)
            ]
            for label in dataset.classes
        }

    def validate(self, name: str, version: int | None = None) -> Report:
        """What is odd about a version; see ``validation.py``."""
        return validate(self.pictures(name, version=version))

    @staticmethod
    def _version(dataset: Dataset, version: int | None) -> int:
        if version is None:
            return dataset.version
        if not 0 <= version <= dataset.version:
            raise InvalidParameter(
                f"data set {dataset.name!r} has versions up to {dataset.version}"
            )
        return version


def _row(picture: Labelled) -> dict[str, Any]:
    names = ("digest", "source", "width", "height", "bytes", "fingerprint", "held_out")
    return {name: getattr(picture, name) for name in names}
