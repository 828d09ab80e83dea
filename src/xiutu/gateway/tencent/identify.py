"""Who calls, by which of the three ways. Nothing else of the request is believed before."""

import hashlib

from anyio.to_thread import run_sync

from xiutu.gateway.tencent import tc3, v1
from xiutu.gateway.tencent.call import Call
from xiutu.gateway.tencent.credentials import (
    check_time,
    credentials_of,
    from_this_machine,
    trial_principal,
)
from xiutu.gateway.tencent.errors import Refusal
from xiutu.gateway.tencent.parameters import Pairs
from xiutu.platform.models import Credentials

__all__ = ["SKIP", "identify_tc3", "identify_unsigned", "identify_v1", "verify_tc3"]

SKIP = "SKIP"
"""What the SDKs send for ``Authorization`` when they are told not to sign."""


async def identify_tc3(call: Call, header: str) -> tc3.Authorization:
    """What can be refused before the body is read; ``verify_tc3`` is for the rest."""
    authorization = tc3.parse_authorization(header, call.request.headers.get("host", ""))
    check_time(call.request.headers.get("x-tc-timestamp"), call.now)
    if call.request.headers.get("x-tc-token"):
        raise Refusal("token")
    return authorization


async def verify_tc3(call: Call, authorization: tc3.Authorization, body: bytes) -> None:
    """Compare the signature with body, query and headers as received."""
    request = call.request
    timestamp = check_time(request.headers.get("x-tc-timestamp"), call.now)

    def work() -> Credentials:
        found = credentials_of(call.context.platform, authorization.secret_id)
        tc3.verify(
            authorization,
            found.secret_key,
            method=request.method,
            raw_query=request.scope["query_string"],
            headers=request.scope["headers"],
            body_hash=hashlib.sha256(body).hexdigest(),
            timestamp=timestamp,
        )
        return found

    call.principal, call.credential = (await run_sync(work)).principal(), "tc3"


async def identify_v1(call: Call, pairs: Pairs) -> None:
    """The signature over all parameters, decoded."""
    check_time(call.common.get("Timestamp"), call.now, "Timestamp")
    if call.common.get("Token"):
        raise Refusal("token")
    if "SecretId" not in call.common:
        raise Refusal("missing", name="SecretId")
    if "Nonce" not in call.common:
        raise Refusal("missing", name="Nonce")
    host = call.request.headers.get("host", "").encode("latin-1")

    def work() -> Credentials:
        found = credentials_of(call.context.platform, call.common["SecretId"])
        v1.verify(pairs, found.secret_key, method=call.request.method, host=host)
        return found

    call.principal, call.credential = (await run_sync(work)).principal(), "v1"


async def identify_unsigned(call: Call) -> None:
    """Only for trials on this machine, and only where that is switched on."""
    if not call.context.settings.tencent_unsigned or not from_this_machine(call.request):
        raise Refusal("authorization", why="it is missing")
    call.principal = await run_sync(trial_principal, call.context.platform)
    call.credential = "none"
