"""What the tests of downloads share: who may be reached, what is fetched, who knows the names."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from xiutu.errors import UrlNotFound
from xiutu.net.addresses import Address, network

LOOPBACK = (network("127.0.0.0/8"), network("::1/128"))
PICTURE = bytes(range(256)) * 40
LIMIT = len(PICTURE)


def names(**table: str) -> Callable[[str, int], Awaitable[list[Address]]]:
    """A name server: ``a_b="127.0.0.1 ::1"`` makes the name ``a.b``."""

    async def resolve(host: str, port: int) -> list[Address]:
        if host.replace(".", "_") not in table:
            raise UrlNotFound(host)
        return [ip_address(text) for text in table[host.replace(".", "_")].split()]

    return resolve
