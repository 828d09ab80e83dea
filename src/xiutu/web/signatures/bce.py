"""bce-auth-v1 explained (WIRE section 5)."""

from datetime import UTC, datetime
from hmac import compare_digest, digest
from urllib.parse import quote_from_bytes

from xiutu.errors import SignatureInvalid
from xiutu.gateway.baidu import bce, canonical, query
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

__all__ = ["explain_bce"]

VENDOR_HOST = b"aip.baidubce.com"


def explain_bce(request: Pasted, keys: Keyring, now: datetime, theirs: str = "") -> Verdict:
    """Everything the server looks at, in its order."""
    scheme, checks = "bce-auth-v1", []
    try:
        given = bce.parse_authorization(request.header("authorization") or "")
    except SignatureInvalid as error:
        shape = Sentence("The authorization header cannot be read: {why}.", {"why": str(error)})
        return Verdict(scheme, False, False, (Check(False, shape),))
    checks.append(Check(True, Sentence("The authorization header has the right shape.")))
    pair = keys.of(given.access_key)
    if pair is None:
        return Verdict(scheme, False, False, (*checks, unknown_key(given.access_key)))
    checks.append(key_check(pair.app, pair.active))
    checks += [_date(request), _time(request, given, now)]
    try:
        forms = list(
            canonical.requests(
                request.method, request.path, request.query, request.headers, given.signed
            )
        )
    except SignatureInvalid as error:
        odd = Sentence("The request cannot be signed: {why}.", {"why": str(error)})
        return Verdict(scheme, False, False, (*checks, Check(False, odd)))
    missing = sorted(
        name.decode() for name in given.signed if not request.header(name.decode("latin-1"))
    )
    if missing:
        absent = Sentence("Signed, but not sent: {names}.", {"names": ", ".join(missing)})
        checks.append(Check(False, absent))
    secret = pair.secret_key
    computed = {bce.signature(secret, given.prefix, form): form for form in forms}
    genuine = any(compare_digest(value, given.signature) for value in computed)
    form = computed.get(given.signature, forms[0])
    checks.append(genuine_check(genuine))
    text = form.decode("utf-8", "replace")

    def matches(secret: str, prefix: str, key: str, canonical_request: bytes) -> bool:
        return _signed(secret, prefix, key, canonical_request) == given.signature

    axes = [keys.secrets(pair), _prefixes(request, given), _KEYS, _canonicals(request, forms[0])]
    mistakes = () if genuine else found(axes, matches)
    if theirs and not genuine and not mistakes:
        mistakes = _of_theirs(theirs, secret, given)
    return Verdict(
        scheme,
        accepted=genuine and all(check.ok for check in checks),
        genuine=genuine,
        checks=tuple(checks),
        canonical=text,
        string_to_sign=given.prefix,
        expected=bce.signature(secret, given.prefix, form),
        given=given.signature,
        mistakes=mistakes,
        lines=compared(theirs, text) if theirs else (),
    )


def _date(request: Pasted) -> Check:
    if request.header("x-bce-date"):
        return Check(True, Sentence("The header x-bce-date is there."))
    return Check(False, Sentence("The header x-bce-date is missing."))


