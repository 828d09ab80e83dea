"""Request signing TC3-HMAC-SHA256 (``Authorization`` header; WIRE section 7).

The signature is the hex HMAC of algorithm, timestamp, scope and the hash of the canonical request, under
a key derived from SecretKey, date and service. Body and query are covered as received.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest, digest

from xiutu.gateway.tencent.errors import Refusal

__all__ = [
    "ALGORITHM",
    "UNSIGNED_PAYLOAD",
    "Authorization",
    "canonical_request",
    "forms",
    "parse_authorization",
    "sent_values",
    "signature",
    "string_to_sign",
    "verify",
]

ALGORITHM = "TC3-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
SERVICE = "aiart"
_MOST_SIGNED = 64
_LONGEST = 4096
_SHAPE = re.compile(
    ALGORITHM + r"\s+Credential=(?P<id>[!-.0-~]{1,128})/(?P<date>\d{4}-\d{2}-\d{2})"
    r"/(?P<service>[A-Za-z0-9_-]{1,64})/tc3_request\s*,\s*SignedHeaders=(?P<signed>[!-+\--~]+)"
    r"\s*,\s*Signature=(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)
_PORT = re.compile(r":[0-9]{1,5}$")

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Authorization:
    """A header taken apart; nothing in it is proven yet."""

    secret_id: str
    date: str
    service: str
    signed: tuple[str, ...]
    """Lower-case names, in the order of the header."""
    signature: str


def parse_authorization(header: str, host: str) -> Authorization:
    """Take an ``Authorization`` header apart. Raises ``Refusal``.

    The service is ``aiart``, or the first label of the host name called: SDKs that are given an end point
    of their own (Node.js, Go) take it from there.
    """
    found = _SHAPE.fullmatch(header.strip()) if len(header) <= _LONGEST else None
    if found is None:
        if not header.startswith(ALGORITHM):
            raise Refusal("authorization", why=f"it does not begin with {ALGORITHM}")
        raise Refusal(
            "authorization",
            why="it is not Credential=.../tc3_request, SignedHeaders=..., Signature=...",
        )
    if found["service"] not in (SERVICE, host.partition(".")[0].partition(":")[0]):
        raise Refusal("authorization", why="`Service` in Credential not valid")
    signed = tuple(name.lower() for name in found["signed"].split(";") if name)
    if len(signed) > _MOST_SIGNED or len(set(signed)) != len(signed):
        raise Refusal("authorization", why="`SignedHeaders` not valid")
    for name in ("content-type", "host"):
        if name not in signed:
            raise Refusal("authorization", why=f"`SignedHeaders` lacks {name}")
    return Authorization(found["id"], found["date"], found["service"], signed, found["signature"])


def verify(
    authorization: Authorization,
    secret: str,
    *,
    method: str,
    raw_query: bytes,
    headers: Headers,
    body_hash: str,
    timestamp: int,
) -> None:
    """Return silently when the request was signed with ``secret``. Raises ``Refusal``.

    Query and headers are the bytes as received; ``body_hash`` is the hex SHA-256 of the body. Times are
    checked by the caller, but ``timestamp`` must be of the day in the credential's scope.
    """
    if datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d") != authorization.date:
        raise Refusal(
            "authorization", why="`Date` in Credential is not the UTC day of the timestamp"
        )
    sent = sent_values(headers, authorization.signed)
    if sent.get("x-tc-content-sha256", b"") == UNSIGNED_PAYLOAD.encode():
        body_hash = hashlib.sha256(UNSIGNED_PAYLOAD.encode()).hexdigest()
    # Every form is tried and compared in constant time: how long it takes says nothing.
    matches = [
        compare_digest(
            signature(
                secret,
                authorization.date,
                authorization.service,
                string_to_sign(
                    authorization.date,
                    authorization.service,
                    timestamp,
                    canonical_request(method, raw_query, authorization.signed, form, body_hash),
                ),
            ),
            authorization.signature,
        )
        for form in forms(sent)
    ]
    if not any(matches):
        raise Refusal("signature")


def sent_values(headers: Headers, signed: tuple[str, ...]) -> dict[str, bytes]:
    """Header values as received, without blanks around; what is signed must be there once at most."""
    values: dict[str, bytes] = {}
    for key, value in headers:
        name = key.decode("latin-1").lower()
        if name in values and name in signed:
            raise Refusal("signature", f"header {name} is there twice")
        values.setdefault(name, value.strip())
    return values


def forms(sent: dict[str, bytes]) -> list[dict[str, bytes]]:
    """Header values in the ways they are signed: lower-cased as documented or as they are, the host
    with its port (Python) or without (Node.js)."""
    lowered = {name: value.lower() for name, value in sent.items()}
    portless = [
        form | {"host": _PORT.sub("", form.get("host", b"").decode("latin-1")).encode("latin-1")}
        for form in (lowered, sent)
    ]
    return [lowered, sent, *portless]


def canonical_request(
    method: str,
    raw_query: bytes,
    names: tuple[str, ...],
    values: Mapping[str, bytes],
    body_hash: str,
) -> bytes:
    """``values`` are those of ``sent_values`` or one of their ``forms``."""
    lines = b"".join(name.encode() + b":" + values.get(name, b"") + b"\n" for name in names)
    parts = (method.encode(), b"/", raw_query, lines, ";".join(names).encode(), body_hash.encode())
    return b"\n".join(parts)


def string_to_sign(date: str, service: str, timestamp: int, canonical: bytes) -> str:
    """Algorithm, time, scope and the hash of the canonical request."""
    hashed = hashlib.sha256(canonical).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{date}/{service}/tc3_request\n{hashed}"


def signature(secret: str, date: str, service: str, text: str) -> str:
    """Hex; the key goes through date, service and ``tc3_request``."""
    key = f"TC3{secret}".encode()
    for part in (date, service, "tc3_request"):
        key = digest(key, part.encode(), "sha256")
    return digest(key, text.encode(), "sha256").hex()
