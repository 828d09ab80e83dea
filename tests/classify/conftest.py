"""An installation's custom classification in a folder of the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.classify.shapes import folders
from xiutu.classify.facade import Classifiers
from xiutu.classify.values import Model
from xiutu.storage import Database


@pytest.fixture
def classifiers(tmp_path: Path) -> Iterator[Classifiers]:
    data = tmp_path / "data"
    with Classifiers(Database.open(data), data / "classify") as found:
        yield found


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Classifiers, Model]]:
    """Three drawn classes, trained once; tests must not change them."""
    root = tmp_path_factory.mktemp("trained")
    database = Database.open(root / "data")
    with Classifiers(database, root / "data/classify") as found:
        found.import_from("shapes", folders(root / "pictures", 12))
        model = found.train("shapes")
        assert model.state == "ready", model.error
        yield found, model
