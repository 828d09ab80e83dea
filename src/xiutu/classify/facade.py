"""Custom classification as one object: data sets, trainings, models, services, answers."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xiutu.classify.clock import Clock, system_clock
from xiutu.classify.datasets import Datasets
from xiutu.classify.files import Files
from xiutu.classify.foreign import Description, import_model
from xiutu.classify.jobs import Jobs
from xiutu.classify.models import Models
from xiutu.classify.names import checked_name
from xiutu.classify.predictor import Answer, predictor
from xiutu.classify.services import Services
from xiutu.classify.sources import open_source
from xiutu.classify.training import Options
from xiutu.classify.values import Model, State
from xiutu.errors import InvalidParameter
from xiutu.image.decode import decode
from xiutu.image.from_pillow import from_pillow
from xiutu.settings import Settings
from xiutu.storage import Database

__all__ = ["Classifiers", "Picture"]

Picture = str | Path | bytes | Image.Image | NDArray[np.uint8]


class Classifiers:
    """Safe to use from several threads, and beside a running server. Close it, or use ``with``.

    >>> with Classifiers.of(settings) as classifiers:                       # doctest: +SKIP
    ...     classifiers.import_from("pets", Path("photos/pets"))
    ...     model = classifiers.train("pets")
    ...     classifiers.services.publish("pets", model.id)
    """

    def __init__(self, database: Database, folder: Path, clock: Clock = system_clock) -> None:
        self._database = database
        self.files = Files(folder)
        self.datasets = Datasets(database, self.files, clock)
        self.jobs = Jobs(database, self.files, self.datasets, clock)
        self.models = Models(database, self.files, clock)
        self.services = Services(database, self.files, clock)

    @classmethod
    def of(cls, settings: Settings, clock: Clock = system_clock) -> Self:
        """Those of the installation these settings describe. Raises ``StorageError``."""
        database = Database.open(settings.data, settings.database_url)
        return cls(database, settings.data / "classify", clock)

    def import_from(self, name: str, source: Path, **options: Any) -> Any:
        """A folder for each class, a zip of such, or a CSV ``path,label``, into the data set ``name``,
        which is made where it does not exist. ``options`` and result are those of ``Datasets.add``.
        """
        items = open_source(source)
        return self.datasets.add(self.datasets.ensure(name).name, items, **options)

    def train(self, dataset: str, options: Options | None = None) -> Model:
        """Train here and now. Raises what ``Jobs.submit`` does; how it ended is in the model's state."""
        model = self.jobs.submit(dataset, options)
        return self.jobs.work(model.id) or self.jobs.get(model.id)

    def predict(self, model_id: int, pictures: Sequence[Picture]) -> list[Answer]:
        """Answers of a model trained here, in this process.

        Models of others run in worker processes only: publish them, or use the command line. Raises
        ``ModelNotFound``, ``InvalidParameter``, ``BadModel`` and the picture errors.
        """
        model = self.models.ready(model_id)
        if model.kind != "trained":
            raise InvalidParameter("an imported model runs in worker processes only: publish it")
        return predictor(self.files.model(model_id)).predict([_pixels(row) for row in pictures])

    def import_model(self, name: str, model: Path, description: Description) -> Model:
        """A classifier somebody made elsewhere, checked in a process of its own; see ``foreign.py``."""
        return import_model(self.models, self.files, checked_name(name), model, description)

    def latest(self, dataset: str) -> Model:
        """The newest model of a data set that is ready. Raises ``InvalidParameter``."""
        found = next((row for row in self.models.all(dataset) if row.state is State.READY), None)
        if found is None:
            raise InvalidParameter(f"{dataset!r} has no trained model: run `xiutu classify train`")
        return found

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _pixels(picture: Picture) -> NDArray[np.uint8]:
    if isinstance(picture, np.ndarray):
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise InvalidParameter("an array must be uint8 of shape H x W x 3 (RGB)")
        return picture
    if isinstance(picture, Image.Image):
        return from_pillow(picture).rgb
    data = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
    return decode(data).rgb
