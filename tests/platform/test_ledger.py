import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from xiutu.platform.billing.settlement import Work
from xiutu.platform.facade import Platform
from xiutu.platform.ledger import LedgerClosed
from xiutu.platform.models import Credentials, UsageCount, UsageEntry
from xiutu.platform.tables import usage
from xiutu.storage import StorageUnavailable

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def entry(keys: Credentials) -> UsageEntry:
    return UsageEntry(
        log_id=2**62,
        account_id=keys.app.account.id,
        app_id=keys.app.app_id,
        operator="dehaze",
        at=NOON,
        latency_ms=812,
        queue_ms=3,
        pixels=25_000_000,
        bytes_in=10_485_760,
        bytes_out=2**33,
        api="tencent",
        api_version="2022-12-29",
        credential="signature",
    )


def numbered(entry: UsageEntry, count: int) -> list[UsageEntry]:
    return [replace(entry, log_id=number) for number in range(1, count + 1)]


def test_what_is_recorded_is_read_back_as_it_was(platform: Platform, entry: UsageEntry) -> None:
    platform.ledger.record(entry).result(10)
    assert platform.ledger.recent() == (entry,)


def test_200_at_once(platform: Platform, entry: UsageEntry) -> None:
    ready = threading.Barrier(200)

    def call(one: UsageEntry) -> int:
        ready.wait()
        platform.ledger.record(one).result(30)
        return one.log_id

    with ThreadPoolExecutor(200) as pool:
        done = list(pool.map(call, numbered(entry, 200)))
    found = [one.log_id for one in platform.ledger.recent(1000)]
    assert sorted(found) == sorted(done) == list(range(1, 201))


def test_the_waiting_share_a_commit(platform: Platform, entry: UsageEntry) -> None:
    commits: list[int] = []
    writer = platform.billing.writer
    commit = writer._commit

    def counted(group: Sequence[Work]) -> Sequence[Any] | Exception:
        commits.append(len(group))
        return commit(group)

    writer._commit = counted  # type: ignore[method-assign]
    with platform._database.transaction() as connection:  # holds the writer up, as a CLI would
        connection.exec_driver_sql("UPDATE server_state SET value = value")
        futures = [platform.ledger.record(one) for one in numbered(entry, 600)]
        if connection.dialect.name == "sqlite":
            assert not wait(futures, timeout=0.2).done
    assert not wait(futures, timeout=30).not_done
    assert sum(commits) == 600
    assert len(commits) <= 5
    assert max(commits) == 256


def test_an_impossible_entry_does_not_harm_its_neighbours(
    platform: Platform, entry: UsageEntry
) -> None:
    platform.ledger.record(replace(entry, log_id=3)).result(10)
    impossible = replace(entry, log_id=99, app_id="0")
    group = [*numbered(entry, 5), impossible]
    with platform._database.transaction() as connection:
        connection.exec_driver_sql("UPDATE server_state SET value = value")
        futures = [platform.ledger.record(one) for one in group]
    errors = [future.exception(10) for future in futures]
    assert [type(error) for error in errors] == [
        type(None), type(None), IntegrityError, type(None), type(None), IntegrityError,
    ]  # fmt: skip
    assert sorted(one.log_id for one in platform.ledger.recent()) == [1, 2, 3, 4, 5]


