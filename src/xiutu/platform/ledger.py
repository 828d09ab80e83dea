"""The usage ledger: every call that was served is written down, durably, before it is answered.

A durable commit costs milliseconds, whatever it holds. So callers hand their entry to one writer
thread and wait; it takes all entries waiting at that moment (256 at most) into one transaction.
Under load commits get larger, not more frequent; a lone caller waits for one commit and no longer.
"""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from xiutu.errors import PlatformError
from xiutu.platform.models import UsageCount, UsageEntry
from xiutu.platform.usage_repository import UsageRepository
from xiutu.storage import Database

GROUP = 256
"""Entries in one transaction at most; bounds how long one commit holds the write lock."""


class LedgerClosed(PlatformError):
    """The server is going down: what cannot be recorded must not be answered as a success."""

    public = "the usage ledger is closed"


class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[tuple[UsageEntry, Future[None]]] = deque()
        self._changed = threading.Condition()
        self._writer: threading.Thread | None = None
        self._closed = False

    def record(self, entry: UsageEntry) -> Future[None]:
        """Resolves once the entry is committed; holds the database's error when it was not.

        The entry is written even when the caller stops waiting: the future cannot be cancelled.
        Returns at once and never raises.
        """
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()
        with self._changed:
            if self._closed:
                future.set_exception(LedgerClosed())
                return future
            if self._writer is None:  # the command line reads only and needs no thread
                self._writer = threading.Thread(
                    target=self._write_groups, name="xiutu-ledger", daemon=True
                )
                self._writer.start()
            self._waiting.append((entry, future))
            self._changed.notify()
        return future

    def counts(
        self,
        *,
        account: str | None = None,
        app_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[UsageCount, ...]:
        """Calls per app and operator, with ``since <= at < until``."""
        with self._database.reading() as connection:
            repository = UsageRepository(connection)
            return tuple(
                repository.counts(account=account, app_id=app_id, since=since, until=until)
            )

    def recent(
        self, limit: int = 50, *, app_id: str | None = None, operator: str | None = None
    ) -> tuple[UsageEntry, ...]:
        """The latest entries, newest first."""
        with self._database.reading() as connection:
            repository = UsageRepository(connection)
            return tuple(repository.recent(limit, app_id=app_id, operator=operator))

    def close(self) -> None:
        """Write what is waiting, then stop. Later ``record`` calls fail with ``LedgerClosed``."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._writer is not None:
            self._writer.join()

    def _write_groups(self) -> None:
        while group := self._next_group():
            entries = [entry for entry, _ in group]
            error = self._commit(entries)
            if isinstance(error, IntegrityError) and len(group) > 1:
                # One entry is impossible (its log id exists, say): the others are not to blame.
                for entry, future in group:
                    _settle(future, self._commit([entry]))
                continue
            for _, future in group:
                _settle(future, error)

    def _next_group(self) -> list[tuple[UsageEntry, Future[None]]]:
        """Waits for work. Empty when the ledger is closed and nothing is left."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            size = min(GROUP, len(self._waiting))
            return [self._waiting.popleft() for _ in range(size)]

    def _commit(self, entries: Sequence[UsageEntry]) -> Exception | None:
        try:
            with self._database.transaction() as connection:
                UsageRepository(connection).append(entries)
        # Whatever it is, it belongs to these entries' callers; the writer has to live on.
        except Exception as error:
            return error
        return None


def _settle(future: Future[None], error: Exception | None) -> None:
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
