"""SQL of data sets and their pictures."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from xiutu.classify.tables import datasets, pictures
from xiutu.classify.values import Dataset, Labelled

__all__ = ["DatasetRepository"]

_T = TypeVar("_T")
_CHUNK = 500  # values in one IN (...): both databases take them


class DatasetRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, now: datetime) -> None:
        """Raises ``sqlalchemy.exc.IntegrityError`` when the name is taken."""
        values = {"name": name, "version": 0, "created_at": now, "updated_at": now}
        self._connection.execute(insert(datasets).values(values))

    def by_name(self, name: str) -> Dataset | None:
        row = self._connection.execute(select(datasets).where(datasets.c.name == name)).first()
        return self._dataset(row) if row else None

    def all(self) -> list[Dataset]:
        rows = self._connection.execute(select(datasets).order_by(datasets.c.name)).all()
        return [self._dataset(row) for row in rows]

    def next_version(self, dataset_id: int, now: datetime) -> int:
        """Count up; holds the data set's row until the transaction ends."""
        chosen = datasets.c.id == dataset_id
        values: dict[str, Any] = {"version": datasets.c.version + 1, "updated_at": now}
        self._connection.execute(update(datasets).where(chosen).values(values))
        found = self._connection.execute(select(datasets.c.version).where(chosen)).scalar_one()
        return int(found)

    def touch(self, dataset_id: int, now: datetime) -> None:
        chosen = datasets.c.id == dataset_id
        self._connection.execute(update(datasets).where(chosen).values(updated_at=now))

    def forget(self, dataset_id: int) -> None:
        self._connection.execute(delete(pictures).where(pictures.c.dataset_id == dataset_id))
        self._connection.execute(delete(datasets).where(datasets.c.id == dataset_id))

    # --- pictures -------------------------------------------------------------------------------

    def add_pictures(self, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(pictures), rows)

    def pictures(
        self,
        dataset_id: int,
        version: int,
        label: str | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Labelled]:
        query = select(pictures).where(_in_version(dataset_id, version)).order_by(pictures.c.id)
        if label is not None:
            query = query.where(pictures.c.label == label)
        if limit is not None:
            query = query.limit(limit).offset(offset)
        return [_labelled(row) for row in self._connection.execute(query)]

    def chosen(self, dataset_id: int, version: int, ids: Iterable[int]) -> list[Labelled]:
        """Those of ``ids`` that belong to the version."""
        found: list[Labelled] = []
        for some in _chunks(sorted(set(ids))):
            query = select(pictures).where(
                _in_version(dataset_id, version), pictures.c.id.in_(some)
            )
            found += [_labelled(row) for row in self._connection.execute(query)]
        return found

    def marks(self, dataset_id: int, version: int) -> list[tuple[str, str, int, bool]]:
        """Digest, label, fingerprint and held-out flag of every picture: what an import compares."""
        columns = (pictures.c.digest, pictures.c.label, pictures.c.fingerprint, pictures.c.held_out)
        query = select(*columns).where(_in_version(dataset_id, version)).order_by(pictures.c.id)
        return [(row[0], row[1], row[2], row[3]) for row in self._connection.execute(query)]

    def close(self, ids: Iterable[int], version: int) -> None:
        """The pictures belong to no version from ``version`` on."""
        for some in _chunks(list(ids)):
            chosen = pictures.c.id.in_(some)
            self._connection.execute(update(pictures).where(chosen).values(removed_in=version))

    def digests(self, dataset_id: int) -> set[str]:
        """Of all versions."""
        query = select(pictures.c.digest).where(pictures.c.dataset_id == dataset_id).distinct()
        return set(self._connection.execute(query).scalars())

    def still_used(self, digests: Iterable[str]) -> set[str]:
        """Those of ``digests`` that any data set has in any version."""
        found: set[str] = set()
        for some in _chunks(sorted(digests)):
            query = select(pictures.c.digest).where(pictures.c.digest.in_(some))
            found.update(self._connection.execute(query).scalars())
        return found

    def _dataset(self, row: Row[Any]) -> Dataset:
        query = (
            select(pictures.c.label, func.count())
            .where(_in_version(row.id, row.version))
            .group_by(pictures.c.label)
            .order_by(pictures.c.label)
        )
        classes = {row[0]: row[1] for row in self._connection.execute(query)}
        return Dataset(row.id, row.name, row.version, row.created_at, row.updated_at, classes)


def _in_version(dataset_id: int, version: int) -> ColumnElement[bool]:
    there = or_(pictures.c.removed_in.is_(None), pictures.c.removed_in > version)
    return (pictures.c.dataset_id == dataset_id) & (pictures.c.added_in <= version) & there


def _labelled(row: Row[Any]) -> Labelled:
    return Labelled(
        id=row.id,
        digest=row.digest,
        label=row.label,
        source=row.source,
        width=row.width,
        height=row.height,
        bytes=row.bytes,
        fingerprint=row.fingerprint,
        held_out=row.held_out,
    )


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
