"""A real server process for the whole test session, and the keys of its ready-made application."""

import os
from collections.abc import Iterator

import pytest

from tests.server import RunningServer
from xiutu.settings import load


@pytest.fixture(scope="session", autouse=True)
def weights() -> None:
    """Servers under test have data folders of their own but share the pulled weights."""
    os.environ["XIUTU_MODELS"] = str(load().models_folder)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, weights: None) -> Iterator[RunningServer]:
    """``xiutu serve`` with two workers; tests must not break it for others."""
    data = tmp_path_factory.mktemp("server")
    with RunningServer(data, XIUTU_WORKERS="2", XIUTU_FETCH_ALLOW="127.0.0.0/8") as running:
        yield running
