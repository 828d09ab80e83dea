"""Leases in Redis (extra ``[redis]``): shared by all server processes, on Redis' own time.

When Redis does not answer, this process counts alone until it does, as its counters do.
"""

import secrets
import time

from xiutu.storage.leases import LocalLeases
from xiutu.storage.redis_counters import connected

__all__ = ["RedisLeases"]

_RETRY_S = 5.0

# One round trip, atomic. The score of a lease is the microsecond it ends in.
_ACQUIRE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000) + 1000)
return 1
"""


class RedisLeases:
    """Raises ``RedisMissing`` when it cannot be made; a Redis that is down is no error."""

    def __init__(self, url: str, prefix: str = "xiutu:busy:") -> None:
        self._redis, self._failure = connected(url)
        self._acquire = self._redis.register_script(_ACQUIRE)
        self._prefix = prefix
        self._alone = LocalLeases()
        self._alone_until = 0.0

    def acquire(self, key: str, limit: int, seconds: float) -> str | None:
        if time.monotonic() >= self._alone_until:
            lease = secrets.token_hex(8)
            try:
                args: list[int | str] = [limit, round(seconds * 1e6), lease]
                return lease if self._acquire(keys=[self._prefix + key], args=args) else None
            except self._failure:
                self._alone_until = time.monotonic() + _RETRY_S
        return self._alone.acquire(key, limit, seconds)

    def release(self, key: str, lease: str) -> None:
        self._alone.release(key, lease)
        if time.monotonic() >= self._alone_until:
            try:
                self._redis.zrem(self._prefix + key, lease)
            except self._failure:
                self._alone_until = time.monotonic() + _RETRY_S

    def close(self) -> None:
        self._redis.close()
