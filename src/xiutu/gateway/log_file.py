"""The server's log in a file of its own, a new one each day, old ones removed."""

import io
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from xiutu.platform.clock import Clock, system_clock

__all__ = ["DailyFile"]


class DailyFile(io.TextIOBase):
    """Written line by line; at midnight UTC ``server.log`` becomes ``server.log.2026-03-01``.

    Files of days more than ``days`` ago are removed. For one process: several need files of their
    own. Raises ``OSError`` when it cannot be opened.
    """

    def __init__(self, path: Path, days: int, clock: Clock = system_clock) -> None:
        self._path = path
        self._days = days
        self._clock = clock
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._day = self._written_on() or self._today()
        self._open()
        self._turn()

    def write(self, text: str) -> int:
        with self._lock:
            self._turn()
            count = self._file.write(text)
            self._file.flush()
            return count

    def close(self) -> None:
        with self._lock:
            self._file.close()
        super().close()

    def _turn(self) -> None:
        today = self._today()
        if today == self._day:
            return
        self._file.close()
        self._path.rename(self._path.with_name(f"{self._path.name}.{self._day}"))
        self._day = today
        self._open()
        for path in self._path.parent.glob(f"{self._path.name}.*"):
            day = _day(path.name[len(self._path.name) + 1 :])
            if day is not None and day < today - timedelta(days=self._days):
                path.unlink(missing_ok=True)

    def _open(self) -> None:
        self._file = self._path.open("a", encoding="utf-8", errors="backslashreplace")

    def _today(self) -> date:
        return self._clock().astimezone(UTC).date()

    def _written_on(self) -> date | None:
        try:
            return datetime.fromtimestamp(self._path.stat().st_mtime, UTC).date()
        except FileNotFoundError:
            return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
