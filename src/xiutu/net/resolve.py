"""Names to addresses, in threads of its own: a slow name server must not hold up anything else."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from xiutu.errors import UrlNotFound
from xiutu.net.addresses import Address

Resolver = Callable[[str, int], Awaitable[list[Address]]]
"""Host and port to addresses, best first; ``UrlNotFound`` when there are none."""


class SystemResolver:
    """``getaddrinfo`` of the operating system."""

    def __init__(self, threads: int = 8) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, _lookup, host, port)
        except (OSError, UnicodeError) as error:
            # Also a name server that does not answer: the caller cannot tell the two apart.
            raise UrlNotFound(f"{host} cannot be resolved: {error}") from None
        return found

    def close(self) -> None:
        """Give up waiting lookups; running ones end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _lookup(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # The text may carry a zone ("fe80::1%eth0"); such addresses are link-local and refused anyway.
    texts = [str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found]
    return [ip_address(text) for text in dict.fromkeys(texts)]
