"""Publishing: a model under an API name, in versions; rolled back, stopped, replaced while it is called.

A call reads the service once and then works with the model it found there. Model files never change, so
replacing one is a change of one row: calls before it get the old answers, calls after it the new ones, and
none is refused.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final, Literal

from sqlalchemy.exc import IntegrityError

from xiutu.classify.card import Card
from xiutu.classify.clock import Clock, system_clock
from xiutu.classify.files import Files
from xiutu.classify.models_repository import ModelRepository
from xiutu.classify.names import checked_service_name
from xiutu.classify.services_repository import ServiceRepository
from xiutu.classify.values import Model, Release, Service, State
from xiutu.errors import InvalidParameter, ModelNotFound, ServiceNotFound
from xiutu.storage import Database

__all__ = ["KEEP", "Services"]


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP
"""Says "as it is" where None has a meaning of its own."""

Kept = Literal[_Keep.KEEP]


class Services:
    """Safe to use from several threads and processes."""

    def __init__(self, database: Database, files: Files, clock: Clock = system_clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    def publish(
        self,
        name: str,
        model_id: int,
        *,
        apps: Iterable[str] | Kept | None = KEEP,
        open_set: bool | Kept = KEEP,
    ) -> Service:
        """Serve a model under ``name``: a new service, or the next version of the one that is there.

        ``apps`` are the ids of the applications that may call, None all that may call everything; a new
        service begins with None and without the open-set class. Raises ``ModelNotFound``, ``BadModel``
        and ``InvalidParameter``.
        """
        name = checked_service_name(name)
        ticked = apps if apps is KEEP or apps is None else sorted(set(apps))
        with self._database.transaction() as connection:
            model = ModelRepository(connection).by_id(model_id)
            card = self._usable(model, model_id)
            if open_set is True and card.known is None:
                raise InvalidParameter(f"model {model_id} has no open-set score")
            repository, now = ServiceRepository(connection), self._clock()
            service = repository.by_name(name)
            if service is None:
                values = {
                    "apps": None if ticked is KEEP else ticked,
                    "open_set": open_set is True,
                }
                try:
                    number = repository.add(
                        name, now, running=True, version=1, model_id=model_id, **values
                    )
                except IntegrityError:
                    raise InvalidParameter(f"{name!r} is being published at this moment") from None
                repository.release(number, 1, model_id, now)
            else:
                version = repository.releases(service.id)[0].version + 1
                changed: dict[str, object] = {} if ticked is KEEP else {"apps": ticked}
                # What the new model cannot do is switched off rather than left to fail.
                wanted = service.open_set if open_set is KEEP else open_set
                changed["open_set"] = wanted and card.known is not None
                repository.release(service.id, version, model_id, now)
                repository.change(
                    service.id, now, running=True, version=version, model_id=model_id, **changed
                )
        return self.get(name)

    def get(self, name: str) -> Service:
        """Raises ``ServiceNotFound``."""
        found = None
        if name.isprintable():  # others must not reach the database
            with self._database.reading() as connection:
                found = ServiceRepository(connection).by_name(name)
        if found is None:
            raise ServiceNotFound(f"no service {name!r}")
        return found

    def all(self) -> list[Service]:
        """By name."""
        with self._database.reading() as connection:
            return list(ServiceRepository(connection).all())

    def releases(self, name: str) -> list[Release]:
        """Every version, newest first. Raises ``ServiceNotFound``."""
        service = self.get(name)
        with self._database.reading() as connection:
            return ServiceRepository(connection).releases(service.id)

    def roll_back(self, name: str, version: int | None = None) -> Service:
        """Serve an older version again; None: the one before the present. Its number comes back, too.

        Raises ``ServiceNotFound`` or ``InvalidParameter``.
        """
        service = self.get(name)
        older = [row for row in self.releases(name) if row.version < service.version]
        found = next((row for row in older if version in (None, row.version)), None)
        if found is None:
            wanted = "an older version" if version is None else f"an older version {version}"
            raise InvalidParameter(f"{name!r} has not had {wanted}")
        return self._change(service, running=True, version=found.version, model_id=found.model_id)

    def stop(self, name: str) -> Service:
        """Calls answer 336100 until it is started or published again. Raises ``ServiceNotFound``."""
        return self._change(self.get(name), running=False)

    def start(self, name: str) -> Service:
        """Serve again. Raises ``ServiceNotFound``."""
        return self._change(self.get(name), running=True)

    def permit(self, name: str, apps: Iterable[str] | None) -> Service:
        """Who may call from now on; see ``publish``. Raises ``ServiceNotFound``."""
        return self._change(self.get(name), apps=None if apps is None else sorted(set(apps)))

    def delete(self, name: str) -> None:
        """The address is unknown from now on; its models stay. Raises ``ServiceNotFound``."""
        service = self.get(name)
        with self._database.transaction() as connection:
            ServiceRepository(connection).forget(service.id)

    def _change(self, service: Service, **values: object) -> Service:
        with self._database.transaction() as connection:
            ServiceRepository(connection).change(service.id, self._clock(), **values)
        return self.get(service.name)

    def _usable(self, model: Model | None, model_id: int) -> Card:
        if model is None:
            raise ModelNotFound(f"no model {model_id}")
        if model.state is not State.READY:
            raise InvalidParameter(f"model {model_id} is {model.state}, not ready")
        return Card.read(self._files.model(model_id))
