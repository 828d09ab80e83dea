"""How many are at work: the same tests in process and on a real Redis. R-245."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import services
from xiutu.storage.leases import Leases, LocalLeases
from xiutu.storage.redis_leases import RedisLeases


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with services.redis() as url:
        yield url


@pytest.fixture(params=["local", "redis"])
def leases(request: pytest.FixtureRequest) -> Iterator[Leases]:
    made: Leases = (
        LocalLeases()
        if request.param == "local"
        else RedisLeases(request.getfixturevalue("redis_url"))
    )
    yield made
    made.close()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


def test_as_many_as_allowed(leases: Leases, key: str) -> None:
    first, second = (leases.acquire(key, 2, 60) for _ in range(2))
    assert first and second and first != second
    assert leases.acquire(key, 2, 60) is None
    assert leases.acquire("other " + key, 1, 60)
    leases.release(key, first)
    leases.release(key, first)
    assert leases.acquire(key, 2, 60)
    assert leases.acquire(key, 2, 60) is None


def test_a_lease_ends_by_itself(leases: Leases, key: str) -> None:
    """Its holder was killed."""
    assert leases.acquire(key, 1, 0.2)
    assert leases.acquire(key, 1, 60) is None
    time.sleep(0.3)
    assert leases.acquire(key, 1, 60)


def test_never_two_of_one(leases: Leases, key: str) -> None:
    at_work, most = [0], [0]

    def work(_: int) -> int:
        lease = leases.acquire(key, 1, 60)
        if lease is None:
            return 0
        at_work[0] += 1
        most[0] = max(most[0], at_work[0])
        time.sleep(0.002)
        at_work[0] -= 1
        leases.release(key, lease)
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(100))) >= 1
    assert most == [1]


def test_two_processes_share(redis_url: str, key: str) -> None:
    one, other = RedisLeases(redis_url), RedisLeases(redis_url)
    lease = one.acquire(key, 1, 60)
    assert lease and other.acquire(key, 1, 60) is None
    one.release(key, lease)
    assert other.acquire(key, 1, 60)
    one.close()
    other.close()


def test_without_redis_each_counts_alone() -> None:
    leases = RedisLeases("redis://127.0.0.1:1/0")
    lease = leases.acquire("a", 1, 60)
    assert lease and leases.acquire("a", 1, 60) is None
    leases.release("a", lease)
    assert leases.acquire("a", 1, 60)
    leases.close()
