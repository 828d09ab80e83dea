"""Bodies as the vendor's clients write them, and as broken or hostile ones do."""

import base64
import json
import os
import time
from urllib.parse import quote, quote_plus, unquote_to_bytes, urlencode

import pytest

from xiutu.errors import (
    BadBase64,
    EmptyPicture,
    MalformedBody,
    ParameterTooLong,
    PictureSizeError,
)
from xiutu.gateway.baidu import body
from xiutu.gateway.baidu.body import parse
from xiutu.gateway.pictures import decode_picture

FORM = "application/x-www-form-urlencoded"
PIXELS = bytes(range(256)) * 3 + b"\xfb\xff\xfe"  # its base64 holds "+" and "/"
TEXT = base64.b64encode(PIXELS)
LIMIT = 10 * 1024 * 1024


def test_the_sample_holds_every_character_that_matters() -> None:
    assert b"+" in TEXT
    assert b"/" in TEXT
    assert base64.b64encode(PIXELS + b"1").endswith(b"==")


@pytest.mark.parametrize("tail", [b"", b"1", b"12"])
@pytest.mark.parametrize(
    "write",
    [
        pytest.param(
            lambda t: quote(t, safe=""), id="everything escaped (Python, node, PHP, Java)"
        ),
        pytest.param(lambda t: quote(t, safe="/"), id="slash raw (C#)"),
        pytest.param(lambda t: quote(t, safe="/=+"), id="nothing escaped"),
        pytest.param(lambda t: quote(t, safe="="), id="padding raw"),
        pytest.param(lambda t: quote(t, safe="+"), id="plus raw"),
        pytest.param(
            lambda t: quote(t, safe="").replace("%2B", "%2b").replace("%2F", "%2f"), id="lower case"
        ),
        pytest.param(lambda t: "".join(f"%{b:02X}" for b in t), id="every byte escaped"),
        pytest.param(lambda t: "\r\n".join(t.decode()[i : i + 76] for i in range(0, len(t), 76))),
        pytest.param(lambda t: quote(base64.encodebytes(base64.b64decode(t)), safe=""), id="%0A"),
        pytest.param(lambda t: "%0D%0A" + quote(t, safe="") + "%0D%0A%20", id="blanks at the ends"),
        pytest.param(lambda t: "data:image/jpg;base64," + t.decode(), id="raw data URI head"),
        pytest.param(
            lambda t: quote("data:image/png;base64," + t.decode(), safe=""), id="data URI"
        ),
        pytest.param(
            lambda t: "DATA:image/png;charset=utf-8;Base64," + quote(t, safe=""), id="odd data URI"
        ),
        pytest.param(lambda t: quote(t.rstrip(b"="), safe=""), id="no padding"),
    ],
)
def test_a_form_picture_survives_every_way_of_writing_it(write, tail: bytes) -> None:
    pixels = PIXELS + tail
    sent = f"a=1&image={write(base64.b64encode(pixels))}&b=2".encode()
    fields = parse(sent, FORM)
    assert decode_picture(fields["image"], LIMIT) == pixels
    assert (fields["a"], fields["b"]) == ("1", "2")


def test_picture_values_stay_bytes_and_text_is_str() -> None:
    fields = parse(b"image=QUJD&option=cartoon&style=QQ%3D%3D&pdf_file=QQ", None)
    assert fields == {"image": b"QUJD", "option": "cartoon", "style": b"QQ==", "pdf_file": b"QQ"}
    assert not fields.is_json
    assert parse(b"image=QUJD", None, pictures=()) == {"image": "QUJD"}


def test_text_is_decoded_as_a_form() -> None:
    raw = quote_plus("修图 a+b").encode()
    assert parse(b"name=" + raw, FORM)["name"] == "修图 a+b"
    assert parse(b"name=%ff%e4%b8", FORM)["name"] == "��"
    assert parse(b"name=100%&other=%zz%4", FORM) == {"name": "100%", "other": "%zz%4"}
    assert parse(b"na%6De=x", FORM) == {"name": "x"}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"", {}),
        (b"&", {}),
        (b"=", {}),
        (b"=x", {}),
        (b"&&a=1&&", {"a": "1"}),
        (b"a=1&", {"a": "1"}),
        (b"a", {"a": ""}),
        (b"a&b=2", {"a": "", "b": "2"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=1\r\n", {"a": "1"}),
        (b"\n a=1", {"a": "1"}),
        (b"\xef\xbb\xbfa=1", {"a": "1"}),
        (b"a=\x00x", {"a": "\x00x"}),
        (b"a" * 300 + b"=1&b=2", {"b": "2"}),
        (b"QUJD" * 100_000, {}),
        (b"image", {"image": b""}),
    ],
)
def test_odd_forms(sent: bytes, expected: dict[str, str]) -> None:
    assert dict(parse(sent, FORM)) == expected


def test_the_first_value_that_is_not_empty_counts_and_all_are_kept() -> None:
    fields = parse(b"url=&url=http://a/&url=http://b/&image&image=QQ", FORM)
    assert fields["url"] == "http://a/"
    assert fields.every("url") == ["", "http://a/", "http://b/"]
    assert fields["image"] == b"QQ"
    assert fields.every("missing") == []
    assert list(fields) == ["url", "image"]


