"""A worker process as the server sees it, and what it may do before it is replaced."""

from dataclasses import dataclass

import psutil

from xiutu.engine.channel import Channel

__all__ = ["Limits", "WorkerProcess"]


@dataclass(frozen=True)
class Limits:
    """What one worker may do before it is replaced.

    ``megabytes`` (MiB resident, shared libraries included) kills it in the middle of a job. Between
    jobs it is recycled after ``jobs`` jobs, above ``idle_megabytes``, or when what it holds and the
    estimate of the next job would pass ``megabytes`` together: loaded networks of other operators
    must not make a legal picture fail. ``start_seconds`` is the time from fork to ready.
    """

    megabytes: int = 1536
    idle_megabytes: int = 800
    jobs: int = 1000
    start_seconds: float = 60.0


@dataclass
class WorkerProcess:
    """The server's view of a running worker; ``jobs`` counts those it has finished."""

    pid: int
    channel: Channel
    process: psutil.Process
    jobs: int = 0

    def resident(self) -> int:
        """Bytes; 0 when it is gone."""
        try:
            return int(self.process.memory_info().rss)
        except psutil.Error:
            return 0
