from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from tests.platform.conftest import TurnableClock
from xiutu.platform.facade import Platform
from xiutu.platform.logid import LogIds


def test_ranges_until_the_scheme_ends() -> None:
    for year in (2026, 2050, 2082):
        ids = LogIds(1023, lambda year=year: datetime(year, 1, 1, tzinfo=UTC))  # type: ignore[misc]
        assert 0 < ids.small() < 2**53
        assert 10**18 < ids.large() < 2**63


def test_unique_in_threads() -> None:
    ids = LogIds(1)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: ids.small() if n % 2 else ids.large(), range(20_000)))
    assert len(set(made)) == len(made)


def test_more_ids_than_a_unit_of_time_holds(clock: TurnableClock) -> None:
    ids = LogIds(1, clock)
    made = [ids.small() for _ in range(10_000)]
    assert len(set(made)) == len(made)
    assert max(made) < 2**53
    clock.turn(seconds=1)
    assert ids.small() not in made


def test_a_clock_that_steps_back(clock: TurnableClock) -> None:
    ids = LogIds(1, clock)
    made = []
    for step in (0, 10, -20, 5, -3600, 4000):
        clock.turn(seconds=step)
        made += [ids.small() for _ in range(100)]
    assert len(set(made)) == len(made)


def test_processes_and_restarts_do_not_share_ids(
    opened: Callable[[], Platform], clock: TurnableClock
) -> None:
    made: list[int] = []
    for _ in range(5):  # all at the same moment by the clock
        ids = opened().log_ids
        made += [ids.small() for _ in range(1000)] + [ids.large() for _ in range(1000)]
    assert len(set(made)) == len(made)


def test_later_ids_are_larger(clock: TurnableClock) -> None:
    ids = LogIds(1, clock)
    before = ids.small(), ids.large()
    clock.turn(seconds=1)
    assert ids.small() > before[0]
    assert ids.large() > before[1]
