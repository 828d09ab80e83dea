"""Request signing of the Baidu cloud (``authorization: bce-auth-v1/...``).

The value is ``bce-auth-v1/AK/time/seconds/headers/signature``. The signing key is the hex
HMAC-SHA256 of what stands before ``headers`` under the secret key; the signature is the hex
HMAC-SHA256 of the canonical request under that key *as text*. The body is not covered. What the SDKs
do differently is in ``canonical``; what the clock allows is here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest, digest
from urllib.parse import urlencode

from xiutu.errors import SignatureInvalid
from xiutu.gateway.baidu import canonical, query

MAX_VALIDITY = 86_400
"""Longest validity accepted, in seconds. The SDKs ask for 1200 or 1800."""
MAX_AHEAD = 1800
"""How far a client's clock may be ahead, in seconds, and never more than the validity it asks for:
``|now - time| <= validity`` (contract A-09), but a day-long one is no licence to post-date."""

_HALF_A_DAY = timedelta(hours=12)
_MAX_HEADER = 4096
_MAX_SIGNED = 64
_SHAPE = re.compile(
    r"(?P<prefix>bce-auth-v1/(?P<key>[!-.0-~]{1,128})/(?P<time>[0-9T:Z-]{20})/(?P<seconds>[0-9]{1,6}))"
    r"/(?P<signed>[^/]*)/(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


@dataclass(frozen=True)
class Authorization:
    """A header taken apart; nothing in it is proven yet."""

    access_key: str
    time: datetime
    validity: int
    """Seconds."""
    signed: frozenset[bytes]
    """Lower-case header names; empty stands for the default set."""
    signature: str
    prefix: str
    """``bce-auth-v1/AK/time/seconds`` as received: what the signing key is made from."""


def parse_authorization(header: str) -> Authorization:
    """Take an ``authorization`` header apart; ``SignatureInvalid`` for any other shape."""
    if len(header) > _MAX_HEADER:
        raise SignatureInvalid("authorization header too long")
    found = _SHAPE.fullmatch(header.strip())
    if found is None:
        raise SignatureInvalid("authorization is not bce-auth-v1/AK/time/seconds/headers/signature")
    validity = int(found["seconds"])
    if not 1 <= validity <= MAX_VALIDITY:
        raise SignatureInvalid(f"validity {validity} s is not within 1..{MAX_VALIDITY}")
    names = [name.strip().lower() for name in found["signed"].split(";")]
    signed = frozenset(name.encode("utf-8", "replace") for name in names if name)
    if len(signed) > _MAX_SIGNED:
        raise SignatureInvalid("too many signed headers")
    if signed and b"host" not in signed:
        raise SignatureInvalid("host is not among the signed headers")
    return Authorization(
        found["key"], _moment(found["time"]), validity, signed, found["signature"], found["prefix"]
    )


def verify(
    authorization: Authorization,
    secret: str,
    *,
    method: str,
    raw_path: bytes,
    raw_query: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    now: datetime,
) -> None:
    """Return silently when the request was signed with ``secret`` and is within its time.

    Path, query and headers are the bytes as received (ASGI ``raw_path``, ``query_string``,
    ``headers``); ``now`` is aware. Raises ``SignatureInvalid`` in every other case.
    """
    received = list(headers)
    if not any(k.lower() == b"x-bce-date" and v.strip() for k, v in received):
        raise SignatureInvalid("header x-bce-date is missing")  # contract R-033
    check_time(authorization, now, java=query.sdk(raw_query) == "java")
    expected = authorization.signature
    forms = canonical.requests(method, raw_path, raw_query, received, authorization.signed)
    # Every form is tried and compared in constant time: how long it takes says nothing.
    key = signing_key(secret, authorization.prefix)
    matches = [compare_digest(_hmac(key, form), expected) for form in forms]
    if not any(matches):
        raise SignatureInvalid("signature differs")


def sign(
    access_key: str,
    secret: str,
    *,
    method: str,
    path: str,
    headers: Mapping[str, str],
    query: Mapping[str, str] | None = None,
    now: datetime,
    validity: int = 1800,
    signed: Iterable[str] = ("host", "x-bce-date"),
) -> str:
    """Value of the ``authorization`` header for a request that is sent exactly so.

    ``path`` is percent-encoded as sent, ``query`` is plain text, ``headers`` holds at least
    ``host`` and ``x-bce-date``; an empty ``signed`` covers the default set, as the Java SDK does.
    """
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    prefix = f"bce-auth-v1/{access_key}/{stamp}/{validity}"
    names = list(signed)
    form = next(
        canonical.requests(
            method,
            path.encode(),
            urlencode(query or {}).replace("+", "%20").encode(),
            [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
            frozenset(name.lower().encode() for name in names),
        )
    )
    return f"{prefix}/{';'.join(names)}/{signature(secret, prefix, form)}"


def signing_key(secret: str, prefix: str) -> str:
    """Hex text, and used as text."""
    return _hmac(secret, prefix.encode())


def signature(secret: str, prefix: str, canonical_request: bytes) -> str:
    """Hex HMAC-SHA256 of a canonical request."""
    return _hmac(signing_key(secret, prefix), canonical_request)


def _hmac(key: str, text: bytes) -> str:
    return digest(key.encode(), text, "sha256").hex()


def _moment(text: str) -> datetime:
    try:
        if _TIME.fullmatch(text) is None:
            raise ValueError(text)
        return datetime.fromisoformat(text)
    except ValueError:
        raise SignatureInvalid(f"{text} is no UTC time") from None


def check_time(authorization: Authorization, now: datetime, *, java: bool) -> None:
    """Raises ``SignatureInvalid`` outside the time a request is good for.

    The Java SDK writes the hour of a 12-hour clock, so its times may be half a day off (WIRE 5).

    ``aipSdk=java`` is part of what is signed: nobody else can claim that allowance.
    """
    ahead = timedelta(seconds=min(authorization.validity, MAX_AHEAD))
    validity = timedelta(seconds=authorization.validity)
    shifts = (timedelta(0), _HALF_A_DAY, -_HALF_A_DAY) if java else (timedelta(0),)
    # Ages are compared, not moments: year 1 or 9999 shifted by half a day would overflow.
    age = now - authorization.time
    if not any(-ahead <= age - shift <= validity for shift in shifts):
        raise SignatureInvalid(
            f"time is {age.total_seconds():.0f} s old, {validity.seconds} s allowed"
        )
