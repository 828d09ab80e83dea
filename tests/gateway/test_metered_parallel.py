"""Many callers at once, over HTTP, on both databases; two server processes that count in Redis."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import services
from tests.gateway.metering import SETTINGS, Answer, at_once, call, client, metered, no_rate_limit
from tests.server import RunningServer, jpeg

ENOUGH = 25
"""Passes at 10 a second: more than two seconds are looked at, with their borders."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def unhurried(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """A server without limit of calls a second; each test has an account of its own."""
    folder = tmp_path_factory.mktemp("unhurried")
    settings = SETTINGS | {"XIUTU_PRICE_BOOK": no_rate_limit(folder)}
    with ExitStack() as stack:
        if request.param == "postgresql":
            cluster = stack.enter_context(services.postgres())
            settings["XIUTU_DATABASE_URL"] = cluster.empty()
        yield stack.enter_context(RunningServer(folder / "server", **settings))


def test_100_callers_of_50_calls(unhurried: RunningServer) -> None:
    """R-130, R-159, R-163: exactly 50 pass, all others are told 17, and the books agree."""
    token = metered(unhurried, "crowd")
    picture = jpeg(64, 64)
    answers = at_once(100, unhurried.url, lambda by: call(by, token, "denoise", picture))
    assert Counter(answer.code for answer in answers) == {0: 50, 17: 50}
    assert all(answer.body["result"] for answer in answers if answer.code == 0)
    shown = json.loads(unhurried.cli("grants", "list", "crowd", "--operator", "denoise", "--json"))
    assert (shown[0]["granted"], shown[0]["used"], shown[0]["free_left"]) == (50, 50, 0)
    assert unhurried.cli("ledger", "verify").startswith("clean: ")


def test_failures_take_quota_too(unhurried: RunningServer) -> None:
    """R-160: of 100 calls without a picture 50 reach the operator, and then the quota is empty."""
    token = metered(unhurried, "failing")
    answers = at_once(100, unhurried.url, lambda by: call(by, token, "remove_moire"))
    assert Counter(answer.code for answer in answers) == {216101: 50, 17: 50}


def test_10_a_second_over_two_servers(tmp_path: Path) -> None:
    """R-131, R-179, R-180: two processes, two apps, one account: never more than 10 in a second."""
    with ExitStack() as stack:
        cluster = stack.enter_context(services.postgres())
        settings = SETTINGS | {
            "XIUTU_DATABASE_URL": cluster.empty(),
            "XIUTU_REDIS_URL": stack.enter_context(services.redis()),
            "XIUTU_SECRET_KEY_FILE": str(tmp_path / "secret.key"),
        }
        first, second = (
            stack.enter_context(RunningServer(tmp_path / name, **settings)) for name in "ab"
        )
        token = metered(first, "shared")
        first.cli("payg", "shared", "dehaze", "on")
        other = second.token(second.make_app("another", "--account", "shared"))
        end = time.monotonic() + 60
        answers: list[Answer] = []

        def caller(number: int) -> None:
            server, key = ((first, token), (second, other))[number % 2]
            with client(server.url) as by:
                while time.monotonic() < end and not enough(answers):
                    answers.append(call(by, key, "dehaze"))

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(caller, range(16)))
    passed = [answer for answer in answers if answer.code == 216101]
    refused = [answer for answer in answers if answer.code == 18]
    assert len(passed) + len(refused) == len(answers)
    assert len(passed) > ENOUGH and refused
    # A pass happened between sending and answer: whatever lies wholly within a second counts.
    for start in passed:
        within = [a for a in passed if a.sent >= start.sent and a.received < start.sent + 1.0]
        assert len(within) <= 10
    # And nobody was refused who need not have been: ten may have passed in the second before.
    for answer in refused:
        before = [p for p in passed if p.received > answer.sent - 1.0 and p.sent < answer.received]
        assert len(before) >= 10


def enough(answers: list[Answer]) -> bool:
    counts = Counter(answer.code for answer in answers)
    return counts[216101] > ENOUGH and counts[18] > 20