def _time(request: Pasted, given: bce.Authorization, now: datetime) -> Check:
    values = {
        "age": round((now - given.time).total_seconds()),
        "limit": given.validity,
        "now": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    text = "The time of the request is {age} s ago; {limit} s are allowed. Here it is {now}."
    try:
        bce.check_time(given, now, java=query.sdk(request.query) == "java")
    except SignatureInvalid:
        return Check(False, Sentence(text, values))
    return Check(True, Sentence(text, values))


_KEYS: list[Step] = [
    (None, "hex"),
    (Sentence("The signing key was used as 32 bytes; its hex text is due."), "bytes"),
    (Sentence("The Secret Key itself was the signing key; it must be derived first."), "none"),
]


def _signed(secret: str, prefix: str, key: str, canonical_request: bytes) -> str:
    signing: bytes = bce.signing_key(secret, prefix).encode()
    if key == "bytes":
        signing = digest(secret.encode(), prefix.encode(), "sha256")
    elif key == "none":
        signing = secret.encode()
    return digest(signing, canonical_request, "sha256").hex()


def _prefixes(request: Pasted, given: bce.Authorization) -> list[Step]:
    steps: list[Step] = [(None, given.prefix)]
    _, key, time, seconds = given.prefix.split("/")
    date = request.header("x-bce-date")
    if date and date != time:
        other = Sentence("The time of x-bce-date went into the key, another one into the header.")
        steps.append((other, f"bce-auth-v1/{key}/{date}/{seconds}"))
    for limit in ("1800", "3600", "1200"):
        if limit != seconds:
            said = Sentence(
                "{n} s of validity went into the key, the header says otherwise.", {"n": limit}
            )
            steps.append((said, f"bce-auth-v1/{key}/{time}/{limit}"))
    steps.append(
        (Sentence("The text for the signing key must not end with a slash."), given.prefix + "/")
    )
    return steps


def _canonicals(request: Pasted, right: bytes) -> list[Step]:
    method, path, pairs, *lines = right.split(b"\n")
    header = b"\n".join(lines)

    def joined(*parts: bytes) -> bytes:
        return b"\n".join(parts)

    steps: list[Step] = [(None, right)]
    for other in (b"GET", b"POST", b"PUT", method.lower()):
        if other != method:
            said = method_differs(other.decode(), method.decode())
            steps.append((said, joined(other, path, pairs, header)))
    steps += [
        (
            Sentence("The slashes of the path were encoded; they stay."),
            joined(method, quote_from_bytes(path, safe="").encode(), pairs, header),
        ),
        (
            Sentence("The path was signed with a slash at its end."),
            joined(method, path + b"/", pairs, header),
        ),
        (
            Sentence("The signed path has a host in front of it; only the path is due."),
            joined(method, b"https://" + VENDOR_HOST + path, pairs, header),
        ),
        (
            Sentence("A line with the signed headers' names was added; there is none."),
            joined(right, b"host;x-bce-date"),
        ),
        (Sentence("The canonical request ends with a line end; there is none."), right + b"\n"),
        (Sentence("The lines were joined by CR LF; LF is due."), right.replace(b"\n", b"\r\n")),
        (
            Sentence("The values of the headers were not percent-encoded (: is %3A)."),
            joined(method, path, pairs, _raw(lines)),
        ),
        (
            Sentence("Header lines have a blank behind the colon; there is none."),
            joined(method, path, pairs, header.replace(b":", b": ")),
        ),
        (
            Sentence("The header lines are not sorted by name."),
            joined(method, path, pairs, b"\n".join(reversed(lines))),
        ),
    ]
    if pairs:
        steps += [
            (Sentence("The query was sent, but not signed."), joined(method, path, b"", header)),
            (
                Sentence("The query was signed in the order it was sent; it must be sorted."),
                joined(method, path, request.query, header),
            ),
            (
                Sentence("The query was signed with its question mark."),
                joined(method, path, b"?" + pairs, header),
            ),
        ]
    for index, line in enumerate(lines):
        name = line.partition(b":")[0].decode()
        rest = b"\n".join(lines[:index] + lines[index + 1 :])
        said = Sentence("The header {name} is listed, but was not signed.", {"name": name})
        steps.append((said, joined(method, path, pairs, rest)))
    steps += _hosts(request, lines, (method, path, pairs))
    return steps


def _hosts(request: Pasted, lines: list[bytes], before: tuple[bytes, ...]) -> list[Step]:
    sent = (request.header("host") or "").encode()
    name = sent.rpartition(b":")[0] if b":" in sent else sent
    steps: list[Step] = []
    for host in dict.fromkeys((VENDOR_HOST, name, b"localhost", b"127.0.0.1")):
        if host != sent and host:
            changed = [
                b"host:" + quote_from_bytes(host, safe="").encode()
                if line.startswith(b"host:")
                else line
                for line in lines
            ]
            said = host_differs(host, sent)
            steps.append((said, b"\n".join((*before, *changed))))
    return steps


def _raw(lines: list[bytes]) -> bytes:
    return b"\n".join(
        line.replace(b"%3A", b":").replace(b"%2F", b"/").replace(b"%3B", b";").replace(b"%20", b" ")
        for line in lines
    )


def _of_theirs(theirs: str, secret: str, given: bce.Authorization) -> tuple[Sentence, ...]:
    form = theirs.replace("\r\n", "\n").encode()
    if any(
        bce.signature(secret, given.prefix, text) == given.signature
        for text in (form, form.rstrip())
    ):
        return (ONLY_THIS,)
    return (MORE_THAN_THIS,)
