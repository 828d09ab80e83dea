"""Percent-decoding of form values: a fast path for pictures, a plain one for text.

A 10 MB picture holds about 300,000 escapes (%2B, %2F), so anything that touches them one by one in
Python costs a third of a second. Quoted-printable differs from percent-encoding only in its escape
character, and the standard library decodes it in one C loop: ``%`` is renamed to ``=`` and
``binascii.a2b_qp`` does the rest. What quoted-printable understands beyond that (soft line breaks,
``==``, a dropped trailing ``=``) is kept out here; every such place is marked.
"""

import re
from binascii import a2b_qp
from urllib.parse import unquote_to_bytes

WHITE_SPACE = b" \t\r\n\v\f"
_AS_QUOTED_PRINTABLE = bytes.maketrans(b"%", b"=")
_BROKEN_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2})")


def text(raw: bytes) -> str:
    """Decode a short form value: ``+`` is a blank, UTF-8 with U+FFFD for what is no UTF-8."""
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8", "replace")


def picture(raw: bytes) -> bytes:
    """Decode a base64 form value of any size and drop white space, raw or escaped.

    A raw ``+`` stays ``+``: base64 has no blanks, so it can only come from a client that forgot to
    encode it. Text with a broken escape comes back holding a byte that is not base64 (``%``, or
    ``=`` before the end), so decoding it fails; it is never repaired into something valid.
    """
    if b"%" not in raw:
        return without_white_space(raw)
    escaped = raw
    if b"=" in escaped:  # raw padding must not become an escape character
        escaped = escaped.replace(b"=", b"%3D")
    if b"\n" in escaped or b"\r" in escaped:  # "=\n" would be a soft line break
        escaped = escaped.translate(None, b"\r\n")
    escaped = escaped.translate(_AS_QUOTED_PRINTABLE)
    decoded = a2b_qp(escaped)
    # A broken escape decodes to "=". Before the end that is no base64, at the end it looks like
    # padding (or, as the last character, vanishes), so the raw text of the end is checked.
    padding = len(decoded) - len(decoded.rstrip(b"=" + WHITE_SPACE))
    if _BROKEN_ESCAPE.search(escaped, len(escaped) - min(len(escaped), 3 * padding + 2)):
        return raw
    return without_white_space(decoded)


def without_white_space(text: bytes) -> bytes:
    """Drop blanks, tabs and line ends of every kind."""
    # Six searches at memory speed are far cheaper than one needless copy.
    if any(text.find(blank) >= 0 for blank in (b" ", b"\n", b"\r", b"\t", b"\v", b"\f")):
        return text.translate(None, WHITE_SPACE)
    return text
