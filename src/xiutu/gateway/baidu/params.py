"""Plain parameters of a call, checked against the contract row of the operator."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from xiutu.contract import Operator, Parameter
from xiutu.errors import InvalidParameter, MissingParameter, ParameterTooLong
from xiutu.gateway.baidu.sources import effective_name, passed_over
from xiutu.image.pdf import page_number

__all__ = ["read_params"]

_LONGEST_TEXT = 256  # no documented value of a plain text parameter is longer than a word
_LONGEST_LIST = 64 * 1024  # a hundred rectangles as JSON text are about 6 KB

Values = Mapping[str, object]


def read_params(operator: Operator, fields: Values, *, strict: bool = False) -> dict[str, Any]:
    """Pick and check the documented parameters; unknown names are ignored.

    ``strict`` drops defaults that only exist for lenient clients (A-21). Raises ``MissingParameter``,
    ``InvalidParameter`` or ``ParameterTooLong``, and ``MissingSource`` where a group lacks a member.
    """
    unread = passed_over(operator, fields)
    found: dict[str, Any] = {}
    source = effective_name(operator, fields)
    for parameter in operator.plain_params:
        if parameter.name in unread:
            continue
        if not _effective(parameter, {**found, operator.source.group: source}):
            continue
        value = fields.get(parameter.name)
        if _absent(value):
            value = None if strict and parameter.required is True else _default(parameter)
            if value is None:
                if parameter.required is True or (
                    parameter.effective_when and parameter.type == "list"
                ):
                    raise MissingParameter(parameter.name)
                continue
        found[parameter.name] = _READERS[parameter.type](parameter, value)
    if "pdf_file_num" in found:
        page_number(found["pdf_file_num"])  # a number, although the documents call it text
    return found


def _effective(parameter: Parameter, found: Values) -> bool:
    """Some parameters count only next to a certain value of another (``mask_id`` with ``anime_mask``)
    or to a certain source (``pdf_file_num`` with ``pdf_file``).
    """
    return all(found.get(name) == value for name, value in (parameter.effective_when or {}).items())


def _default(parameter: Parameter) -> str | int | float | None:
    return float(parameter.default) if isinstance(parameter.default, Decimal) else parameter.default


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, str | list) and not value)


def _text(parameter: Parameter, value: object) -> str:
    if isinstance(value, bool):
        value = "true" if value else "false"  # refine_mask: callers send a JSON boolean
    if isinstance(value, int):
        value = str(value)  # pdf_file_num as a JSON number
    if not isinstance(value, str):
        raise InvalidParameter(f"{parameter.name}: text is due")
    if len(value) > _LONGEST_TEXT:
        raise ParameterTooLong(f"{parameter.name}: {len(value)} characters")
    if parameter.enum is None:
        return value
    lowered = value.lower() if set(parameter.enum) == {"true", "false"} else value
    if lowered not in parameter.enum:
        raise InvalidParameter(f"{parameter.name}: not one of {', '.join(parameter.enum)}")
    return lowered


def _integer(parameter: Parameter, value: object) -> int:
    number = _number(parameter, value)
    if number != int(number):
        raise InvalidParameter(f"{parameter.name}: a whole number is due")
    return int(number)


def _number(parameter: Parameter, value: object) -> float:
    if isinstance(value, str):
        if len(value) > _LONGEST_TEXT:
            raise ParameterTooLong(f"{parameter.name}: {len(value)} characters")
        plain = value.strip().removeprefix("-").removeprefix("+")
        if parameter.type == "int" and not (plain.isascii() and plain.isdigit()):
            raise InvalidParameter(f"{parameter.name}: a whole number is due")
        try:
            value = float(value)
        except ValueError:
            raise InvalidParameter(f"{parameter.name}: a number is due") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidParameter(f"{parameter.name}: a number is due")
    low, high = parameter.minimum, parameter.maximum
    inside = (low is None or value >= low) and (high is None or value <= high)
    if not inside or not math.isfinite(value):
        raise InvalidParameter(f"{parameter.name}: outside {low}..{high}")
    return float(value)


def _list(parameter: Parameter, value: object) -> list[object]:
    if isinstance(value, str):
        if len(value) > _LONGEST_LIST:
            raise ParameterTooLong(f"{parameter.name}: {len(value)} characters")
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            # Also the Python SDK's inpaintingByMask with a list of dicts: requests reduces it to its
            # keys (rectangle=left&rectangle=top...), the numbers never leave the client.
            raise InvalidParameter(
                f"{parameter.name}: a JSON list is due; with the Python SDK pass json.dumps(list)"
            ) from None
    if not isinstance(value, list):
        raise InvalidParameter(f"{parameter.name}: a list is due")
    if not value:
        raise MissingParameter(parameter.name)
    return value


_READERS = {
    "string": _text,
    "int": _integer,
    "float": _number,
    "array[object]": _list,
    "list": _list,
}
