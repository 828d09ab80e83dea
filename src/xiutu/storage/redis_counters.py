"""Counters in Redis (extra ``[redis]``): one sliding second shared by all server processes.

The stamps are Redis' own time, so servers with different clocks agree. When Redis does not answer,
this process counts alone until it does: a limit that is too wide for a while is better than refusing
every call.
"""

import time
from typing import Any

from xiutu.storage.counters import WINDOW_US, LocalCounter
from xiutu.storage.errors import StorageError

_TIMEOUT_S = 0.25
_RETRY_S = 5.0

# One round trip, atomic. Stamps are unique for a key, so a pass can be taken back.
_ACQUIRE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return false end
local last = redis.call('ZRANGE', KEYS[1], -1, -1)[1]
if last and now <= tonumber(last) then now = tonumber(last) + 1 end
local stamp = string.format('%.0f', now)
redis.call('ZADD', KEYS[1], stamp, stamp)
redis.call('PEXPIRE', KEYS[1], 2000)
return stamp
"""


class RedisMissing(StorageError):
    """REDIS_URL is set, the driver is not installed or the URL makes no sense."""

    public = "REDIS_URL needs its driver: pip install 'xiutu[redis]'"


def connected(url: str) -> tuple[Any, type[Exception]]:
    """A client, and what it raises when Redis fails. Nothing is sent yet.

    Raises ``RedisMissing`` without the driver, or for a URL that makes no sense.
    """
    try:
        import redis
    except ModuleNotFoundError as error:
        raise RedisMissing from error
    try:
        client = redis.Redis.from_url(
            url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
        )
    except ValueError:  # its text may repeat the password
        raise RedisMissing("REDIS_URL must be redis://, rediss:// or unix://") from None
    return client, redis.RedisError


class RedisCounter:
    """Raises ``RedisMissing`` when it cannot be made; a Redis that is down is no error."""

    def __init__(self, url: str, prefix: str = "xiutu:qps:") -> None:
        self._redis, self._failure = connected(url)
        self._acquire = self._redis.register_script(_ACQUIRE)
        self._prefix = prefix
        self._alone = LocalCounter()
        self._alone_until = 0.0

    def acquire(self, key: str, limit: int) -> int | None:
        if time.monotonic() >= self._alone_until:
            try:
                found = self._acquire(keys=[self._prefix + key], args=[limit, WINDOW_US])
                return None if found is None else int(found)
            except self._failure:
                self._alone_until = time.monotonic() + _RETRY_S
        return self._alone.acquire(key, limit)

    def release(self, key: str, stamp: int) -> None:
        self._alone.release(key, stamp)
        if time.monotonic() >= self._alone_until:
            try:
                self._redis.zrem(self._prefix + key, stamp)
            except self._failure:
                self._alone_until = time.monotonic() + _RETRY_S

    def close(self) -> None:
        self._redis.close()
