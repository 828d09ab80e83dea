"""A platform of its own for each test, with a clock the test turns."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from xiutu.platform.facade import Platform
from xiutu.platform.models import Credentials


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


@pytest.fixture
def database_url() -> str | None:
    """None is SQLite. XIUTU_TEST_DATABASE_URL names a PostgreSQL database whose contents may go."""
    url = os.environ.get("XIUTU_TEST_DATABASE_URL")
    if url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        engine.dispose()
    return url


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
