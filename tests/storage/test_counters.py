"""Calls a second: the same tests in process and on a real Redis. R-178 to R-180."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from tests import services
from xiutu.storage.counters import WINDOW_US, Counter, LocalCounter
from xiutu.storage.redis_counters import RedisCounter, RedisMissing


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with services.redis() as url:
        yield url


@pytest.fixture(params=["local", "redis"])
def counter(request: pytest.FixtureRequest) -> Iterator[Counter]:
    made: Counter = (
        LocalCounter()
        if request.param == "local"
        else RedisCounter(request.getfixturevalue("redis_url"))
    )
    yield made
    made.close()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name}"


def test_as_many_as_allowed(counter: Counter, key: str) -> None:
    assert all(counter.acquire(key, 50) for _ in range(2))
    assert counter.acquire(key, 2) is None
    assert counter.acquire("other " + key, 2) is not None
    assert counter.acquire(key, 3) is not None  # an add-on counts at once
    assert counter.acquire("none " + key, 0) is None


def test_a_place_given_back_is_free(counter: Counter, key: str) -> None:
    first, second = counter.acquire(key, 2), counter.acquire(key, 2)
    assert first is not None and second is not None and second > first
    counter.release(key, first)
    counter.release(key, first)
    assert counter.acquire(key, 2) is not None
    assert counter.acquire(key, 2) is None


def test_the_second_slides(counter: Counter, key: str) -> None:
    """Ten within every second, wherever it begins, under 16 callers for three seconds."""
    passes: list[int] = []
    end = time.monotonic() + 3

    def call() -> None:
        while time.monotonic() < end:
            stamp = counter.acquire(key, 10)
            if stamp is not None:
                passes.append(stamp)
            time.sleep(0.002)

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passes.sort()
    assert len(set(passes)) == len(passes)
    assert 20 <= len(passes) <= 40
    # The eleventh after any pass comes a full second later.
    assert all(b - a >= WINDOW_US for a, b in zip(passes, passes[10:], strict=False))
    assert any(b - a > WINDOW_US // 2 for a, b in pairwise(passes))


def test_refused_tries_do_not_lengthen_the_wait(counter: Counter, key: str) -> None:
    counter.acquire(key, 1)
    begin = time.monotonic()
    while counter.acquire(key, 1) is None:
        time.sleep(0.01)
    assert 0.9 < time.monotonic() - begin < 3


def test_100_at_once(counter: Counter, key: str) -> None:
    ready = threading.Barrier(100)

    def one(_: int) -> int | None:
        ready.wait()
        return counter.acquire(key, 10)

    with ThreadPoolExecutor(100) as pool:
        found = [stamp for stamp in pool.map(one, range(100)) if stamp is not None]
    assert len(set(found)) == len(found)
    assert 10 <= len(found) < 100
    found.sort()
    assert all(b - a >= WINDOW_US for a, b in zip(found, found[10:], strict=False))


def test_memory_does_not_grow_for_ever() -> None:
    moment = [0]
    counter = LocalCounter(lambda: moment[0])
    for number in range(10_000):
        counter.acquire(str(number), 1)
    moment[0] = 2 * WINDOW_US
    counter.acquire("one more", 1)
    assert len(counter._passes) == 1


CHILD = """
import sys, time
from xiutu.storage.redis_counters import RedisCounter
counter = RedisCounter(sys.argv[1])
end = time.monotonic() + 3
while time.monotonic() < end:
    stamp = counter.acquire("shared", 10)
    if stamp is not None:
        print(stamp)
    time.sleep(0.002)
"""


def test_two_processes_share_redis(redis_url: str) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, redis_url], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [child.communicate()[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    passes = sorted(int(stamp) for stamps in told for stamp in stamps)
    assert len(passes) >= 20
    assert all(b - a >= WINDOW_US for a, b in zip(passes, passes[10:], strict=False))


def test_redis_that_is_down(key: str) -> None:
    """Each process counts alone meanwhile, and asks again later."""
    with services.redis() as url:
        counter = RedisCounter(url)
        first = counter.acquire(key, 1)
        assert first is not None
    stamp = counter.acquire(key, 1)
    assert stamp is not None
    assert counter.acquire(key, 1) is None
    counter.release(key, stamp)
    assert counter.acquire(key, 1) is not None
    counter._alone_until = 0.0
    counter.release(key, first)
    counter.close()


@pytest.mark.parametrize("url", ["http://x", "nonsense"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(RedisMissing, match="must be redis"):
        RedisCounter(url)


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(RedisMissing, match=r"xiutu\[redis\]"):
        RedisCounter("redis://127.0.0.1")
