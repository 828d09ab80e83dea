"""Signatures: one changed byte in anything that is signed, and the request is refused."""

import contextlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from hypothesis import assume, given
from hypothesis import strategies as st

from xiutu.errors import SignatureInvalid
from xiutu.gateway.baidu import query
from xiutu.gateway.baidu.bce import Authorization, parse_authorization, sign, verify

KEY, SECRET = "accesskey0123", "secret0123"
NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
WORDS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789._~-", min_size=1, max_size=12)
SIGNED = st.sampled_from([(), ("host",), ("host", "x-bce-date"), ("content-type", "host")])


@st.composite
def requests(draw: st.DrawFn) -> dict[str, object]:
    headers = {
        "host": draw(WORDS) + draw(st.sampled_from(["", ":8000", ":443"])),
        "x-bce-date": "2024-05-06T07:08:09Z",
        "content-type": draw(st.sampled_from(["application/json; charset=UTF-8", "a/b"])),
    }
    path = "/" + "/".join(draw(st.lists(WORDS, min_size=1, max_size=4)))
    parameters = draw(st.dictionaries(WORDS, WORDS, max_size=4))
    authorization = sign(
        KEY,
        SECRET,
        method="POST",
        path=path,
        headers=headers,
        query=parameters,
        now=NOW,
        signed=draw(SIGNED),
    )
    return {
        "authorization": authorization.encode(),
        "path": path.encode(),
        "query": urlencode(parameters).encode(),
        **{name: value.encode() for name, value in headers.items()},
    }


def check(request: dict[str, bytes], now: datetime = NOW, method: str = "POST") -> None:
    verify(
        parse_authorization(request["authorization"].decode("latin-1")),
        SECRET,
        method=method,
        raw_path=request["path"],
        raw_query=request["query"],
        headers=[(name.encode(), request[name]) for name in ("host", "x-bce-date", "content-type")],
        now=now,
    )


def signed_parts(request: dict[str, bytes]) -> list[str]:
    listed = parse_authorization(request["authorization"].decode()).signed
    parts = ["path", "host", "authorization"]
    if request["query"]:
        parts.append("query")
    if not listed or b"content-type" in listed:
        parts.append("content-type")
    if not listed or b"x-bce-date" in listed:
        parts.append("x-bce-date")
    return parts


@given(requests(), st.data())
def test_one_changed_byte_is_refused(request: dict[str, bytes], data: st.DataObject) -> None:
    check(request)
    part = data.draw(st.sampled_from(signed_parts(request)))
    text = bytearray(request[part])
    at = data.draw(st.integers(0, len(text) - 1))
    if part == "authorization":  # the list of names is a hint, not part of what is signed
        slashes = [i for i, byte in enumerate(text) if byte == ord("/")]
        assume(not slashes[3] < at < slashes[4])
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != text[at]))
    text[at] = byte
    try:
        check(request | {part: bytes(text)})
    except SignatureInvalid:
        return
    raise AssertionError(f"{part}: {request[part]!r} and {bytes(text)!r} are both accepted")


@given(requests(), st.sampled_from(["path", "query", "host"]), st.binary(min_size=1, max_size=5))
def test_appended_bytes_are_refused(request: dict[str, bytes], part: str, tail: bytes) -> None:
    # What does not reach the canonical form may be appended: blanks, "&", a port, a second query.
    assume(part != "host" or (tail.strip() and not tail.startswith(b":")))
    assume(part != "path" or not tail.startswith(b"?"))
    assume(part != "query" or query.pairs(request["query"] + tail) != query.pairs(request["query"]))
    try:
        check(request | {part: request[part] + tail})
    except SignatureInvalid:
        return
    raise AssertionError(f"{part}: {tail!r} may be appended to {request[part]!r}")


@given(requests(), st.sampled_from(["GET", "PUT", "POSTX", "", "POST "]))
def test_the_method_is_signed(request: dict[str, bytes], method: str) -> None:
    try:
        check(request, method=method)
    except SignatureInvalid:
        return
    raise AssertionError(method)


@given(requests(), st.integers(-(10**7), 10**7))
def test_exactly_the_validity_decides(request: dict[str, bytes], seconds: int) -> None:
    try:
        check(request, now=NOW + timedelta(seconds=seconds))
    except SignatureInvalid:
        assert abs(seconds) > 1800
    else:
        assert abs(seconds) <= 1800


@given(st.one_of(st.text(), st.from_regex(r"bce-auth-v1/[^/]*/[0-9T:Z-]*/[0-9]*/[^/]*/[0-9a-f]*")))
def test_any_header_is_taken_apart_or_refused(header: str) -> None:
    with contextlib.suppress(SignatureInvalid):
        assert isinstance(parse_authorization(header), Authorization)


@given(
    st.text(max_size=20),
    st.binary(max_size=60),
    st.binary(max_size=60),
    st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20)), max_size=5),
)
def test_any_request_is_refused_without_another_error(
    method: str, path: bytes, raw_query: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    authorization = parse_authorization(f"bce-auth-v1/{KEY}/2024-05-06T07:08:09Z/1800//{'0' * 64}")
    try:
        verify(
            authorization,
            SECRET,
            method=method,
            raw_path=path,
            raw_query=raw_query,
            headers=[*headers, (b"x-bce-date", b"2024-05-06T07:08:09Z")],
            now=NOW,
        )
    except SignatureInvalid:
        return
    raise AssertionError("accepted")


@given(st.binary(max_size=200))
def test_any_query_string_can_be_read(raw: bytes) -> None:
    token = query.access_token(raw)
    assert token is None or (token and "?" not in token)
    query.parameters(raw)
    query.sdk(raw)


@given(WORDS, st.sampled_from(["{0}", "{0}?aipSdk=node", "{0}&access_token={0}", "{0}&", "&{0}&"]))
def test_a_token_survives_every_sdk(token: str, written: str) -> None:
    raw = "access_token=" + written.format(token)
    expected = None if written.startswith("&") else token
    assert query.access_token(raw.encode()) == expected
