"""The server is killed with SIGKILL under load, again and again (issue 5).

Two kills in the suite, the second of a server that has been killed before; ``XIUTU_TEST_KILLS=50``
makes it the acceptance run.
"""

import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from tests import services
from tests.gateway.metering import SETTINGS, call, client, metered, no_rate_limit
from tests.server import RunningServer, jpeg
from xiutu.platform.facade import Platform

KILLS = int(os.environ.get("XIUTU_TEST_KILLS", "2"))
OPERATORS = ("dehaze", "contrast_enhance", "denoise")
CALLERS = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    found = SETTINGS | {"XIUTU_PRICE_BOOK": no_rate_limit(tmp_path)}
    with ExitStack() as stack:
        if request.param == "postgresql":
            cluster = stack.enter_context(services.postgres())
            found["XIUTU_DATABASE_URL"] = cluster.empty()
        yield found


@pytest.mark.timeout(300 + 120 * KILLS)  # a busy machine needs a minute for each start
def test_killed_under_load(settings: dict[str, str], tmp_path: Path) -> None:
    """No answered success is missing, nothing is charged twice, the books agree after every kill."""
    chance = random.Random(5)
    token, told, picture = "", {}, jpeg(64, 64)
    for kill in range(KILLS):
        with RunningServer(tmp_path / "server", **settings) as server:
            token = token or prepared(server)
            told |= loaded(server, token, picture, chance.uniform(0.1, 0.8))
            assert server.process.wait(30) == -signal.SIGKILL
        with Platform.open(server.data / "data", settings.get("XIUTU_DATABASE_URL")) as books:
            assert books.billing.audit.verify().problems == (), kill
    with RunningServer(tmp_path / "server", **settings) as server:  # and it serves on
        assert call(server.client, token, "dehaze", picture).code == 0
        assert server.cli("ledger", "verify").startswith("clean: ")
    with Platform.open(server.data / "data", settings.get("XIUTU_DATABASE_URL")) as platform:
        entries = {entry.log_id: entry for entry in platform.ledger.recent(10_000_000)}
        assert told.keys() <= entries.keys()
        assert all((entries[n].operator, entries[n].code) == (told[n], 0) for n in told)
        found = {row.operator: row for row in platform.billing.grants.resources("killed")}
        assert found["contrast_enhance"].used > 0
        (pack,) = platform.billing.shop.packs("killed")
        assert pack.left < pack.calls
        assert platform.billing.wallets.balance("killed").unbilled > 0
    figures = {"kills": KILLS, "answered": len(told), "written": len(entries)}
    print(json.dumps(figures))
    assert len(told) >= 10 * KILLS


def prepared(server: RunningServer) -> str:
    """An account that pays in all three ways."""
    token = metered(server, "killed")
    server.cli("accounts", "topup", "killed", "100000")
    server.cli("grants", "give", "killed", "contrast_enhance", "1000000")
    for operator in ("dehaze", "denoise"):
        server.cli("grants", "withdraw", "killed", "--operator", operator)
    server.cli("packs", "buy", "killed", "denoise", "100000")
    server.cli("payg", "killed", "dehaze", "on")
    return token


def loaded(server: RunningServer, token: str, picture: bytes, seconds: float) -> dict[int, str]:
    """Call without pause, kill the server in the middle; gives log id -> operator of successes."""
    told: dict[int, str] = {}
    lock = threading.Lock()

    def caller(number: int) -> None:
        operator = OPERATORS[number % len(OPERATORS)]
        with client(server.url) as by:
            for turn in range(10**9):
                try:
                    answer = call(by, token, operator, picture if turn % 5 else b"")
                except httpx2.TransportError:
                    return
                assert answer.code in (0, 216101), answer.body
                if answer.code == 0:
                    with lock:
                        told[int(answer.body["log_id"])] = operator

    threads = [threading.Thread(target=caller, args=(n,)) for n in range(CALLERS)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 60
    while len(told) < 12 and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(seconds)
    os.kill(server.process.pid, signal.SIGKILL)
    for thread in threads:
        thread.join(60)
    return told
