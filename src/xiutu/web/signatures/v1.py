"""The older Tencent signature explained (WIRE section 8): HmacSHA1 and HmacSHA256 over all parameters."""

from base64 import b64encode
from datetime import datetime
from hmac import digest
from urllib.parse import quote_from_bytes

from xiutu.gateway.tencent import v1
from xiutu.gateway.tencent.credentials import check_time
from xiutu.gateway.tencent.errors import Refusal
from xiutu.gateway.tencent.parameters import pairs_of
from xiutu.web.signatures.keys import Keyring
from xiutu.web.signatures.pasted import Pasted
from xiutu.web.signatures.sentences import (
    genuine_check,
    host_differs,
    key_check,
    method_differs,
    unknown_key,
)
from xiutu.web.signatures.verdict import Check, Sentence, Step, Verdict, compared, found

__all__ = ["explain_v1", "is_v1"]

VENDOR_HOST = b"aiart.tencentcloudapi.com"


def is_v1(request: Pasted) -> bool:
    return b"Signature" in dict(_pairs(request)) and not request.header("authorization")


def explain_v1(request: Pasted, keys: Keyring, now: datetime, theirs: str = "") -> Verdict:
    """Everything the server looks at."""
    scheme, pairs = "HmacSHA1", _pairs(request)
    values = dict(pairs)
    chosen = values.get(b"SignatureMethod", b"HmacSHA1").decode("latin-1")
    checks: list[Check] = []
    if len(values) != len(pairs):
        checks.append(Check(False, Sentence("A parameter is there twice.")))
    if chosen not in v1.METHODS:
        unknown = Sentence("SignatureMethod must be HmacSHA1 or HmacSHA256.")
        return Verdict(scheme, False, False, (*checks, Check(False, unknown)))
    scheme = chosen
    given = values.pop(b"Signature", b"").strip()
    secret_id = values.get(b"SecretId", b"").decode("utf-8", "replace")
    pair = keys.of(secret_id)
    if pair is None:
        return Verdict(scheme, False, False, (*checks, unknown_key(secret_id)))
    checks.append(key_check(pair.app, pair.active))
    if not values.get(b"Nonce"):
        checks.append(Check(False, Sentence("The parameter Nonce is missing.")))
    checks.append(_time(values.get(b"Timestamp", b"").decode("latin-1"), now))
    host = (request.header("host") or "").encode("latin-1")
    hosts = list(dict.fromkeys((host, host.rpartition(b":")[0] if b":" in host else host)))
    sources = [v1.source(values, request.method, name) for name in hosts]
    computed = {v1.signature(text, pair.secret_key, chosen): text for text in sources}
    genuine = given in computed
    source = computed.get(given, sources[0])
    checks.append(genuine_check(genuine))

    def matches(secret: str, how: str, text: bytes) -> bool:
        return _signed(secret, how, chosen, text) in (given, given.replace(b" ", b"+"))

    axes = [keys.secrets(pair), _ways(chosen), _sources(request, values, sources[0], host)]
    mistakes = () if genuine else found(axes, matches)
    if not genuine and given.replace(b" ", b"+") in computed:
        mistakes = (
            Sentence("The Signature was sent without percent-encoding: its + arrived as a blank."),
        )
    text = source.decode("utf-8", "replace")
    return Verdict(
        scheme,
        accepted=genuine and all(check.ok for check in checks),
        genuine=genuine,
        checks=tuple(checks),
        canonical=text,
        string_to_sign=text,
        expected=v1.signature(source, pair.secret_key, chosen).decode(),
        given=given.decode("utf-8", "replace"),
        mistakes=mistakes,
        lines=compared(_split(theirs), _split(text)) if theirs else (),
    )


def _split(text: str) -> str:
    """One parameter a line: the whole is a single one."""
    return text.replace("&", "\n&").replace("?", "?\n", 1)


def _pairs(request: Pasted) -> list[tuple[bytes, bytes]]:
    raw = (request.body or b"") if request.method == "POST" else request.query
    try:
        return pairs_of(raw.strip())
    except Refusal:
        return []


def _time(stamp: str, now: datetime) -> Check:
    try:
        check_time(stamp, now, "Timestamp")
    except Refusal as error:
        return Check(False, Sentence("Timestamp is refused: {why}.", {"why": str(error)}))
    return Check(True, Sentence("The Timestamp is within five minutes of the server's clock."))


def _ways(chosen: str) -> list[Step]:
    other = next(name for name in v1.METHODS if name != chosen)
    return [
        (None, ""),
        (
            Sentence(
                "The signature was made with {other}, SignatureMethod says {chosen}.",
                {"other": other, "chosen": chosen},
            ),
            other,
        ),
        (Sentence("The signature was sent as hex; Base64 of the bytes is due."), "hex"),
        (
            Sentence("The Base64 is that of the hex text; that of the bytes is due."),
            "base64 of hex",
        ),
    ]


def _signed(secret: str, how: str, chosen: str, text: bytes) -> bytes:
    raw = digest(secret.encode(), text, v1.METHODS[how if how in v1.METHODS else chosen])
    if how == "hex":
        return raw.hex().encode()
    return b64encode(raw.hex().encode() if how == "base64 of hex" else raw)


def _sources(request: Pasted, values: dict[bytes, bytes], right: bytes, host: bytes) -> list[Step]:
    steps: list[Step] = [(None, right)]
    method = request.method.encode()
    for other in ("GET", "POST"):
        if other != request.method:
            said = method_differs(other, request.method)
            steps.append((said, v1.source(values, other, host)))
    for name in dict.fromkeys((VENDOR_HOST, b"localhost", b"127.0.0.1")):
        if name != host:
            said = host_differs(name, host)
            steps.append((said, v1.source(values, request.method, name)))
    encoded = {name: quote_from_bytes(value, safe="").encode() for name, value in values.items()}
    in_order = b"&".join(name + b"=" + value for name, value in values.items())
    lower = b"&".join(
        name + b"=" + values[name] for name in sorted(values, key=lambda name: name.lower())
    )
    steps += [
        (
            Sentence("The values were signed percent-encoded; the plain ones are due."),
            v1.source(encoded, request.method, host),
        ),
        (
            Sentence(
                "The parameters were signed in the order they were sent; they must be sorted by name."
            ),
            method + host + b"/?" + in_order,
        ),
        (
            Sentence("The parameters were sorted without regard to capitals; ASCII order is due."),
            method + host + b"/?" + lower,
        ),
        (
            Sentence("The slash between host and question mark is missing."),
            right.replace(host + b"/?", host + b"?", 1),
        ),
    ]
    if b"SignatureMethod" in values:
        rest = {name: value for name, value in values.items() if name != b"SignatureMethod"}
        said = Sentence("SignatureMethod was sent, but not signed.")
        steps.append((said, v1.source(rest, request.method, host)))
    return steps
