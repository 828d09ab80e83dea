"""Request bodies of the Baidu interfaces: bytes in, fields out, pictures to bytes.

Forms and JSON are accepted at every operator (contract A-02, A-03): the vendor's own PHP and C#
samples send JSON under a form header, so the first byte decides, not the header. The texts of a
form are decoded when asked for: a field nobody reads costs nothing, however long it is.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson
import pybase64

from xiutu.errors import (
    BadBase64,
    EmptyPicture,
    MalformedBody,
    ParameterTooLong,
    PictureSizeError,
)
from xiutu.gateway.baidu import percent

PICTURES = ("image", "style", "pdf_file")
MAX_FIELDS = 1000  # the richest call of the contract has five
MAX_NAME = 256  # bytes; longer names belong to no parameter and are skipped
MAX_TEXT = 64 * 1024  # bytes as sent; the longest legal value is a list of rectangles
MAX_JSON_ITEMS = 50_000  # commas or brackets; bounds the objects a JSON body can make us build
_BOM = b"\xef\xbb\xbf"
_EDGE = percent.WHITE_SPACE + b"\0"  # line end of `curl --data-binary @file`, C string end

Value = Any
"""Pictures of a form: ``bytes``; its other fields: ``str``; JSON: any value but null."""


class Fields(Mapping[str, Value]):
    """The named values of a body, in the order they came.

    Where a form repeats a name the first non-empty value counts and ``every`` gives all of them
    (the vendor's Python SDK sends ``rectangle=left&rectangle=top&...``, WIRE section 4). JSON: the
    last one counts, as in every JSON parser; ``null`` counts as absent.

    Reading a text of more than ``MAX_TEXT`` bytes raises ``ParameterTooLong``, except ``url``: that
    one comes back cut, still beyond its 1024 bytes, because its length has an error of its own.
    """

    def __init__(self, values: dict[str, Value], *, is_json: bool) -> None:
        self.is_json = is_json
        self._values = values

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def every(self, name: str) -> list[Value]:
        """All values of one name, empty ones too; an empty list where the name is absent."""
        return [self._values[name]] if name in self._values else []


class _FormFields(Fields):
    def __init__(
        self, body: bytes, spans: dict[str, list[tuple[int, int]]], pictures: Collection[str]
    ) -> None:
        super().__init__({}, is_json=False)
        self._body = body
        self._spans = spans
        self._pictures = pictures
        for name in pictures:  # the heavy part happens where `parse` runs: in a thread
            self.get(name)

    def __getitem__(self, name: str) -> Value:
        if name not in self._values:
            spans = self._spans[name]
            span = next((span for span in spans if span[0] < span[1]), spans[0])
            self._values[name] = self._decode(name, span)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    def every(self, name: str) -> list[Value]:
        return [self._decode(name, span) for span in self._spans.get(name, ())]

    def _decode(self, name: str, span: tuple[int, int]) -> Value:
        start, end = span
        if name in self._pictures:
            return percent.picture(self._body[start:end])
        if end - start > MAX_TEXT:
            if name != "url":
                raise ParameterTooLong(f"{name}: {end - start} bytes")
            end = start + MAX_TEXT
        return percent.text(self._body[start:end])


def parse(body: bytes, content_type: str | None, pictures: Collection[str] = PICTURES) -> Fields:
    """Split a request body into its fields; an empty body has none.

    A body whose first character is ``{`` is JSON whatever the header says, any other one a form.

    Raises:
        MalformedBody: multipart, broken JSON or no object, more than ``MAX_FIELDS`` fields.
        ParameterTooLong: JSON with absurdly many values.

    """
    body = body.removeprefix(_BOM).strip(_EDGE)  # no copy where there is nothing to strip
    if body.startswith(b"{"):
        return _parse_json(body)
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        raise MalformedBody(
            "multipart bodies (curl -F) are not part of this interface: send "
            "application/x-www-form-urlencoded (curl --data-urlencode) or JSON"
        )
    if body.startswith((b"[", b'"')) or (kind == "application/json" and body and b"=" not in body):
        raise MalformedBody("a JSON body must be one object")
    return _parse_form(body, pictures)


def _parse_json(body: bytes) -> Fields:
    for mark in (b",", b"[", b"{"):
        if _occurs_more_often(body, mark, MAX_JSON_ITEMS):
            raise ParameterTooLong(f"JSON with more than {MAX_JSON_ITEMS} values")
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"broken JSON: {error}") from None
    if not isinstance(values, dict):
        raise MalformedBody("a JSON body must be one object")
    return Fields({k: v for k, v in values.items() if v is not None}, is_json=True)


def _parse_form(body: bytes, pictures: Collection[str]) -> Fields:
    spans: dict[str, list[tuple[int, int]]] = {}
    start = fields = 0
    while start < len(body):
        stop = body.find(b"&", start)
        if stop < 0:
            stop = len(body)
        if start < stop:  # empty pieces come from "&&" and the C++ SDK's trailing "&"
            fields += 1
            if fields > MAX_FIELDS:
                raise MalformedBody(f"more than {MAX_FIELDS} form fields")
            mark = body.find(b"=", start, stop)
            if mark < 0:  # the Java SDK writes an empty option without "="
                mark = stop
            if start < mark <= start + MAX_NAME:
                name = percent.text(body[start:mark])
                spans.setdefault(name, []).append((min(mark + 1, stop), stop))
        start = stop + 1
    return _FormFields(body, spans, pictures)


def _occurs_more_often(body: bytes, mark: bytes, limit: int) -> bool:
    """Like ``body.count(mark) > limit``, but at the speed of ``find`` where the mark is rare."""
    at = -1
    for _ in range(limit + 1):
        at = body.find(mark, at + 1)
        if at < 0:
            return False
    return True


def decode_picture(value: str | bytes, max_base64: int, *, percent_encoded: bool = False) -> bytes:
    """Turn the base64 text of a picture field into bytes.

    White space and a data-URI head (``data:image/jpg;base64,``, contract A-18) are dropped, missing
    padding is accepted. The URL-safe alphabet (``-``, ``_``) is not: the contract and every SDK use
    the plain one, and accepting it would turn arbitrary text into "pictures".

    Args:
        value: base64 text as ``Fields`` gives it.
        max_base64: most characters of base64 text allowed, inclusive, without white space and head.
        percent_encoded: count the text as it stands in a form with ``+``, ``/`` and ``=`` escaped.

    Raises:
        EmptyPicture: no text, or it decodes to nothing.
        PictureSizeError: more than ``max_base64`` characters.
        BadBase64: anything that is not base64.

    """
    try:
        text = value.encode("ascii") if isinstance(value, str) else value
    except UnicodeEncodeError:
        raise BadBase64("base64 text holds characters beyond ASCII") from None
    text = _without_head(percent.without_white_space(text))
    size = len(text)
    if percent_encoded:
        size += 2 * sum(text.count(mark) for mark in (b"+", b"/", b"="))
    if size > max_base64:
        raise PictureSizeError(f"{size} characters of base64, {max_base64} allowed")
    if len(text) % 4:
        text = text.rstrip(b"=")
        text += b"=" * (-len(text) % 4)
    if not text.strip(b"="):
        raise EmptyPicture("no base64 text")
    try:
        return pybase64.b64decode(text, validate=True)
    except ValueError as error:  # binascii.Error is a ValueError
        raise BadBase64(str(error)) from None


def _without_head(text: bytes) -> bytes:
    if text[:5].lower() != b"data:":
        return text
    comma = text.find(b",", 0, MAX_NAME)
    if comma < 0 or not text[:comma].lower().endswith(b";base64"):
        raise BadBase64("data URI without a base64 head")
    return text[comma + 1 :]
