"""A data folder of its own for commands that run in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from xiutu.settings import load


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)  # no xiutu.toml of the developer
    monkeypatch.setenv("XIUTU_DATA", str(tmp_path / "data"))
    load.cache_clear()
    yield tmp_path / "data"
    load.cache_clear()
