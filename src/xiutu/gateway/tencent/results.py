"""Result links: an address of this server's own, signed, good for an hour (R-241, A-90).

The end of its time is part of the name and the name is what is signed, so nothing has to be looked up to
refuse a link, links survive a restart, and any node that shares key and store can answer them.
"""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from hmac import compare_digest

from xiutu.gateway.context import Context
from xiutu.platform.keyring import Keyring
from xiutu.storage.blobs import Blobs

__all__ = ["LIFETIME_S", "LinkRefused", "Results", "results_of"]

LIFETIME_S = 3600
"""Seconds; the documented hour."""
PATH = "/results/"
_FOLDER = "results"
_PURPOSE = "result-link"
_NAME = re.compile(r"(?P<end>[0-9]{10,12})-[0-9a-f]{32}\.(?P<kind>jpg|png)", re.ASCII)
_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


class LinkRefused(Exception):
    """Forged, incomplete, or its time is over."""


class Results:
    """``clock`` gives aware datetimes."""

    def __init__(self, blobs: Blobs, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._blobs = blobs
        self._keyring = keyring
        self._clock = clock

    def store(self, data: bytes, kind: str) -> str:
        """Keep a result (``jpg`` or ``png``) and give its path with query. Blocks."""
        end = int(self._clock().timestamp()) + LIFETIME_S
        name = f"{end}-{secrets.token_hex(16)}.{kind}"
        self._blobs.put(f"{_FOLDER}/{name}", data)
        return f"{PATH}{name}?signature={self._signature(name)}"

    def open(self, name: str, signature: str) -> tuple[bytes | None, str, int]:
        """Bytes (None: removed), content type and seconds left. Blocks. Raises ``LinkRefused``."""
        found = _NAME.fullmatch(name)
        if found is None or not compare_digest(
            self._signature(name).encode(), signature.encode("utf-8", "replace")
        ):
            raise LinkRefused
        left = int(found["end"]) - self._clock().timestamp()
        if left <= 0:
            raise LinkRefused
        return self._blobs.get(f"{_FOLDER}/{name}"), _TYPES[found["kind"]], int(left)

    def sweep(self) -> int:
        """Remove what no link leads to any more; gives how many. Blocks."""
        now = self._clock().timestamp()
        gone = 0
        for key in list(self._blobs.keys(_FOLDER)):
            found = _NAME.fullmatch(key.removeprefix(f"{_FOLDER}/"))
            if found is not None and int(found["end"]) <= now:
                self._blobs.delete(key)
                gone += 1
        return gone

    def _signature(self, name: str) -> str:
        return self._keyring.mac(_PURPOSE, name).hex()


def results_of(context: Context) -> Results:
    """The results of a server."""
    platform = context.platform
    return Results(context.blobs, platform.keyring, lambda: platform.clock().astimezone(UTC))
