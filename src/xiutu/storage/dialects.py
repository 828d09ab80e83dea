"""Everything only one of the two databases understands. No other module branches on the dialect."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import ArgumentError, DataError
from sqlalchemy.pool import ConnectionPoolEntry

from xiutu.errors import InvalidParameter
from xiutu.storage.errors import StorageUnavailable, UnsupportedDatabase

BUSY_SECONDS = 15.0
"""How long a SQLite writer waits for another process (a CLI command, a second server) to finish."""

_MIGRATION_LOCK = 0x7869757475  # "xiutu" in ASCII; any constant no other program locks
# The HTTP side calls from a thread pool of 40; a call beyond these waits for a connection.
_POOL = {"pool_size": 8, "max_overflow": 40, "pool_timeout": BUSY_SECONDS}


def connect(url: str | None, data: Path) -> Engine:
    """Engine for ``url``, or for the default SQLite file in ``data``. No table is touched."""
    parsed = _parse(url, data)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    return _postgres(parsed)


def lock_for_migration(connection: Connection) -> None:
    """Let one process at a time past this line; released when the transaction ends.

    SQLite needs nothing: write transactions of :class:`~xiutu.storage.Database` hold the only write
    lock of the file from their first statement on.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")


def snapshot(connection: Connection) -> Connection:
    """Make a fresh connection read one state until it is closed. SQLite's readers always do."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


def append_only(dialect: str, table: str) -> list[str]:
    """DDL that makes the database itself refuse to change or remove rows of ``table``.

    Released migrations call this: never change what it returns, add another function.
    """
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
    ]


@contextmanager
def rows_removable(connection: Connection, table: str) -> Iterator[None]:
    """Inside, rows of an append-only ``table`` may be deleted: for retention, and nothing else.

    The transaction holds the table's lock until it ends; keep it short.
    """
    dialect = connection.dialect.name
    if dialect == "sqlite":
        dropped, target = f"{table}_no_delete", ""
    else:
        dropped, target = f"{table}_no_change", f" ON {table}"
    connection.exec_driver_sql(f"DROP TRIGGER {dropped}{target}")
    yield
    (again,) = [line for line in append_only(dialect, table) if f"TRIGGER {dropped} " in line]
    connection.exec_driver_sql(again)


def continue_numbers(connection: Connection, table: Table) -> None:
    """After rows were put in with their numbers: let new ones follow. SQLite does by itself."""
    keys = [column.name for column in table.primary_key.columns]
    if connection.dialect.name != "postgresql" or keys != ["id"]:
        return
    sequence = func.pg_get_serial_sequence(table.name, "id")
    if connection.scalar(select(sequence)) is not None:
        largest = connection.scalar(select(func.max(table.c.id)))
        connection.execute(select(func.setval(sequence, largest or 1, largest is not None)))


def set_aside(url: str | None, data: Path, suffix: str) -> Path | None:
    """Give the place of a SQLite database free; None when there is none.

    Raises ``StorageUnavailable`` when somebody has it open, ``UnsupportedDatabase`` for PostgreSQL.
    """
    parsed = _parse(url, data)
    if parsed.get_backend_name() != "sqlite":
        raise UnsupportedDatabase("only a SQLite database can be set aside: make an empty one")
    path = Path(str(parsed.database))
    if not path.exists():
        return None
    connection = sqlite3.connect(path, timeout=0.5)
    try:
        # Leaving WAL needs the file for oneself, and puts all of it into this one file.
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as error:
        raise StorageUnavailable(f"{path} is in use: stop the server first ({error})") from error
    finally:
        connection.close()
    aside = path.with_name(path.name + suffix)
    path.rename(aside)
    return aside


def _parse(url: str | None, data: Path) -> URL:
    if not url:
        return URL.create("sqlite+pysqlite", database=str((data / "xiutu.db").absolute()))
    try:
        # "postgres://" is what several hosting services hand out; SQLAlchemy dropped it.
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        raise UnsupportedDatabase from None  # the text of the cause would repeat the password
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(drivername="sqlite+pysqlite")
    raise UnsupportedDatabase


def _postgres(url: URL) -> Engine:
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,  # the server may have been restarted since the last call
            connect_args={"connect_timeout": 10},
            **_POOL,
        )
    except ModuleNotFoundError as error:
        raise UnsupportedDatabase(
            "PostgreSQL needs its driver: pip install 'xiutu[postgres]'"
        ) from error

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("xiutu_durable", True):
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")

    @event.listens_for(engine, "handle_error")
    def refused_text(context: ExceptionContext) -> None:
        # SQLite stores it; here nothing can be stored under such a name, nor found.
        if isinstance(context.sqlalchemy_exception, DataError) and "NUL" in str(
            context.original_exception
        ):
            raise InvalidParameter("a text has a NUL character") from context.original_exception

    return engine


def _sqlite(url: URL) -> Engine:
    path = Path(str(url.database))
    _prepare_file(path)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}, **_POOL
    )

    @event.listens_for(engine, "connect")
    def settings(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:  # noqa: ARG001
        # The driver would begin transactions only at the first change, which breaks both the write
        # lock from the start and transactional DDL; so it is told to keep out, and we say BEGIN.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails with SQLITE_BUSY, without waiting,
        # when another process wrote in between: writers therefore take the lock at once.
        options = connection.get_execution_options()
        if options.get("xiutu_writing", False):
            # In WAL mode the default (NORMAL) may lose the last commits at a power cut.
            level = "FULL" if options.get("xiutu_durable", True) else "NORMAL"
            connection.connection.cursor().execute(f"PRAGMA synchronous={level}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # Past SQLAlchemy, which would spend a quarter of a token check's time on this line;
            # it takes no lock and so cannot fail.
            connection.connection.cursor().execute("BEGIN")

    return engine


def _prepare_file(path: Path) -> None:
    """Make the file, readable for its owner only, and switch it to WAL for all processes."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # -wal and -shm files take over the mode of the main file. A file that exists must not be
        # opened here: closing it again would give up the locks this process holds on it through
        # other connections (POSIX), and another process would take the log for its own.
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        mode = _switch_to_wal(path)
    except (OSError, sqlite3.Error) as error:
        raise StorageUnavailable(f"cannot open the database {path}: {error}") from error
    if mode != "wal":
        raise StorageUnavailable(
            f"{path}: this file system cannot hold a SQLite WAL database (a network share?)"
        )


def _switch_to_wal(path: Path) -> str:
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        try:
            return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            # Two processes switching at once: SQLite refuses the second without waiting.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        finally:
            connection.close()
