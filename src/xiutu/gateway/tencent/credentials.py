"""Who calls: what both signature methods have in common, and the unsigned calls of a local trial."""

import ipaddress
from datetime import datetime

from starlette.requests import Request

from xiutu.errors import AppNotFound
from xiutu.gateway.tencent.errors import Refusal
from xiutu.platform.facade import DEFAULT_APP, Platform
from xiutu.platform.models import Credentials, Principal

__all__ = ["WINDOW_S", "check_time", "credentials_of", "from_this_machine", "trial_principal"]

WINDOW_S = 300
"""Seconds a client's clock may be off."""
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def check_time(timestamp: str | None, now: datetime, name: str = "X-TC-Timestamp") -> int:
    """The timestamp (seconds since 1970) when it is within five minutes of ``now``. Raises ``Refusal``."""
    if not timestamp:
        raise Refusal("missing", name=name)
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Refusal("value", name=name)
    seconds = int(timestamp)
    if abs(seconds - now.timestamp()) > WINDOW_S:
        raise Refusal("signature_expired", f"timestamp {seconds}, here it is {now.timestamp():.0f}")
    return seconds


def credentials_of(platform: Platform, secret_id: str | None) -> Credentials:
    """Reads the database: use a thread. Raises ``Refusal``."""
    found = platform.apps.credentials(secret_id) if secret_id else None
    if found is None:
        raise Refusal("secret_id")
    return found


def from_this_machine(request: Request) -> bool:
    """Whether the caller is on this machine and nobody forwards for others."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def trial_principal(platform: Platform) -> Principal:
    """The ready-made application answers for unsigned calls. Reads the database: use a thread."""
    try:
        return Principal.of(platform.apps.find(DEFAULT_APP))
    except AppNotFound:
        raise Refusal("secret_id", "the application that unsigned calls run as is gone") from None