def test_the_degenerate_rectangle_of_the_python_sdk_is_recognisable() -> None:
    sent = urlencode(
        {"image": "QQ==", "rectangle": ["left", "top", "width", "height"]}, doseq=True
    ).encode()
    fields = parse(sent, FORM)
    assert fields["rectangle"] == "left"
    assert fields.every("rectangle") == ["left", "top", "width", "height"]


def test_fields_behave_as_a_mapping() -> None:
    fields = parse(b"a=1", FORM)
    assert len(fields) == 1
    assert "a" in fields
    assert "b" not in fields
    assert fields.get("b") is None
    with pytest.raises(KeyError):
        fields["b"]


def test_number_of_fields_is_bounded() -> None:
    assert len(parse(b"&".join(b"k%d=v" % i for i in range(body.MAX_FIELDS)), FORM)) == 1000
    with pytest.raises(MalformedBody):
        parse(b"a=b&" * 100_000, FORM)
    assert len(parse(b"&" * 100_000 + b"a=1", FORM)) == 1


def test_only_long_text_that_is_read_is_refused() -> None:
    fields = parse(b"photo=" + b"A" * 100_000 + b"&option=x&url=" + b"u" * 3_000_000, FORM)
    assert fields["option"] == "x"
    assert len(fields["url"]) == body.MAX_TEXT
    with pytest.raises(ParameterTooLong, match="photo"):
        fields["photo"]


# --- JSON ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=UTF-8", FORM, None, "", "text/plain", "x"],
)
def test_a_leading_brace_is_json_whatever_the_header_says(content_type: str | None) -> None:
    fields = parse(b'{"image": "QUJD", "rectangle": [{"left": 1}]}', content_type)
    assert fields == {"image": "QUJD", "rectangle": [{"left": 1}]}
    assert fields.is_json


