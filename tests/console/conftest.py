"""One console for a file of tests: making it costs three password hashes."""

from collections.abc import Iterator

import pytest

from tests.console.house import House, opened


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("console")) as made:
        yield made
