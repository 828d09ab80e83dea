"""Which picture of a call counts, and its bytes (ambiguities A-18 to A-20)."""

from collections.abc import Mapping
from dataclasses import dataclass

from xiutu.contract import InputLimits, Operator
from xiutu.errors import EmptyPicture, InvalidParameter, MissingSource, UrlLength
from xiutu.image.limits import Limits

__all__ = [
    "Source",
    "effective_name",
    "further_pictures",
    "limits_of",
    "passed_over",
    "pick_source",
]


@dataclass(frozen=True)
class Source:
    """The effective picture input: its parameter name and its value as sent."""

    name: str
    value: str | bytes


def pick_source(operator: Operator, fields: Mapping[str, object]) -> Source:
    """The first non-empty source by the documented priority.

    A source that is there wins even when it turns out broken; an empty one counts as absent while
    another is given. Raises ``MissingSource`` when no source key exists, ``EmptyPicture`` or
    ``UrlLength`` when the only ones are empty, ``InvalidParameter`` for a value that is no text.
    """
    given = _given(operator, fields)
    name = effective_name(operator, fields)
    if name is not None:
        value = given[name]
        if not isinstance(value, str | bytes):
            raise InvalidParameter(f"{name}: text is due, not {type(value).__name__}")
        return Source(name, value)
    if not given:
        raise MissingSource(f"none of {', '.join(operator.source.members)}")
    if set(given) == {"url"}:
        raise UrlLength("empty url")
    raise EmptyPicture(f"empty {next(iter(given))}")


def effective_name(operator: Operator, fields: Mapping[str, object]) -> str | None:
    """Name of the source that counts, however broken its value; None where all are absent or empty."""
    for name, value in _given(operator, fields).items():
        if not isinstance(value, str | bytes) or value.strip():
            return name
    return None


def passed_over(operator: Operator, fields: Mapping[str, object]) -> frozenset[str]:
    """Members of further groups that are not read because one before them is given (R-087).

    Raises ``MissingSource`` where a group has no member that is given and not empty (A-39), and
    ``EmptyPicture`` where that is because its picture is empty.
    """
    unread: set[str] = set()
    for group in operator.choices:
        given = [name for name in group.priority if not _empty(fields.get(name))]
        if not given:
            for name in group.members:
                if name in operator.image_limits and fields.get(name) is not None:
                    raise EmptyPicture(f"empty {name}")
            raise MissingSource(f"none of {', '.join(group.members)}")
        unread.update(set(group.members) - {given[0]})
    return frozenset(unread)


def further_pictures(operator: Operator, fields: Mapping[str, object]) -> list[Source]:
    """Pictures beside the source that count (``style``), as sent.

    Raises ``InvalidParameter`` for a value that is no text.
    """
    unread = passed_over(operator, fields)
    names = [name for name in operator.image_limits if name not in operator.source.members]
    found = []
    for name in names:
        value = fields.get(name)
        if name in unread or _empty(value):
            continue
        if not isinstance(value, str | bytes):
            raise InvalidParameter(f"{name}: text is due, not {type(value).__name__}")
        found.append(Source(name, value))
    return found


def _empty(value: object) -> bool:
    blank = isinstance(value, str | bytes) and not value.strip()
    return value is None or blank or value == []


def _given(operator: Operator, fields: Mapping[str, object]) -> dict[str, object]:
    priority = operator.source.priority
    return {name: fields[name] for name in priority if fields.get(name) is not None}


def limits_of(row: InputLimits) -> Limits:
    """The contract's limits of one input in the words of the image layer."""
    return Limits(
        formats=row.file_formats,
        max_base64=row.max_base64_bytes_recommended,
        min_short_side=row.min_short_side_px,
        max_long_side=row.max_long_side_px,
        max_ratio=row.max_ratio,
        max_pixels=row.max_pixel_product,
    )
