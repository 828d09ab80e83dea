"""Bodies: what clients can write survives, what nobody can have meant raises the two allowed errors."""

import base64
import contextlib
import re
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlencode

from hypothesis import example, given
from hypothesis import strategies as st

from xiutu.errors import (
    BadBase64,
    EmptyPicture,
    MalformedBody,
    ParameterTooLong,
    PictureError,
)
from xiutu.gateway import percent
from xiutu.gateway.baidu.body import PICTURES, parse
from xiutu.gateway.pictures import decode_picture

LIMIT = 1 << 20
BLANKS = re.compile(rb"[ \t\r\n\v\f]")
CONTENT_TYPES = st.sampled_from(
    [None, "", "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "a"]
)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(
    lambda name: name not in PICTURES
)


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"), max_size=200), max_size=20))
def test_any_form_survives(fields: dict[str, str]) -> None:
    assert dict(parse(urlencode(fields).encode(), None)) == fields


@given(st.binary(max_size=300), CONTENT_TYPES)
@example(b'{"a":' * 3000, None)
@example(b"&=&" * 3000, None)
def test_any_bytes_raise_only_what_they_may(body: bytes, content_type: str | None) -> None:
    try:
        fields = parse(body, content_type)
        for name in fields:
            assert isinstance(name, str)
            fields.every(name)
            decode_if_picture(fields[name])
    except (MalformedBody, ParameterTooLong):
        pass


def decode_if_picture(value: object) -> None:
    if isinstance(value, bytes | str):
        with contextlib.suppress(PictureError):
            assert isinstance(decode_picture(value, 50), bytes)


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_any_text_is_a_picture_or_a_picture_error(value: str | bytes) -> None:
    decode_if_picture(value)


@given(st.binary(min_size=1, max_size=500), st.randoms(use_true_random=False))
def test_any_way_of_escaping_base64_survives(pixels: bytes, random) -> None:
    written = b""
    for byte in base64.b64encode(pixels):
        way = random.randrange(6)
        if way == 0:
            written += b"%%%02X" % byte
        elif way == 1:
            written += b"%%%02x" % byte
        elif way == 2:
            written += random.choice([b" ", b"\n", b"\r\n", b"%0A", b"%20", b"%0d%0a"]) + bytes(
                [byte]
            )
        elif way == 3:
            written += quote_from_bytes(bytes([byte]), safe="").encode()
        else:
            written += bytes([byte])
    fields = parse(b"a=1&image=" + written + b"&", None)
    assert decode_picture(fields["image"], LIMIT) == pixels


@given(st.text("%=2BbFf3DdAQzZ0+/ \n\r", max_size=40))
@example("QUI%")
@example("QQ%%")
@example("QQ%%3D")
@example("QUI=3D")
@example("%3D%")
@example("QQ%\n3D%3D")
def test_escapes_are_read_exactly_or_not_at_all(text: str) -> None:
    """Line ends are dropped first: wrapping encoded text may cut an escape in two."""
    raw = text.encode()
    unwrapped = re.sub(rb"[\r\n]", b"", raw)
    decoded = percent.picture(raw)
    if re.search(rb"%(?![0-9A-Fa-f]{2})", unwrapped):
        try:
            decode_picture(decoded, LIMIT)
        except BadBase64:
            return
        raise AssertionError(f"{raw!r} was taken as {decoded!r}")
    assert decoded == BLANKS.sub(b"", unquote_to_bytes(unwrapped))


@given(st.binary(max_size=300))
def test_base64_is_decoded_as_the_standard_library_does(text: bytes) -> None:
    stripped = BLANKS.sub(b"", text)
    try:
        expected = base64.b64decode(stripped, validate=True)
    except ValueError:
        return
    try:
        assert decode_picture(text, LIMIT) == expected
    except EmptyPicture:
        assert not expected
