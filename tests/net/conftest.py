"""A server on loopback and a client that may reach it."""

from collections.abc import AsyncIterator

import pytest

from tests.net.house import LOOPBACK
from tests.net.remote import Remote, serving
from xiutu.net.fetch import Fetcher


@pytest.fixture
async def remote() -> AsyncIterator[Remote]:
    async with serving() as found:
        yield found


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    found = Fetcher(LOOPBACK, timeout=30.0)
    yield found
    await found.close()
