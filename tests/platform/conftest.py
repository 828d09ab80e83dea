"""A platform of its own for each test, with a clock the test turns."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import services
from tests.services import Postgres
from xiutu.platform.facade import Platform
from xiutu.platform.models import Credentials
from xiutu.storage import Database


class TurnableClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, 0, 500_000, UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with services.postgres() as running:
        yield running


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with services.redis() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with the newest schema: copying it is quicker than migrating."""
    folder = tmp_path_factory.mktemp("migrated")
    Database.open(folder).close()
    return folder / "xiutu.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path
) -> Iterator[str | None]:
    """The same tests on both databases; None is SQLite."""
    if request.param == "sqlite":
        (tmp_path / "data").mkdir(mode=0o700)
        shutil.copy(migrated_file, tmp_path / "data/xiutu.db")
        yield None
        return
    cluster: Postgres = request.getfixturevalue("postgres")
    url = cluster.migrated()
    yield url
    cluster.drop(url)


@pytest.fixture
def opened(
    tmp_path: Path, database_url: str | None, clock: TurnableClock
) -> Iterator[Callable[[], Platform]]:
    """Opens the same installation again and again, as other processes would."""
    platforms: list[Platform] = []

    def again() -> Platform:
        platforms.append(Platform.open(tmp_path / "data", database_url, clock=clock))
        return platforms[-1]

    yield again
    for platform in platforms:
        platform.close()


@pytest.fixture
def platform(opened: Callable[[], Platform]) -> Platform:
    made = opened()
    made.accounts.ensure_default()
    return made


@pytest.fixture
def keys(platform: Platform) -> Credentials:
    return platform.apps.create("mine", operators=["dehaze", "denoise"])
