import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select
from sqlalchemy.exc import StatementError

from xiutu.storage import Database, StorageUnavailable, UnsupportedDatabase
from xiutu.storage.schema import Instant

note = Table("note", MetaData(), Column("number", Integer), Column("at", Instant))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "data")
    with opened.transaction() as connection:
        note.create(connection)
    yield opened
    opened.close()


def numbers(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.scalars(select(note.c.number).order_by(note.c.number)))


def add(database: Database, number: int) -> None:
    with database.transaction() as connection:
        connection.execute(insert(note).values(number=number))


def test_files_are_private(database: Database, tmp_path: Path) -> None:
    add(database, 1)
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()}
    assert modes["xiutu.db"] == 0o600
    assert set(modes.values()) == {0o600}  # -wal and -shm too


def test_sqlite_is_set_to_be_durable(database: Database) -> None:
    with database.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 15_000,
    }


def test_only_what_must_last_waits_for_the_disk(database: Database) -> None:
    found = []
    for durable in (False, True, False):
        with database.transaction(durable=durable) as connection:
            found.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
    assert found == [1, 2, 1]  # NORMAL, FULL


def test_a_snapshot_stays_as_it_was(database: Database) -> None:
    with database.snapshot() as connection:
        before = connection.scalar(select(func.count()).select_from(note))
        add(database, 1)
        after = connection.scalar(select(func.count()).select_from(note))
    assert before == after == 0


def test_a_transaction_commits_or_leaves_nothing(database: Database) -> None:
    add(database, 1)

    def interrupted() -> None:
        with database.transaction():
            add(database, 2)
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert numbers(database) == [1]


def test_nested_transactions_are_one(database: Database) -> None:
    with database.transaction():
        add(database, 1)
        assert numbers(database) == [1]  # reading inside sees what is not committed yet
        seen_by_others: list[list[int]] = []
        thread = threading.Thread(target=lambda: seen_by_others.append(numbers(database)))
        thread.start()
        thread.join()
        assert seen_by_others == [[]]
    assert numbers(database) == [1]


def test_a_writer_waits_for_another_process(database: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(
        tmp_path / "data/xiutu.db", isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO note (number) VALUES (1)")
    timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    timer.start()
    add(database, 2)
    timer.join()
    other.close()
    assert numbers(database) == [1, 2]


def test_reading_then_writing_does_not_fail_when_others_write(database: Database) -> None:
    def count_up() -> None:
        for _ in range(20):
            with database.transaction() as connection:
                latest = connection.scalar(select(note.c.number).order_by(note.c.number.desc()))
                connection.execute(insert(note).values(number=(latest or 0) + 1))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(database) == list(range(1, 81))


def test_moments_come_back_in_utc(database: Database) -> None:
    beijing = datetime(2026, 5, 1, 8, 30, 1, 123456, timezone(timedelta(hours=8)))
    with database.transaction() as connection:
        connection.execute(insert(note).values(number=1, at=beijing))
        connection.execute(insert(note).values(number=2, at=None))
    with database.reading() as connection:
        first, second = connection.scalars(select(note.c.at).order_by(note.c.number))
    assert first == beijing
    assert first is not None
    assert first.tzinfo is UTC
    assert second is None


def test_a_moment_without_zone_is_refused(database: Database) -> None:
    with database.transaction() as connection, pytest.raises(StatementError, match="naive"):
        connection.execute(insert(note).values(number=1, at=datetime(2026, 5, 1)))


def test_errors_do_not_print_values(database: Database) -> None:
    with database.transaction() as connection, pytest.raises(StatementError) as caught:
        connection.execute(insert(note).values(number="a secret", at="no datetime"))
    assert "a secret" not in str(caught.value)


def test_ping(database: Database, tmp_path: Path) -> None:
    database.ping()
    database.close()  # closes its connections; the next use opens new ones
    for path in (tmp_path / "data").iterdir():
        path.unlink()
    (tmp_path / "data").rmdir()
    with pytest.raises(StorageUnavailable):
        database.ping()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "xiutu.db").write_bytes(b"holiday photos" * 1000)
    with pytest.raises(StorageUnavailable, match="not a database"):
        Database.open(tmp_path)


def test_a_sqlite_url_names_another_file(tmp_path: Path) -> None:
    other = tmp_path / "elsewhere/x.db"
    Database.open(tmp_path / "data", f"sqlite:///{other}").close()
    assert other.exists()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "url", ["mysql://u:pass@h/d", "sqlite://", "sqlite:///:memory:", "pass word", "://pass"]
)
def test_other_databases_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedDatabase) as caught:
        Database.open(tmp_path, url)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_without_its_driver(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UnsupportedDatabase, match=r"xiutu\[postgres\]"):
        Database.open(tmp_path, f"{scheme}://u:p@localhost/d")


def test_opening_twice_in_a_process_keeps_the_locks(tmp_path: Path) -> None:
    """Another process must still see that the database is in use, or it deletes the log at its end."""
    first = Database.open(tmp_path)
    with first.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM accounts").scalar()
        Database.open(tmp_path).close()
        code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0.2)"
        code += ".execute('PRAGMA journal_mode=DELETE').fetchone()"
        command = [sys.executable, "-c", code, str(tmp_path / "xiutu.db")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    first.close()
    assert "database is locked" in done.stderr