@pytest.mark.parametrize("head", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
@pytest.mark.parametrize("tail", [b"", b"\n", b" \r\n", b"\0"])
def test_json_with_edges(head: bytes, tail: bytes) -> None:
    assert parse(head + b'{"a":1}' + tail, None) == {"a": 1}


def test_json_of_the_vendors_clients() -> None:
    pretty = json.dumps({"image": TEXT.decode(), "rectangle": [{"top": 1}]}, indent="\t")
    assert decode_picture(parse(pretty.encode(), None)["image"], LIMIT) == PIXELS
    php = json.dumps({"image": TEXT.decode()}).replace("/", "\\/").replace("+", "\\u002b")
    assert decode_picture(parse(php.encode(), FORM)["image"], LIMIT) == PIXELS


def test_json_values_keep_their_types() -> None:
    fields = parse(b'{"a":"1","b":2,"c":true,"d":1.5,"e":null,"f":[],"a":"last","g":""}', None)
    assert fields == {"a": "last", "b": 2, "c": True, "d": 1.5, "f": [], "g": ""}
    assert fields.every("a") == ["last"]
    assert fields.every("e") == []


@pytest.mark.parametrize(
    "sent",
    [
        b"{",
        b"{}{}",
        b'{"a":1,}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e999}',
        b"{'a':1}",
        b'{"a":"\xff\xfe"}',
        b'{"a":"\\ud800"}',
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b'{"a":' + b"[" * 40_000,
        b"[1,2]",
        b'"text"',
        b'[{"image":"QQ=="}]',
        b'{"image":"QUJD"',
    ],
)
@pytest.mark.parametrize("content_type", [FORM, "application/json"])
def test_broken_json(sent: bytes, content_type: str) -> None:
    with pytest.raises(MalformedBody):
        parse(sent, content_type)


@pytest.mark.parametrize("sent", [b"null", b"true", b"12", b"garbage"])
def test_json_header_without_an_object(sent: bytes) -> None:
    with pytest.raises(MalformedBody):
        parse(sent, "application/json")


def test_a_form_under_a_json_header_is_a_form() -> None:
    assert parse(b"image=QUJD&a=1", "application/json") == {"image": b"QUJD", "a": "1"}
    assert parse(b"", "application/json") == {}


@pytest.mark.parametrize("item", [b"[]", b"1", b"{}"])
def test_json_cannot_make_us_build_millions_of_objects(item: bytes) -> None:
    sent = b'{"a":[' + b",".join([item] * 200_000) + b"]}"
    with pytest.raises(ParameterTooLong):
        parse(sent, None)


def test_multipart_is_refused_with_a_hint() -> None:
    sent = b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\nQUJD\r\n--x--\r\n'
    with pytest.raises(MalformedBody, match="curl -F"):
        parse(sent, "multipart/form-data; boundary=x")


# --- pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, bytes])
def test_picture_text(kind: type) -> None:
    def given(text: bytes) -> str | bytes:
        return text.decode() if kind is str else text

    assert decode_picture(given(TEXT), LIMIT) == PIXELS
    assert decode_picture(given(b" Q U\nJ\tD "), LIMIT) == b"ABC"
    assert decode_picture(given(b"QUI"), LIMIT) == b"AB"
    assert decode_picture(given(b"QUI=="), LIMIT) == b"AB"
    assert decode_picture(given(b"data:image/jpg;base64,QUJD"), LIMIT) == b"ABC"
    assert decode_picture(given(b" data:image/jpg;base64, QUJD"), LIMIT) == b"ABC"


@pytest.mark.parametrize("empty", ["", " \n", "=", "====", "data:image/png;base64,", "==="])
def test_empty_picture(empty: str) -> None:
    with pytest.raises(EmptyPicture):
        decode_picture(empty, LIMIT)
    with pytest.raises(EmptyPicture):
        decode_picture(parse(b"image=" + quote(empty).encode(), FORM)["image"], LIMIT)


@pytest.mark.parametrize(
    "bad",
    [
        "!!!!",
        "not base64!",
        "QUJDR",
        "QU=JD",
        "QQ==QQ==",
        "QU-_",
        "QUJ\x00",
        "QUJDé",
        "图片",
        "data:image/png,QUJD",
        "data:image/png",
        "data:" + "x" * 400 + ";base64,QUJD",
        "%2B",
        "=QUJD",
    ],
)
def test_bad_base64(bad: str) -> None:
    with pytest.raises(BadBase64):
        decode_picture(bad, LIMIT)
    with pytest.raises(BadBase64):
        decode_picture(bad.encode(), LIMIT)


@pytest.mark.parametrize(
    "sent",
    [
        b"QUJD%",
        b"QUI%",
        b"QQ%%",
        b"QQ%%3D",
        b"QQ%3D%",
        b"QQ%3",
        b"QUJD%zz",
        b"QU%zzJD",
        b"QUJD%0",
        b"QUI=3D",
        b"QQ%3D%3D%3Z",
        b"%%%%",
        b"%",
        b"QUJD%E4%BD",
        b"QUJD%00",
        b"QUJD%252B",
        b"QQ==%",
        b"QUI%\n",
        b"QUI%3D%0",
        b"QQ%%\x0b",
    ],
)
def test_broken_escapes_are_never_repaired(sent: bytes) -> None:
    with pytest.raises(BadBase64):
        decode_picture(parse(b"image=" + sent, FORM)["image"], LIMIT)


def test_size_limit_is_inclusive_and_counts_base64_only() -> None:
    text = base64.b64encode(b"x" * 300)
    assert len(text) == 400
    assert decode_picture(text, 400) == b"x" * 300
    slashes = base64.b64encode(b"\xff" * 29)  # 38 slashes, one 8, one =
    assert decode_picture(slashes, 40) == b"\xff" * 29
    assert decode_picture(slashes, 118, percent_encoded=True) == b"\xff" * 29
    with pytest.raises(PictureSizeError, match="118 characters"):
        decode_picture(slashes, 117, percent_encoded=True)
    with pytest.raises(PictureSizeError):
        decode_picture(text, 399)
    assert decode_picture(b"data:image/jpg;base64," + text, 400) == b"x" * 300
    assert decode_picture(b"\n".join([text[:100], text[100:]]), 400) == b"x" * 300
    escaped = quote(base64.b64encode(b"\xff" * 300), safe="").encode()
    assert len(escaped) > 400
    assert decode_picture(parse(b"image=" + escaped, FORM)["image"], 400) == b"\xff" * 300
    with pytest.raises(PictureSizeError):
        decode_picture(b"!" * 401, 400)


def test_ten_megabytes_take_a_fraction_of_the_plain_way() -> None:
    # About 40 ms on a quiet machine. A busy one slows both ways down alike, so they are compared.
    pixels = os.urandom(LIMIT // 4 * 3)
    sent = b"image=" + quote_plus(base64.b64encode(pixels)).encode() + b"&option=cartoon&"
    ours, plain = [], []
    for _ in range(5):
        started = time.process_time()
        decoded = decode_picture(parse(sent, FORM)["image"], LIMIT)
        ours.append(time.process_time() - started)
        started = time.process_time()
        base64.b64decode(unquote_to_bytes(sent[6:-16]))
        plain.append(time.process_time() - started)
    assert decoded == pixels
    assert min(ours) < min(plain) / 3, f"{min(ours) * 1e3:.0f} ms, {min(plain) * 1e3:.0f} ms"


@pytest.mark.parametrize(
    "sent",
    [
        b"%" * 30_000_000,
        b"%2" * 15_000_000,
        b"=" * 30_000_000,
        b"%0A" * 10_000_000,
        b" " * 30_000_000,
    ],
    ids=["percent", "cut escapes", "padding", "escaped line ends", "blanks"],
)
def test_hostile_pictures_are_refused_quickly(sent: bytes) -> None:
    started = time.process_time()
    with pytest.raises((BadBase64, EmptyPicture, PictureSizeError)):
        decode_picture(parse(b"image=" + sent, FORM)["image"], LIMIT)
    assert time.process_time() - started < 2
