"""One writer thread that puts all work waiting at a moment into one transaction.

A durable commit costs milliseconds, whatever it holds. So callers hand in their work and wait; under
load commits get larger, not more frequent, and a lone caller waits for one commit and no longer.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from xiutu.errors import PlatformError
from xiutu.storage import Database

GROUP = 256
"""Pieces of work in one transaction at most; bounds how long one commit holds the write lock."""


class LedgerClosed(PlatformError):
    """The server is going down: what cannot be recorded must not be answered as a success."""

    public = "the usage ledger is closed"


class Work(Protocol):
    """``durable``: whether the caller must know it on the disk before going on."""

    @property
    def durable(self) -> bool: ...


W = TypeVar("W", bound=Work)
Apply = Callable[[Connection, Sequence[W]], Sequence[Any]]
"""Does the work of a group in one transaction and gives a result for each piece, in order; a result
that is an exception is raised to that piece's caller only. Raising concerns the whole group."""


class GroupCommit(Generic[W]):
    def __init__(self, database: Database, apply: Apply[W]) -> None:
        self._database = database
        self._apply = apply
        self._waiting: deque[tuple[W, Future[Any]]] = deque()
        self._changed = threading.Condition()
        self._writer: threading.Thread | None = None
        self._closed = False

    def submit(self, work: W) -> Future[Any]:
        """Resolves once the work is committed; holds the error when it was not.

        The work is done even when the caller stops waiting: the future cannot be cancelled.
        Returns at once and never raises.
        """
        future: Future[Any] = Future()
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
            self._waiting.append((work, future))
            self._changed.notify()
        return future

    def close(self) -> None:
        """Do what is waiting, then stop. Later work fails with ``LedgerClosed``."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._writer is not None:
            self._writer.join()

    def _write_groups(self) -> None:
        while group := self._next_group():
            results = self._commit([work for work, _ in group])
            if isinstance(results, IntegrityError) and len(group) > 1:
                # One piece is impossible (its log id exists, say): the others are not to blame.
                for work, future in group:
                    _settle([future], self._commit([work]))
                continue
            _settle([future for _, future in group], results)

    def _next_group(self) -> list[tuple[W, Future[Any]]]:
        """Waits for work. Empty when closed and nothing is left."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            size = min(GROUP, len(self._waiting))
            return [self._waiting.popleft() for _ in range(size)]

    def _commit(self, group: Sequence[W]) -> Sequence[Any] | Exception:
        try:
            durable = any(work.durable for work in group)
            with self._database.transaction(durable=durable, routine=True) as connection:
                return self._apply(connection, group)
        # Whatever it is, it belongs to this group's callers; the writer has to live on.
        except Exception as error:
            return error


def _settle(futures: Sequence[Future[Any]], results: Sequence[Any] | Exception) -> None:
    if isinstance(results, Exception):
        results = [results] * len(futures)
    for future, result in zip(futures, results, strict=True):
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
