"""SQL of models and of the jobs that make them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from xiutu.classify.tables import models
from xiutu.classify.values import Model, State

__all__ = ["ModelRepository"]


class ModelRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, **values: Any) -> int:
        result = self._connection.execute(insert(models).values(values))
        number = result.inserted_primary_key
        assert number is not None
        return int(number[0])

    def by_id(self, model_id: int) -> Model | None:
        row = self._connection.execute(select(models).where(models.c.id == model_id)).first()
        return _model(row) if row else None

    def all(self, dataset: str | None = None) -> Sequence[Model]:
        """Newest first."""
        query = select(models).order_by(models.c.id.desc())
        if dataset is not None:
            query = query.where(models.c.dataset == dataset)
        return [_model(row) for row in self._connection.execute(query)]

    def unclaimed(self, silent_since: datetime) -> Sequence[Model]:
        """Jobs that wait, and running ones whose worker has given no sign of life; oldest first."""
        waiting = models.c.state == State.QUEUED.value
        query = select(models).where(or_(waiting, _silent(silent_since))).order_by(models.c.id)
        return [_model(row) for row in self._connection.execute(query)]

    def claim(self, model_id: int, worker: str, now: datetime, silent_since: datetime) -> bool:
        """True for exactly one of those who try at once."""
        free = or_(models.c.state == State.QUEUED.value, _silent(silent_since))
        values: dict[str, Any] = {
            "state": State.RUNNING.value,
            "worker": worker,
            "attempts": models.c.attempts + 1,
            "beat_at": now,
            "started_at": now,
        }
        query = update(models).where(models.c.id == model_id, free).values(values)
        return self._connection.execute(query).rowcount == 1

    def beat(self, model_id: int, owner: str, **values: Any) -> bool | None:
        """Change a job its worker still owns. Whether to stop; None when it is no longer theirs."""
        mine = (
            (models.c.id == model_id)
            & (models.c.worker == owner)
            & (models.c.state == State.RUNNING.value)
        )
        if self._connection.execute(update(models).where(mine).values(values)).rowcount != 1:
            return None
        query = select(models.c.cancelling).where(models.c.id == model_id)
        return bool(self._connection.execute(query).scalar_one())

    def change(self, model_id: int, **values: Any) -> None:
        self._connection.execute(update(models).where(models.c.id == model_id).values(values))

    def forget(self, model_id: int) -> None:
        self._connection.execute(delete(models).where(models.c.id == model_id))


def _silent(since: datetime) -> Any:
    return (models.c.state == State.RUNNING.value) & (models.c.beat_at < since)


def _model(row: Row[Any]) -> Model:
    values = dict(row._mapping)
    values["state"] = State(values["state"])
    return Model(**values)
