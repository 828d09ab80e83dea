"""Which of the three ways a request is signed in, and what is wrong with it."""

import re
from datetime import datetime

from xiutu.web.signatures.bce import explain_bce
from xiutu.web.signatures.keys import Keyring
from xiutu.web.signatures.pasted import Pasted, Unreadable
from xiutu.web.signatures.tc3 import explain_tc3
from xiutu.web.signatures.v1 import explain_v1, is_v1
from xiutu.web.signatures.verdict import Verdict

__all__ = ["explain"]

_HASH = re.compile("[0-9a-f]{64}")


def explain(
    request: Pasted, keys: Keyring, now: datetime, *, theirs: str = "", body_hash: str = ""
) -> Verdict:
    """``theirs`` is the canonical request the sender's program printed. Raises ``Unreadable``."""
    body_hash = body_hash.strip().lower()
    if body_hash and _HASH.fullmatch(body_hash) is None:
        raise Unreadable("A SHA-256 has 64 hex digits.")
    authorization = request.header("authorization") or ""
    if authorization.startswith("TC3"):
        return explain_tc3(request, keys, now, theirs, body_hash)
    if authorization.startswith("bce-auth"):
        return explain_bce(request, keys, now, theirs)
    if is_v1(request):
        return explain_v1(request, keys, now, theirs)
    raise Unreadable(
        "No signature found: neither an authorization header that begins with bce-auth-v1 or "
        "TC3-HMAC-SHA256, nor a parameter Signature."
    )
