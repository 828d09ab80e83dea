"""The pictures of a call: from base64 or an address to bytes, checked by their headers."""

import pybase64

from xiutu.errors import BadBase64, EmptyPicture, PictureSizeError, UrlBadResponse
from xiutu.gateway import percent
from xiutu.gateway.context import Context
from xiutu.image.header import Header, read_header, sniff
from xiutu.image.limits import Limits
from xiutu.net import target

__all__ = ["checked_header", "decode_picture", "fetch_picture"]

_LONGEST_HEAD = 256


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


async def fetch_picture(
    context: Context, url: str, limits: Limits, max_url: int = target.MAX_URL
) -> bytes:
    """The file behind an address, its memory reserved meanwhile.

    Raises what ``Fetcher.fetch`` raises, and ``UrlBadResponse`` for anything but a picture.
    """
    with context.bodies.hold(limits.max_bytes):
        data = await context.fetcher.fetch(url, limits.max_bytes, max_url)
    if sniff(data) is None:  # the usual page of an anti-hotlink guard
        raise UrlBadResponse(f"no picture: starts with {data[:8].hex()}")
    return data


def checked_header(data: bytes, limits: Limits) -> Header:
    """The header of a file that keeps to the limits. Raises a ``PictureError`` for any other."""
    limits.check_format(sniff(data))
    header = read_header(data)
    limits.check(header)
    return header


def _without_head(text: bytes) -> bytes:
    if text[:5].lower() != b"data:":
        return text
    comma = text.find(b",", 0, _LONGEST_HEAD)
    if comma < 0 or not text[:comma].lower().endswith(b";base64"):
        raise BadBase64("data URI without a base64 head")
    return text[comma + 1 :]
