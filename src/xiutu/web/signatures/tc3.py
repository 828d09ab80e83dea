"""TC3-HMAC-SHA256 explained (WIRE section 7)."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from hmac import digest

from xiutu.gateway.tencent import tc3
from xiutu.gateway.tencent.credentials import check_time
from xiutu.gateway.tencent.errors import Refusal
from xiutu.web.signatures.keys import Keyring
from xiutu.web.signatures.pasted import Pasted
from xiutu.web.signatures.sentences import (
    MORE_THAN_THIS,
    ONLY_THIS,
    genuine_check,
    host_differs,
    key_check,
    method_differs,
    unknown_key,
)
from xiutu.web.signatures.verdict import Check, Sentence, Step, Verdict, compared, found

__all__ = ["explain_tc3"]

VENDOR_HOST = b"aiart.tencentcloudapi.com"


def explain_tc3(
    request: Pasted, keys: Keyring, now: datetime, theirs: str = "", body_hash: str = ""
) -> Verdict:
    """Everything the server looks at. ``body_hash`` (hex SHA-256) stands for a body that is too long to
    be pasted."""
    scheme, checks = tc3.ALGORITHM, []
    try:
        given = tc3.parse_authorization(
            request.header("authorization") or "", request.header("host") or ""
        )
    except Refusal as error:
        shape = Sentence("The authorization header cannot be read: {why}.", {"why": str(error)})
        return Verdict(scheme, False, False, (Check(False, shape),))
    checks.append(Check(True, Sentence("The authorization header has the right shape.")))
    pair = keys.of(given.secret_id)
    if pair is None:
        return Verdict(scheme, False, False, (*checks, unknown_key(given.secret_id)))
    checks.append(key_check(pair.app, pair.active))
    stamp = request.header("x-tc-timestamp") or ""
    checks.append(_time(stamp, now))
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return Verdict(scheme, False, False, tuple(checks))
    seconds = int(stamp)
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    if day != given.date:
        other = Sentence(
            "The credential is of {day}; in UTC the timestamp is of {utc}.",
            {"day": given.date, "utc": day},
        )
        checks.append(Check(False, other))
    checks += _body_checks(request, body_hash)
    try:
        sent = tc3.sent_values(request.headers, given.signed)
    except Refusal as error:
        odd = Sentence("The request cannot be signed: {why}.", {"why": error.detail})
        return Verdict(scheme, False, False, (*checks, Check(False, odd)))
    missing = [name for name in given.signed if name not in sent]
    if missing:
        absent = Sentence("Signed, but not sent: {names}.", {"names": ", ".join(missing)})
        checks.append(Check(False, absent))
    hashed = body_hash or hashlib.sha256(request.body or b"").hexdigest()
    if sent.get("x-tc-content-sha256", b"") == tc3.UNSIGNED_PAYLOAD.encode():
        hashed = hashlib.sha256(tc3.UNSIGNED_PAYLOAD.encode()).hexdigest()
    forms = [
        tc3.canonical_request(request.method, request.query, given.signed, form, hashed)
        for form in tc3.forms(sent)
    ]

    def signature(secret: str, form: bytes, date: str = given.date) -> str:
        text = tc3.string_to_sign(date, given.service, seconds, form)
        return tc3.signature(secret, date, given.service, text)

    computed = {signature(pair.secret_key, form): form for form in forms}
    genuine = given.signature in computed
    form = computed.get(given.signature, forms[0])
    checks.append(genuine_check(genuine))

    def matches(secret: str, how: str, date: str, canonical_request: bytes) -> bool:
        text = tc3.string_to_sign(date, given.service, seconds, canonical_request)
        return _signed(secret, how, date, given.service, text) == given.signature

    axes = [
        keys.secrets(pair),
        _KEYS,
        _days(given, seconds),
        _canonicals(request, given, tc3.forms(sent)[0], hashed),
    ]
    mistakes = () if genuine else found(axes, matches)
    text = form.decode("utf-8", "replace")
    if theirs and not genuine and not mistakes:
        own = theirs.replace("\r\n", "\n").encode()
        right = any(signature(pair.secret_key, t) == given.signature for t in (own, own.rstrip()))
        mistakes = (ONLY_THIS if right else MORE_THAN_THIS,)
    return Verdict(
        scheme,
        accepted=genuine and all(check.ok for check in checks),
        genuine=genuine,
        checks=tuple(checks),
        canonical=text,
        string_to_sign=tc3.string_to_sign(given.date, given.service, seconds, form),
        expected=signature(pair.secret_key, form),
        given=given.signature,
        mistakes=mistakes,
        lines=compared(theirs, text) if theirs else (),
    )


_KEYS: list[Step] = [
    (None, ""),
    (Sentence("The Secret Key was used without TC3 in front of it."), "bare"),
    (Sentence("A key between was used as hex text; its 32 bytes are due."), "hex"),
    (Sentence("The key was not taken through tc3_request."), "short"),
]


def _time(stamp: str, now: datetime) -> Check:
    try:
        seconds = check_time(stamp, now)
    except Refusal as error:
        if error.code != "AuthFailure.SignatureExpire":
            return Check(False, Sentence("X-TC-Timestamp must be seconds since 1970."))
        seconds = int(stamp)
        ok = False
    else:
        ok = True
    values = {
        "age": round(now.timestamp()) - seconds,
        "limit": 300,
        "now": f"{now.timestamp():.0f}",
    }
    return Check(
        ok,
        Sentence(
            "The time of the request is {age} s ago; {limit} s are allowed. Here it is {now}.",
            values,
        ),
    )


def _body_checks(request: Pasted, body_hash: str) -> list[Check]:
    announced = request.header("content-length")
    size = len(request.body or b"")
    if body_hash or announced is None or not announced.isdigit() or int(announced) == size:
        return []
    text = (
        "The body pasted has {n} bytes, Content-Length says {m}: paste all of it, or its SHA-256."
    )
    return [Check(False, Sentence(text, {"n": size, "m": announced}))]


def _signed(secret: str, how: str, date: str, service: str, text: str) -> str:
    key = (secret if how == "bare" else f"TC3{secret}").encode()
    for part in (date, service) if how == "short" else (date, service, "tc3_request"):
        key = digest(key, part.encode(), "sha256")
        if how == "hex":
            key = key.hex().encode()
    return digest(key, text.encode(), "sha256").hex()


def _days(given: tc3.Authorization, seconds: int) -> list[Step]:
    steps: list[Step] = [(None, given.date)]
    moment = datetime.fromtimestamp(seconds, UTC)
    for hours in (0, 8, -8, 24):
        day = (moment + timedelta(hours=hours)).strftime("%Y-%m-%d")
        if day != given.date:
            said = Sentence(
                "The day {day} was signed, the credential says {other}.",
                {"day": day, "other": given.date},
            )
            steps.append((said, day))
    return steps


def _canonicals(
    request: Pasted, given: tc3.Authorization, values: dict[str, bytes], hashed: str
) -> list[Step]:
    def made(
        *,
        method: str = request.method,
        query: bytes = request.query,
        names: tuple[str, ...] = given.signed,
        body: str = hashed,
        **changed: bytes,
    ) -> bytes:
        named = {name.replace("_", "-"): value for name, value in changed.items()}
        return tc3.canonical_request(method, query, names, {**values, **named}, body)

    right = made()
    steps: list[Step] = [(None, right)]
    for other in ("GET", "POST"):
        if other != request.method:
            said = method_differs(other, request.method)
            steps.append((said, made(method=other)))
    lines = b"".join(n.encode() + b":" + values.get(n, b"") + b"\n" for n in given.signed)
    steps += [
        (
            Sentence("The empty line behind the header lines is missing."),
            right.replace(lines + b"\n", lines),
        ),
        (Sentence("The canonical request ends with a line end; there is none."), right + b"\n"),
        (Sentence("The lines were joined by CR LF; LF is due."), right.replace(b"\n", b"\r\n")),
        (
            Sentence("Header lines have a blank behind the colon; there is none."),
            right.replace(lines, lines.replace(b":", b": ")),
        ),
        (Sentence("The path was left out; it is a slash."), right.replace(b"\n/\n", b"\n\n", 1)),
        (
            Sentence("The hash of the body is in capitals; small letters are due."),
            made(body=hashed.upper()),
        ),
    ]
    if request.query:
        steps.append((Sentence("The query was sent, but not signed."), made(query=b"")))
    reordered = tuple(sorted(given.signed))
    if reordered != given.signed:
        said = Sentence("The signed headers were sorted for the signature, but not in the header.")
        steps.append((said, made(names=reordered)))
    for kind in (
        b"application/json",
        b"application/json; charset=utf-8",
        b"application/json;charset=utf-8",
        b"application/x-www-form-urlencoded",
    ):
        if kind != values.get("content-type"):
            said = Sentence(
                "The content type {signed} was signed, {sent} was sent.",
                {
                    "signed": kind.decode(),
                    "sent": values.get("content-type", b"").decode("latin-1"),
                },
            )
            steps.append((said, made(content_type=kind)))
    name = values.get("host", b"").partition(b":")[0]
    for host in dict.fromkeys((VENDOR_HOST, name, b"localhost", b"127.0.0.1")):
        if host != values.get("host"):
            said = host_differs(host, values.get("host", b""))
            steps.append((said, made(host=host)))
    steps += [
        (said, made(body=hashlib.sha256(body).hexdigest())) for said, body in _bodies(request)
    ]
    return steps


def _bodies(request: Pasted) -> list[tuple[Sentence, bytes]]:
    body = request.body or b""
    found = [
        (
            Sentence(
                "The body was signed with a line end that was not sent, or the other way round."
            ),
            body + b"\n",
        ),
        (Sentence("An empty body was signed, but one was sent."), b""),
        (Sentence("A body of {} was signed, but none was sent."), b"{}"),
        (
            Sentence(
                "The word UNSIGNED-PAYLOAD was signed without the header X-TC-Content-SHA256."
            ),
            tc3.UNSIGNED_PAYLOAD.encode(),
        ),
    ]
    try:
        value = json.loads(body)
    except ValueError:
        return [row for row in found if row[1] != body]
    said = Sentence(
        "The JSON was signed in another spelling (blanks, order or escapes) than it was sent."
    )
    for sort in (False, True):
        for separators in ((",", ":"), (", ", ": ")):
            for ascii_only in (True, False):
                text = json.dumps(
                    value, separators=separators, ensure_ascii=ascii_only, sort_keys=sort
                )
                found.append((said, text.encode()))
    return [row for row in found if row[1] != body]
