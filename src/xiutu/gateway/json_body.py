"""A JSON body that is one object, at a bounded cost."""

from typing import Any

import orjson

from xiutu.errors import MalformedBody, ParameterTooLong

__all__ = ["MAX_JSON_ITEMS", "json_object"]

MAX_JSON_ITEMS = 50_000  # commas or brackets; bounds the objects a JSON body can make us build


def json_object(body: bytes) -> dict[str, Any]:
    """Raises ``MalformedBody`` for broken JSON and for anything but an object, ``ParameterTooLong`` for
    absurdly many values."""
    for mark in (b",", b"[", b"{"):
        if _occurs_more_often(body, mark, MAX_JSON_ITEMS):
            raise ParameterTooLong(f"JSON with more than {MAX_JSON_ITEMS} values")
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"broken JSON: {error}") from None
    if not isinstance(values, dict):
        raise MalformedBody("a JSON body must be one object")
    return values


def _occurs_more_often(body: bytes, mark: bytes, limit: int) -> bool:
    """Like ``body.count(mark) > limit``, but at the speed of ``find`` where the mark is rare."""
    at = -1
    for _ in range(limit + 1):
        at = body.find(mark, at + 1)
        if at < 0:
            return False
    return True
