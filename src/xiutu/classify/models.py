"""Models that are there: list, evaluation, export, deletion."""

import shutil
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from xiutu.classify.card import CARD, MODEL, Card
from xiutu.classify.clock import Clock, system_clock
from xiutu.classify.files import Files
from xiutu.classify.models_repository import ModelRepository
from xiutu.classify.services_repository import ServiceRepository
from xiutu.classify.training import read_evaluation
from xiutu.classify.values import Model, State
from xiutu.errors import InvalidParameter, ModelNotFound
from xiutu.storage import Database

__all__ = ["Models"]

_PROGRAM = Path(__file__).parent / "standalone.py"


class Models:
    """Safe to use from several threads and processes."""

    def __init__(self, database: Database, files: Files, clock: Clock = system_clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    def all(self, dataset: str | None = None) -> Sequence[Model]:
        """Newest first; also those that are not ready."""
        with self._database.reading() as connection:
            return ModelRepository(connection).all(dataset)

    def get(self, model_id: int) -> Model:
        """Raises ``ModelNotFound``."""
        with self._database.reading() as connection:
            found = ModelRepository(connection).by_id(model_id)
        if found is None:
            raise ModelNotFound(f"no model {model_id}")
        return found

    def ready(self, model_id: int) -> Model:
        """Raises ``ModelNotFound``, or ``InvalidParameter`` when it is not ready."""
        model = self.get(model_id)
        if model.state is not State.READY:
            raise InvalidParameter(f"model {model_id} is {model.state}, not ready")
        return model

    def card(self, model_id: int) -> Card:
        """Raises as ``ready`` does, and ``BadModel``."""
        return Card.read(self._files.model(self.ready(model_id).id))

    def evaluation(self, model_id: int) -> dict[str, Any]:
        """The figures of a trained model. Raises ``InvalidParameter`` for an imported one."""
        model = self.ready(model_id)
        if model.kind != "trained":
            raise InvalidParameter("an imported model was not evaluated here")
        return read_evaluation(self._files.model(model_id))

    def file(self, model_id: int, name: str) -> Path:
        """``evaluation.html``, ``evaluation.png``, ``evaluation.json``, ``model.onnx``, ``card.json``."""
        path = self._files.model(self.ready(model_id).id) / name
        if "/" in name or not path.is_file():
            raise InvalidParameter(f"model {model_id} has no {name}")
        return path

    def export(self, model_id: int, target: Path) -> None:
        """A zip that runs without xiutu: ONNX file, labels, card and a program of 60 lines.

        Raises ``ModelNotFound``, ``InvalidParameter``, ``BadModel`` and ``OSError``.
        """
        card, folder = self.card(model_id), self._files.model(model_id)
        part = target.with_name(f".{target.name}.part")
        try:
            with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
                archive.write(folder / MODEL, MODEL)
                archive.write(folder / CARD, CARD)
                archive.writestr("labels.txt", "\n".join(card.labels) + "\n")
                archive.write(_PROGRAM, "classify.py")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def delete(self, model_id: int) -> None:
        """With its files. A model being trained stops; one that a service has served is refused.

        Raises ``ModelNotFound`` or ``InvalidParameter``.
        """
        with self._database.transaction() as connection:
            self.get(model_id)
            used = ServiceRepository(connection).using(model_id)
            if used:
                raise InvalidParameter(f"model {model_id} is used by service {', '.join(used)}")
            ModelRepository(connection).forget(model_id)
        self._files.forget_model(model_id)

    def add_imported(self, name: str, options: dict[str, Any], folder: Path) -> Model:
        """Make a model of the files in ``folder``, which are moved."""
        now: datetime = self._clock()
        with self._database.transaction() as connection:
            number = ModelRepository(connection).add(
                kind="imported",
                dataset=name,
                dataset_version=0,
                state=State.READY.value,
                progress=1.0,
                step="ready",
                options=options,
                error="",
                cancelling=False,
                attempts=0,
                created_at=now,
                finished_at=now,
            )
            self._files.forget_model(number)
            target = self._files.model(number)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder, target)
        return self.get(number)
