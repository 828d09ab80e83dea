"""R-197: the checker accepts what the server accepts, and names the one thing that is wrong."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.console.signatures.signing import (
    AK,
    HOST,
    NOW,
    OTHER_SK,
    PATH,
    SK,
    V1,
    Bce,
    Tc3,
    with_plus,
)
from xiutu.web.signatures import Unreadable, Verdict, explain, read
from xiutu.web.signatures.keys import Keyring, Pair

KEYS = Keyring((Pair("shop", AK, SK), Pair("archive", "B" * 24, OTHER_SK)))


def verdict(text: str, **more: str) -> Verdict:
    return explain(read(text), KEYS, NOW + timedelta(seconds=5), **more)


def mistakes(text: str, **more: str) -> list[str]:
    """What is said about a request that must not be genuine."""
    found = verdict(text, **more)
    assert not found.genuine and not found.accepted
    assert found.expected != found.given
    return [sentence.text.format(**sentence.values) for sentence in found.mistakes]


@pytest.mark.parametrize("made", [Bce(), Tc3(), V1()])
def test_right_requests(made: Bce | Tc3 | V1) -> None:
    found = verdict(made.text())
    assert found.accepted and found.genuine and found.mistakes == ()
    assert found.expected == found.given
    if not isinstance(made, V1):
        assert found.canonical == made.canonical()


def test_queries_are_sorted_and_encoded() -> None:
    made = Bce(query="b=2&a=x%2Fy", signed_query="a=x%2Fy&b=2")
    assert verdict(made.text()).accepted
    [said] = mistakes(replace(made, signed_query="b=2&a=x%2Fy").text())
    assert "must be sorted" in said
    [said] = mistakes(replace(made, signed_query="").text())
    assert "query was sent, but not signed" in said


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Bce(secret=OTHER_SK), "that of another app, archive"),
        (Bce(secret=AK), "API Key was used in place"),
        (Bce(secret=SK + "\n"), "line end behind"),
        (Bce(method="GET"), "POST was sent and GET signed"),
        (Bce(signed_path=PATH.replace("/", "%2F")), "slashes of the path"),
        (Bce(signed_host="aip.baidubce.com"), "host aip.baidubce.com was signed"),
        (Bce(signed_seconds=3600), "3600 s of validity"),
        (Bce(key_as_bytes=True), "used as 32 bytes"),
        (Bce(change=lambda t: t + "\n"), "ends with a line end"),
        (Bce(change=lambda t: t.replace("%3A", ":")), "not percent-encoded"),
        (Bce(change=lambda t: t.replace("\n", "\r\n")), "CR LF"),
        (Bce(change=lambda t: t[: t.index("\nx-bce-date")]), "header x-bce-date is listed"),
        (Tc3(secret=OTHER_SK), "that of another app, archive"),
        (Tc3(prefix=""), "without TC3"),
        (Tc3(day="2026-03-02"), "day 2026-03-02 was signed"),
        (
            Tc3(signed_type="application/json; charset=utf-8"),
            "content type application/json; charset",
        ),
        (Tc3(signed_host="localhost"), "host localhost was signed"),
        (Tc3(signed_body=""), "empty body was signed"),
        (Tc3(signed_body=Tc3().body.replace(" ", "")), "another spelling"),
        (Tc3(signed_body=Tc3().body + "\n"), "line end that was not sent"),
        (
            Tc3(change=lambda t: t.replace("\n\ncontent-type;", "\ncontent-type;")),
            "empty line behind",
        ),
        (V1(secret=OTHER_SK), "that of another app, archive"),
        (V1(algorithm="sha1"), "made with HmacSHA1"),
        (V1(method="GET"), "POST was sent and GET signed"),
        (V1(encode=True), "signed percent-encoded"),
        (V1(sort=False), "must be sorted by name"),
        (V1(as_hex=True), "sent as hex"),
        (V1(signed_host="aiart.tencentcloudapi.com"), "host aiart.tencentcloudapi.com was signed"),
    ],
)
def test_one_mistake(made: Bce | Tc3 | V1, said: str) -> None:
    found = mistakes(made.text())
    assert len(found) == 1 and said in found[0], found


def test_two_mistakes() -> None:
    found = mistakes(Bce(secret=OTHER_SK, method="GET").text())
    assert any("archive" in said for said in found) and any("GET signed" in said for said in found)


def test_signature_with_a_plus() -> None:
    made = with_plus(V1())
    keys = Keyring((Pair("shop", AK, made.secret),))
    found = explain(read(replace(made, plain_plus=True).text()), keys, NOW)
    assert "percent-encoding" in found.mistakes[0].text
    assert explain(read(made.text()), keys, NOW).accepted


def test_own_canonical_request() -> None:
    """Line by line; and whether that is all that differs."""
    odd = Bce(change=lambda text: text.replace("host:", "server:"))
    found = verdict(odd.text(), theirs=odd.canonical().replace("\n", "\r\n") + "\r\n")
    sides = [(line.side, line.text.partition(":")[0]) for line in found.lines]
    assert ("yours", "server") in sides and ("server", "host") in sides
    assert ("same", "POST") in sides and "canonical request alone differs" in found.mistakes[0].text
    wrong = replace(odd, secret="X" * 32)
    found = verdict(wrong.text(), theirs=wrong.canonical())
    assert "differ as well" in found.mistakes[0].text


def test_late_requests() -> None:
    """Signed rightly, but not accepted any more."""
    for made in (Bce(), Tc3(), V1()):
        found = explain(read(made.text()), KEYS, NOW + timedelta(hours=2))
        assert found.genuine and not found.accepted
        assert any(not check.ok for check in found.checks)


def test_hash_in_place_of_the_body() -> None:
    made = Tc3()
    text = made.text().partition("\r\n\r\n")[0]
    assert not verdict(text).genuine
    assert verdict(text, body_hash=hashlib.sha256(made.body.encode()).hexdigest()).accepted
    with pytest.raises(Unreadable):
        verdict(text, body_hash="abc")


def test_other_accounts_keys() -> None:
    """A key of somebody else and a key of nobody are the same answer, and nothing is computed."""
    found = explain(read(Bce().text()), Keyring(()), NOW)
    assert not found.genuine and found.expected == "" and found.canonical == ""
    assert found.checks[-1].sentence.values == {"key": AK}


def test_curl_commands() -> None:
    """The same request as a command line."""
    head, _, body = Bce().text().partition("\n\n")
    lines = [line for line in head.split("\n")[1:] if not line.startswith("Host")]
    headers = " \\\n ".join(f"-H '{line}'" for line in lines)
    found = verdict(
        f"curl -sS --max-time 5 http://{HOST}{PATH} {headers} --data-urlencode '{body}'"
    )
    assert found.accepted
    assert read("curl -XGET 'http://h/p?a=1' -G -d b=2").query == b"a=1&b=2"
    assert read("curl http://h/p --data @file.json").body is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "POST /x HTTP/1.1\nno header",
        "curl",
        "curl -H",
        "curl 'x",
        "GET / HTTP/1.1\nHost: a",
    ],
)
def test_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        verdict(text)


@pytest.mark.parametrize(
    "header",
    ["bce-auth-v1/x", f"TC3-HMAC-SHA256 Credential={AK}", "bce-auth-v1/" + "/" * 50],
)
def test_malformed_headers(header: str) -> None:
    found = verdict(f"POST / HTTP/1.1\nHost: {HOST}\nAuthorization: {header}")
    assert not found.accepted and "cannot be read" in found.checks[-1].sentence.text
