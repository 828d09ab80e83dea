"""Signatures of the vendor's SDKs, made by hand as their sources make them."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.gateway.bce_wire import KEY, NOW, PATH, SECRET, Wire
from xiutu.errors import SignatureInvalid
from xiutu.gateway.baidu import canonical
from xiutu.gateway.baidu.bce import parse_authorization, sign

ENCODED_TYPE = "application%2Fx-www-form-urlencoded"
STAMP = "2015-03-24T13:02:00Z"


def signature(prefix: str, canonical_request: str, secret: str = SECRET) -> str:
    key = hmac.new(secret.encode(), prefix.encode(), hashlib.sha256).hexdigest()
    return hmac.new(key.encode(), canonical_request.encode(), hashlib.sha256).hexdigest()


def hand_made(
    lines: list[str],
    listed: str,
    *,
    query: str = "",
    wire_query: str | None = None,
    seconds: int = 1800,
    stamp: str = STAMP,
    headers: dict[str, str] | None = None,
) -> Wire:
    """Signed with the canonical text spelt out, independent of the code under test."""
    prefix = f"bce-auth-v1/{KEY}/{stamp}/{seconds}"
    request = "\n".join(["POST", PATH.decode(), query, "\n".join(lines)])
    sent = {
        "host": "aip.baidubce.com",
        "x-bce-date": stamp,
        "content-type": "application/x-www-form-urlencoded",
        "content-length": "321",
    } | (headers or {})
    return Wire(
        f"{prefix}/{listed}/{signature(prefix, request)}",
        tuple((k.encode(), v.encode()) for k, v in sent.items()),
        (query if wire_query is None else wire_query).encode(),
    )


DATE_LINE = f"x-bce-date:{STAMP.replace(':', '%3A')}"
HOST_LINE = "host:aip.baidubce.com"
TYPE_LINE = f"content-type:{ENCODED_TYPE}"

PYTHON = hand_made(
    [HOST_LINE, DATE_LINE], "host;x-bce-date", query="aipSdk=python&aipVersion=4.15.13"
)
NODE = hand_made(
    [TYPE_LINE, HOST_LINE, DATE_LINE], "content-type;host;x-bce-date", query="aipSdk=node"
)
PHP = hand_made(
    [TYPE_LINE, HOST_LINE, DATE_LINE],
    "content-type;host;x-bce-date",
    query="aipSdk=php&aipSdkVersion=2_2_17",
)
CPP = hand_made(
    [HOST_LINE, DATE_LINE],
    "host;x-bce-date",
    query="aipSdk=C&aipSdkVersion=0.3.3&charset=UTF-8",
    wire_query="charset=UTF-8&aipSdk=C&aipSdkVersion=0.3.3&",
)
CPP_INPAINTING = hand_made(
    [HOST_LINE, DATE_LINE],
    "host;x-bce-date",
    query="access_token=&aipSdk=C&aipSdkVersion=0.3.3",
    wire_query="access_token=&access_token=&aipSdk=C&aipSdkVersion=0.3.3&",
)
CSHARP = hand_made([TYPE_LINE, HOST_LINE], "content-type;host", query="aipSdk=CSharp", seconds=1200)
JAVA_LINES = ["content-length:321", f"content-md5:{'0f' * 16}", TYPE_LINE, HOST_LINE]
JAVA = hand_made(
    [*JAVA_LINES, DATE_LINE], "", query="aipSdk=java", headers={"content-md5": "0f" * 16}
)
UNLISTED = hand_made(
    [HOST_LINE, DATE_LINE, "x-bce-request-id:73c4-1"],
    "host",
    headers={"x-bce-request-id": "73c4-1"},
)
UNSORTED = hand_made([TYPE_LINE, HOST_LINE, DATE_LINE], "x-bce-date;host;content-type")
LISTED_BUT_NOT_SENT = hand_made([HOST_LINE, DATE_LINE], "content-md5;host;x-bce-date")
PORT_SIGNED = hand_made(
    ["host:aip.baidubce.com%3A443", DATE_LINE],
    "host;x-bce-date",
    headers={"host": "aip.baidubce.com:443"},
)
EVERY = {
    "python": PYTHON,
    "node": NODE,
    "php": PHP,
    "c++": CPP,
    "c++ inpainting": CPP_INPAINTING,
    "c#": CSHARP,
    "java": JAVA,
    "bce unlisted x-bce": UNLISTED,
    "unsorted list": UNSORTED,
    "listed but not sent": LISTED_BUT_NOT_SENT,
    "host with port": PORT_SIGNED,
}
every = pytest.mark.parametrize("wire", EVERY.values(), ids=EVERY)


@every
def test_every_sdk_is_accepted(wire: Wire) -> None:
    wire.check()


@every
def test_another_secret_key_method_path_or_key_is_not(wire: Wire) -> None:
    with pytest.raises(SignatureInvalid):
        wire.check(secret=SECRET + "x")
    for changed in (
        replace(wire, method="PUT"),
        replace(wire, path=PATH + b"/"),
        replace(wire, path=PATH.replace(b"v1", b"v2")),
        replace(wire, query=wire.query + b"&extra=1"),
        replace(wire, authorization=wire.authorization.replace(KEY, KEY[::-1])),
        replace(wire, authorization=wire.authorization.replace("/1800/", "/1801/")),
        wire.having(b"host", b"evil.example"),
    ):
        if changed != wire:
            with pytest.raises(SignatureInvalid):
                changed.check()


@every
def test_without_its_date_header_nothing_is_accepted(wire: Wire) -> None:
    with pytest.raises(SignatureInvalid, match="x-bce-date is missing"):
        wire.without(b"x-bce-date").check()
    with pytest.raises(SignatureInvalid, match="x-bce-date is missing"):
        wire.having(b"x-bce-date", b" ").check()


@every
def test_validity(wire: Wire) -> None:
    seconds = parse_authorization(wire.authorization).validity
    for offset in (0, 60, seconds, -60, -seconds):
        wire.check(NOW + timedelta(seconds=offset))
    for offset in (seconds + 1, -seconds - 1, 86_400, -86_400, 10**9, -(10**9)):
        with pytest.raises(SignatureInvalid, match="old"):
            wire.check(NOW + timedelta(seconds=offset))


def test_a_long_validity_does_not_allow_post_dating() -> None:
    wire = hand_made([HOST_LINE, DATE_LINE], "host;x-bce-date", seconds=86_400)
    wire.check(NOW + timedelta(days=1))
    wire.check(NOW - timedelta(minutes=30))
    with pytest.raises(SignatureInvalid):
        wire.check(NOW - timedelta(minutes=31))


@pytest.mark.parametrize("hour", range(24))
def test_the_twelve_hour_clock_of_the_java_sdk(hour: int) -> None:
    true = datetime(2024, 2, 29, hour, 7, 9, tzinfo=UTC)
    stamp = true.strftime("%Y-%m-%dT%I:%M:%SZ")  # what SimpleDateFormat("hh") prints
    line = f"x-bce-date:{stamp.replace(':', '%3A')}"
    java = hand_made(
        [*JAVA_LINES, line],
        "",
        query="aipSdk=java",
        stamp=stamp,
        headers={"content-md5": "0f" * 16},
    )
    java.check(true)
    java.check(true + timedelta(seconds=1800))
    with pytest.raises(SignatureInvalid):
        java.check(true + timedelta(hours=6))
    python = hand_made([HOST_LINE, line], "host;x-bce-date", query="aipSdk=python", stamp=stamp)
    if 1 <= hour <= 12:
        python.check(true)
    else:
        with pytest.raises(SignatureInvalid):
            python.check(true)
        with pytest.raises(SignatureInvalid):  # what is not signed gives no allowance
            replace(python, query=b"aipSdk=java").check(true)


def test_host_is_read_with_and_without_port() -> None:
    PYTHON.having(b"host", b"aip.baidubce.com:8000").check()  # Java, C#: signed without the port
    PORT_SIGNED.having(b"host", b"aip.baidubce.com").check()  # a proxy dropped the default port
    hand_made(["host:aip.baidubce.com%3A80", DATE_LINE], "host;x-bce-date").check()
    for host in (b"aip.baidubce.com:444", b"aip.baidubce.co:443"):
        with pytest.raises(SignatureInvalid):
            PORT_SIGNED.having(b"host", host).check()


@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        ("a=x%20y&b=%2F", "b=/&a=x+y"),
        ("a=x%20y&b=%2F", "a=x%20y&b=%2f"),
        ("a=x%2By", "a=x+y"),
        ("a=x%2By", "a=x%2By"),
        ("a=x+y", "a=x+y"),
        ("a=&b=", "b&a="),
        ("a=1", "a=1&authorization=bce"),
        ("a=1", "a=1&Authorization=bce"),
        ("a=1", "&&a=1&&"),
        ("a=%E4%BF%AE~._-", "a=%e4%bf%ae%7E._-"),
        ("a=1", "a=1&access_token=24.x"),
        ("a=1&a=1", "a=1&a=1"),
    ],
)
def test_query_forms(signed: str, sent: str) -> None:
    hand_made([HOST_LINE, DATE_LINE], "host;x-bce-date", query=signed, wire_query=sent).check()


def test_path_forms() -> None:
    assert canonical.path_forms(b"/a/b~c") == [b"/a/b~c"]
    assert canonical.path_forms(b"/a%7Eb/%e4%bf%ae") == [b"/a%7Eb/%e4%bf%ae", b"/a~b/%E4%BF%AE"]
    replace(PYTHON, path=PATH + b"?" + PYTHON.query).check()


def test_a_header_that_is_not_signed_may_change() -> None:
    PYTHON.having(b"content-length", b"7").having(b"via", b"proxy").check()
    CSHARP.having(b"x-bce-date", b"2015-03-24T13:02:01Z").check()


def test_a_header_that_is_signed_may_not() -> None:
    for wire, name in (
        (JAVA, b"content-length"),
        (JAVA, b"content-md5"),
        (JAVA, b"content-type"),
        (JAVA, b"x-bce-date"),
        (UNLISTED, b"x-bce-request-id"),
        (UNLISTED, b"x-bce-date"),
        (PYTHON, b"x-bce-date"),
        (NODE, b"content-type"),
    ):
        with pytest.raises(SignatureInvalid, match="differs"):
            wire.having(name, b"2").check()
        if name != b"x-bce-date":
            with pytest.raises(SignatureInvalid, match="differs"):
                wire.without(name).check()
    with pytest.raises(SignatureInvalid, match="twice"):
        replace(PYTHON, headers=(*PYTHON.headers, (b"Host", b"evil.example"))).check()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bce-auth-v1",
        "Bearer x",
        "bce-auth-v2" + PYTHON.authorization[11:],
        PYTHON.authorization + "/",
        PYTHON.authorization[:-1],
        PYTHON.authorization.upper(),
        PYTHON.authorization.replace(KEY, ""),
        PYTHON.authorization.replace(KEY, "a b"),
        PYTHON.authorization.replace(KEY, "k" * 129),
        PYTHON.authorization.replace(KEY, "修"),
        PYTHON.authorization.replace(STAMP, "2015-13-24T13:02:00Z"),
        PYTHON.authorization.replace(STAMP, "2015-02-29T13:02:00Z"),
        PYTHON.authorization.replace(STAMP, "2015-03-24T24:02:00Z"),
        PYTHON.authorization.replace(STAMP, "2015-03-24T13:02:00"),
        PYTHON.authorization.replace(STAMP, "20150324T130200Z0000"),
        PYTHON.authorization.replace(STAMP, "0000-03-24T13:02:00Z"),
        PYTHON.authorization.replace("/1800/", "/0/"),
        PYTHON.authorization.replace("/1800/", "/-1/"),
        PYTHON.authorization.replace("/1800/", "/86401/"),
        PYTHON.authorization.replace("/1800/", "//"),
        PYTHON.authorization.replace("/1800/", "/1800.0/"),
        PYTHON.authorization.replace("/1800/", "/١٨٠٠/"),
        PYTHON.authorization.replace("host;x-bce-date", "x-bce-date"),
        PYTHON.authorization.replace("x-bce-date", ";".join(f"h{i}" for i in range(99))),
        PYTHON.authorization.replace("x-bce-date", "x" * 5000),
    ],
)
def test_malformed_headers(header: str) -> None:
    with pytest.raises(SignatureInvalid):
        parse_authorization(header)


def test_the_header_of_the_documents_is_understood() -> None:
    found = parse_authorization(
        "bce-auth-v1/46bd9968a6194b4bbdf0341f2286ccce/2015-03-24T13:02:00Z/1800/host;x-bce-date/"
        "994014d96b0eb26578e039fa053a4f9003425da4bfedf33f4790882fb4c54903"
    )
    assert (found.access_key, found.time, found.validity) == (KEY, NOW, 1800)
    assert found.signed == {b"host", b"x-bce-date"}


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_time(stamp: str) -> None:
    for query in ("aipSdk=java", ""):
        with pytest.raises(SignatureInvalid):
            hand_made([HOST_LINE], "host", query=query, stamp=stamp).check()


def test_absurd_lengths_are_refused() -> None:
    for wire in (
        replace(PYTHON, path=b"/" * 10_000),
        replace(PYTHON, query=b"a=1&" * 10_000),
        PYTHON.having(b"host", b"h" * 10_000),
    ):
        with pytest.raises(SignatureInvalid, match="too long"):
            wire.check()


@pytest.mark.parametrize("signed", [("host", "x-bce-date"), ("Content-Type", "Host"), ()])
def test_our_own_signatures(signed: tuple[str, ...]) -> None:
    headers = {"Host": "127.0.0.1:8000", "x-bce-date": STAMP, "Content-Type": "application/json"}
    authorization = sign(
        KEY,
        SECRET,
        method="post",
        path=PATH.decode(),
        headers=headers,
        query={"aipSdk": "x y", "z": "修+"},
        now=NOW,
        validity=600,
        signed=signed,
    )
    wire = Wire(
        authorization,
        tuple((k.lower().encode(), v.encode()) for k, v in headers.items()),
        b"z=%E4%BF%AE%2B&aipSdk=x%20y",
    )
    wire.check()
    with pytest.raises(SignatureInvalid):
        wire.check(NOW + timedelta(seconds=601))