def test_the_writer_survives_a_failing_database(
    platform: Platform, entry: UsageEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with platform._database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE usage RENAME TO gone")
    first, second = numbered(entry, 2)
    assert platform.ledger.record(first).exception(10) is not None
    with platform._database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO usage")
    platform.ledger.record(second).result(10)
    assert [one.log_id for one in platform.ledger.recent()] == [2]


def test_a_caller_who_leaves_is_recorded_all_the_same(
    platform: Platform, entry: UsageEntry
) -> None:
    future = platform.ledger.record(entry)
    assert not future.cancel()
    future.result(10)
    assert platform.ledger.recent() == (entry,)


def test_close_writes_what_is_waiting(
    opened: Callable[[], Platform], platform: Platform, entry: UsageEntry
) -> None:
    futures = [platform.ledger.record(one) for one in numbered(entry, 1000)]
    platform.billing.writer.close()
    assert all(future.done() and future.exception() is None for future in futures)
    assert isinstance(platform.ledger.record(entry).exception(0), LedgerClosed)
    assert len(opened().ledger.recent(2000)) == 1000


@pytest.mark.parametrize("statement", [update(usage).values(code=1), delete(usage)])
def test_the_database_refuses_changes(
    platform: Platform, entry: UsageEntry, statement: object
) -> None:
    platform.ledger.record(entry).result(10)

    def change() -> None:
        with platform._database.transaction() as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    with pytest.raises((DBAPIError, StorageUnavailable), match="append-only"):
        change()
    assert platform.ledger.recent() == (entry,)


def test_counts(platform: Platform, keys: Credentials, entry: UsageEntry) -> None:
    platform.accounts.create("acme")
    other = platform.apps.create("other", account="acme").app
    hour = timedelta(hours=1)
    rows = [
        replace(entry, at=NOON),
        replace(entry, at=NOON + hour),
        replace(entry, at=NOON + hour, code=216201),
        replace(entry, at=NOON, operator="denoise"),
        replace(entry, at=NOON, app_id=other.app_id, account_id=other.account.id),
    ]
    for number, row in enumerate(rows):
        platform.ledger.record(replace(row, log_id=number)).result(10)
    mine = keys.app.app_id
    dehaze, denoise = UsageCount(mine, "dehaze", 2, 1), UsageCount(mine, "denoise", 1, 0)
    others = UsageCount(other.app_id, "dehaze", 1, 0)
    count = platform.ledger.counts
    assert set(count()) == {dehaze, denoise, others}
    assert count(app_id=mine) == (dehaze, denoise)
    assert count(account="acme") == (others,)
    assert count(account="nobody") == ()
    assert count(app_id=mine, since=NOON + hour) == (UsageCount(mine, "dehaze", 1, 1),)
    assert count(app_id=mine, until=NOON + hour) == (UsageCount(mine, "dehaze", 1, 0), denoise)


def test_recent(platform: Platform, entry: UsageEntry) -> None:
    for number in range(1, 7):
        operator = "denoise" if number % 2 else "dehaze"
        platform.ledger.record(replace(entry, log_id=number, operator=operator)).result(10)

    def ids(**filters: str) -> list[int]:
        return [one.log_id for one in platform.ledger.recent(2, **filters)]

    assert ids() == [6, 5]
    assert ids(operator="denoise") == [5, 3]
    assert ids(app_id=entry.app_id) == [6, 5]
    assert ids(app_id="1") == []


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from threading import Lock, Thread
from xiutu.platform.billing.settlement import Work
from xiutu.platform.facade import Platform
from xiutu.platform.models import UsageEntry

platform = Platform.open(Path(sys.argv[1]), sys.argv[2] or None)
app = platform.apps.find("mine")
printing = Lock()

def call():
    while True:
        log_id = platform.log_ids.small()
        platform.ledger.record(
            UsageEntry(log_id, app.account.id, app.app_id, "dehaze", datetime.now(UTC))
        ).result()
        with printing:
            print(log_id, flush=True)

platform.log_ids
for _ in range(16):
    Thread(target=call).start()
"""


def test_kill_9_loses_nothing_that_was_acknowledged(
    platform: Platform, keys: Credentials, tmp_path: Path, database_url: str | None
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "data"), database_url or ""],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline() for _ in range(300)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += process.stdout.readlines()  # printed, not read yet
    process.stdout.close()
    process.wait()
    # The last line may have been cut by the kill.
    told = {int(line) for line in acknowledged if line.endswith("\n")}
    assert len(told) >= 300
    found = {one.log_id for one in platform.ledger.recent(1_000_000)}
    assert told <= found
    platform.ledger.record(
        UsageEntry(1, keys.app.account.id, keys.app.app_id, "dehaze", NOON)
    ).result(30)
