"""Request bodies of the Baidu interfaces: bytes in, fields out, pictures to bytes.

Forms and JSON are accepted at every operator (contract A-02, A-03): the vendor's own PHP and C#
samples send JSON under a form header, so the first byte decides, not the header. The texts of a
form are decoded when asked for: a field nobody reads costs nothing, however long it is.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from xiutu.errors import MalformedBody, ParameterTooLong
from xiutu.gateway import percent
from xiutu.gateway.json_body import json_object

PICTURES = ("image", "style", "pdf_file")
MAX_FIELDS = 1000  # the richest call of the contract has five
MAX_NAME = 256  # bytes; longer names belong to no parameter and are skipped
MAX_TEXT = 64 * 1024  # bytes as sent; the longest legal value is a list of rectangles
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
        values = json_object(body)
        return Fields({k: v for k, v in values.items() if v is not None}, is_json=True)
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        raise MalformedBody(
            "multipart bodies (curl -F) are not part of this interface: send "
            "application/x-www-form-urlencoded (curl --data-urlencode) or JSON"
        )
    if body.startswith((b"[", b'"')) or (kind == "application/json" and body and b"=" not in body):
        raise MalformedBody("a JSON body must be one object")
    return _parse_form(body, pictures)


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
