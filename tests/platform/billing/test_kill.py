"""SIGKILL under load: nothing that was answered is missing, nothing is charged twice (issue 5)."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.platform.billing.conftest import Caller
from tests.platform.conftest import TurnableClock
from xiutu.platform.billing.deduction import Switch

KILLS = int(os.environ.get("XIUTU_TEST_KILLS", "4"))

SERVER = """
import sys
from datetime import UTC, datetime
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from xiutu.platform.facade import Platform
from xiutu.platform.models import Principal, UsageEntry

platform = Platform.open(Path(sys.argv[1]), sys.argv[2] or None)
class NoLimit:
    def acquire(self, key, limit): return 1
    def release(self, key, stamp): pass
    def close(self): pass
platform.billing.counter = NoLimit()
principal = Principal.of(platform.apps.find("acme's app"))
printing = Lock()

def call(number):
    operator = ("dehaze", "denoise", "colourize")[number % 3]
    for turn in range(10**9):
        ticket = platform.billing.admission.admit(principal, operator, platform.log_ids.large())
        if turn % 7 == 3:
            platform.billing.admission.release(ticket)
            continue
        code = 282000 if turn % 5 == 2 else 0
        entry = UsageEntry(ticket.log_id, principal.account_id, principal.app_id, operator,
                           datetime.now(UTC), code)
        charge = platform.ledger.record(entry, ticket).result()
        with printing:
            print(ticket.log_id, charge.source.value, flush=True)

platform.log_ids
for number in range(12):
    Thread(target=call, args=(number,)).start()
platform.billing.keeper.start()
"""


def test_kill_9(
    caller: Caller, clock: TurnableClock, tmp_path: Path, database_url: str | None
) -> None:
    """Free quota, a pack and pay-as-you-go at once, each with failures and releases."""
    clock_of_servers(clock)
    shop = caller.billing.shop
    caller.billing.wallets.topup(caller.account, 1000)
    for operator in ("denoise", "colourize"):
        caller.billing.grants.withdraw(caller.account, operator)
    shop.set_payg(caller.account, "colourize", Switch.ON)
    shop.set_payg(caller.account, "dehaze", Switch.ON)
    shop.buy_pack(caller.account, "denoise", 10_000)
    told: dict[int, str] = {}
    for _ in range(KILLS):
        told |= killed(tmp_path / "data", database_url)
        caller.verified()
    entries = {entry.log_id for entry in caller.platform.ledger.recent(1_000_000)}
    assert set(told) <= entries
    clock_of_servers(clock)
    clock.turn(hours=2)
    caller.billing.keeper.round()
    with caller.platform._database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM reservations").scalar_one()
        found = connection.exec_driver_sql("SELECT log_id, source FROM usage")
        stored = {row.log_id: row.source for row in found}
    assert rows == 0
    assert all(stored[log_id] == source for log_id, source in told.items())
    assert set(told.values()) == {"free", "pack", "payg", "none"}
    (pack,) = shop.packs(caller.account)
    assert pack.calls - pack.left == list(stored.values()).count("pack")
    assert caller.resource("dehaze").used == list(stored.values()).count("free")
    caller.verified()


def clock_of_servers(clock: TurnableClock) -> None:
    """The servers under test live today."""

    clock.now = datetime.now(UTC)


def killed(data: Path, database_url: str | None) -> dict[int, str]:
    """Let a server make 60 calls, kill it, and give what it had answered until then."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(data), database_url or ""],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(60)]
    os.kill(process.pid, signal.SIGKILL)
    lines += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    told = [line.split() for line in lines if line.endswith("\n")]
    assert len(told) >= 60
    return {int(log_id): source for log_id, source in told}
