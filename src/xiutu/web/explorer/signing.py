"""Proof for a request that the page is about to send: a token, or the headers of a signature."""

import hashlib
from datetime import UTC, datetime

from xiutu.gateway.baidu import bce
from xiutu.gateway.tencent import tc3
from xiutu.gateway.tencent.action import ACTION, VERSION
from xiutu.platform.facade import Platform
from xiutu.platform.models import Credentials
from xiutu.web.samples import Auth

__all__ = ["Proof", "proof"]

Proof = dict[str, dict[str, str]]
"""``headers`` and ``query`` to be added."""


def proof(
    platform: Platform,
    keys: Credentials,
    auth: Auth,
    *,
    host: str,
    path: str,
    query: dict[str, str],
    region: str,
    body: bytes,
    now: datetime,
) -> Proof:
    """``body`` counts for TC3 only. Raises ``TokenRefused``."""
    if auth is Auth.TOKEN:
        grant = platform.tokens.issue(keys.api_key, keys.secret_key)
        return {"headers": {}, "query": {"access_token": grant.access_token}}
    if auth is Auth.BCE:
        date = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        signed = bce.sign(
            keys.api_key,
            keys.secret_key,
            method="POST",
            path=path,
            headers={"host": host, "x-bce-date": date},
            query=query,
            now=now,
        )
        return {"headers": {"x-bce-date": date, "authorization": signed}, "query": {}}
    return {"headers": _tc3(keys, host, region, body, now), "query": {}}


def _tc3(keys: Credentials, host: str, region: str, body: bytes, now: datetime) -> dict[str, str]:
    stamp, date, names = (
        int(now.timestamp()),
        f"{now.astimezone(UTC):%Y-%m-%d}",
        ("content-type", "host"),
    )
    values = {"content-type": b"application/json", "host": host.lower().encode("latin-1")}
    hashed = hashlib.sha256(body).hexdigest()
    canonical = tc3.canonical_request("POST", b"", names, values, hashed)
    text = tc3.string_to_sign(date, tc3.SERVICE, stamp, canonical)
    signature = tc3.signature(keys.secret_key, date, tc3.SERVICE, text)
    scope = f"{keys.api_key}/{date}/{tc3.SERVICE}/tc3_request"
    return {
        "X-TC-Action": ACTION,
        "X-TC-Version": VERSION,
        "X-TC-Region": region,
        "X-TC-Timestamp": str(stamp),
        "Authorization": f"{tc3.ALGORITHM} Credential={scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}",
    }
