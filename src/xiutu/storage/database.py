"""One database: transactions for services, a connection for readers, migration at open."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from xiutu.storage import dialects, migrate
from xiutu.storage.errors import StorageUnavailable


class Database:
    """Safe to use from several threads; each thread has its own transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = {
            durable: engine.execution_options(xiutu_writing=True, xiutu_durable=durable)
            for durable in (True, False)
        }
        self._ambient = threading.local()
        self._changes = count(1)
        self.changes = 0
        """Grows with every transaction of this process but routine ones: what was read while it stood
        still is outdated by other processes only."""

    @classmethod
    def open(cls, data: Path, url: str | None = None) -> Self:
        """Open (and where needed make and migrate) the database.

        ``url`` is ``sqlite:///path`` or ``postgresql://...``; ``None`` means ``data/xiutu.db``.
        Raises ``UnsupportedDatabase``, ``SchemaTooNew`` or ``StorageUnavailable``.
        """
        database = cls(dialects.connect(url, data))
        try:
            with database.reading() as connection:
                ready = migrate.is_current(connection)
            if not ready:
                with database.transaction() as connection:
                    migrate.upgrade(connection)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def transaction(self, *, durable: bool = True, routine: bool = False) -> Iterator[Connection]:
        """The unit of work: commits when the block ends, rolls back when it raises.

        Inside another ``transaction()`` of the same thread this joins it, so services can call each
        other; the outermost block decides, and therefore an error must not be swallowed in between.
        Without ``durable`` a power cut may undo the last commits (a killed process cannot), in
        exchange for not waiting for the disk; what a later durable commit saw is durable with it.
        A ``routine`` one is not counted in ``changes``.
        """
        outer = self._joined()
        if outer is not None:
            yield outer
            return
        with _translated(), self._writing[durable].begin() as connection:
            self._ambient.connection = connection
            try:
                yield connection
            finally:
                self._ambient.connection = None
        if not routine:
            self.changes = next(self._changes)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view for reads; inside a transaction of this thread, that transaction's."""
        outer = self._joined()
        if outer is not None:
            yield outer
            return
        with _translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """For long reports: every statement sees the same state, however much is written meanwhile.

        Not inside a transaction.
        """
        with _translated(), self._engine.connect() as connection:
            yield dialects.snapshot(connection)

    def ping(self) -> None:
        """Raises ``StorageUnavailable`` when the database does not answer."""
        with self.reading() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        self._engine.dispose()

    def _joined(self) -> Connection | None:
        return getattr(self._ambient, "connection", None)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        # error.orig has the driver's words only; the full text would quote the statement.
        raise StorageUnavailable(str(error.orig)) from error
    except PoolTimeoutError as error:
        raise StorageUnavailable("no database connection became free in time") from error
