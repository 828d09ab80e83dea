"""Body and parameters of a classification call: JSON only, whatever its Content-Type says.

The page's own PHP sample sends JSON under a form header (A-76), so the first character decides. Java sends
``Content-Encoding: UTF8``; no header but the Content-Type is looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from xiutu.errors import (
    BadBase64,
    EmptyPicture,
    InvalidParameter,
    MalformedBody,
    MissingSource,
)
from xiutu.gateway.json_body import json_object
from xiutu.gateway.pictures import decode_picture
from xiutu.image.limits import Limits

__all__ = ["DEFAULT_TOP", "LIMITS", "Wanted", "picture_of", "read_body_fields", "wanted"]

LIMITS = Limits(
    formats=frozenset({"jpeg", "png", "bmp"}),
    max_base64=4 * 1024 * 1024,
    min_short_side=15,
    max_long_side=4096,
)
DEFAULT_TOP = 6

_EDGE = b" \t\r\n\0"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Wanted:
    """``image`` is base64 text; one of the two is given. ``top`` entries at most are answered."""

    image: str | None
    url: str | None
    top: int


def read_body_fields(body: bytes, content_type: str | None) -> dict[str, object]:
    """The JSON object; ``null`` counts as absent.

    Raises ``InvalidParameter`` for a form (the page's note on 336001) and ``MalformedBody`` for anything
    else that is no JSON object.
    """
    body = body.removeprefix(_BOM).strip(_EDGE)
    if not body.startswith(b"{"):
        kind = (content_type or "").partition(";")[0].strip().lower()
        form = kind.startswith("multipart/") or kind == "application/x-www-form-urlencoded"
        if form or (kind != "application/json" and b"=" in body[:4096]):
            raise InvalidParameter("a form was sent, JSON is due")
        raise MalformedBody("a JSON object is due")
    return {name: value for name, value in json_object(body).items() if value is not None}


def wanted(fields: Mapping[str, object], *, by_url: bool) -> Wanted:
    """Parameters of a call. ``by_url``: the query says ``input_type=url``.

    Raises ``InvalidParameter``, ``MissingSource`` or ``EmptyPicture``.
    """
    name = "url" if by_url else "image"
    value = fields.get(name)
    if value is None:
        raise MissingSource(f"no {name}")
    if not isinstance(value, str):
        raise InvalidParameter(f"{name}: text is due, not {type(value).__name__}")
    if not value.strip():
        raise EmptyPicture(f"empty {name}")
    top = _top(fields.get("top_num"))
    return Wanted(None, value, top) if by_url else Wanted(value, None, top)


def _top(value: object) -> int:
    """A number, or the text of one (A-73)."""
    if value is None:
        return DEFAULT_TOP
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 9:
        text = int(text)
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    if isinstance(text, bool) or not isinstance(text, int) or text < 1:
        raise InvalidParameter("top_num: a whole number above 0 is due")
    return text


def picture_of(text: str) -> bytes:
    """The file behind the base64. A data-URI head is an error here: the page wants it removed.

    Raises ``BadBase64``, ``PictureSizeError`` or ``EmptyPicture``.
    """
    if text.lstrip()[:5].lower() == "data:":
        raise BadBase64("base64 with its data-URI head")
    return decode_picture(text, LIMITS.max_base64)
