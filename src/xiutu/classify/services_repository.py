"""SQL of published services and their releases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from xiutu.classify.tables import releases, services
from xiutu.classify.values import Release, Service

__all__ = ["ServiceRepository"]


class ServiceRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_name(self, name: str) -> Service | None:
        row = self._connection.execute(select(services).where(services.c.name == name)).first()
        return _service(row) if row else None

    def all(self) -> Sequence[Service]:
        query = select(services).order_by(services.c.name)
        return [_service(row) for row in self._connection.execute(query)]

    def add(self, name: str, now: datetime, **values: Any) -> int:
        """Raises ``sqlalchemy.exc.IntegrityError`` when the name is taken."""
        result = self._connection.execute(
            insert(services).values(name=name, created_at=now, updated_at=now, **values)
        )
        number = result.inserted_primary_key
        assert number is not None
        return int(number[0])

    def change(self, service_id: int, now: datetime, **values: Any) -> None:
        chosen = services.c.id == service_id
        self._connection.execute(update(services).where(chosen).values(updated_at=now, **values))

    def forget(self, service_id: int) -> None:
        self._connection.execute(delete(releases).where(releases.c.service_id == service_id))
        self._connection.execute(delete(services).where(services.c.id == service_id))

    def release(self, service_id: int, version: int, model_id: int, at: datetime) -> None:
        values = {"service_id": service_id, "version": version, "model_id": model_id, "at": at}
        self._connection.execute(insert(releases).values(values))

    def releases(self, service_id: int) -> list[Release]:
        """Newest first."""
        query = select(releases).where(releases.c.service_id == service_id)
        rows = self._connection.execute(query.order_by(releases.c.version.desc()))
        return [Release(row.version, row.model_id, row.at) for row in rows]

    def using(self, model_id: int) -> list[str]:
        """Names of services that serve a model, or could be rolled back to it."""
        query = (
            select(services.c.name)
            .join(releases, releases.c.service_id == services.c.id)
            .where(releases.c.model_id == model_id)
            .distinct()
            .order_by(services.c.name)
        )
        return list(self._connection.execute(query).scalars())


def _service(row: Row[Any]) -> Service:
    apps = None if row.apps is None else frozenset(row.apps)
    return Service(
        id=row.id,
        name=row.name,
        running=row.running,
        version=row.version,
        model_id=row.model_id,
        apps=apps,
        open_set=row.open_set,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
