"""Parameter values from anywhere (wire text, JSON, CLI text, Python) to a checked ``Params`` object."""

import dataclasses
import math
from collections.abc import Mapping
from typing import TypeVar, get_type_hints

import numpy as np

from xiutu.errors import InvalidParameter, MissingParameter
from xiutu.operators._base import Params

__all__ = ["build", "picture_names"]

P = TypeVar("P", bound=Params)


def build(kind: type[P], values: Mapping[str, object]) -> P:
    """Coerce, check ranges and construct.

    Text is accepted for numbers. Raises ``MissingParameter`` with the bare name, or ``InvalidParameter``
    for an unknown name, a wrong type or a value out of range.
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        known = ", ".join(fields) or "none"
        raise InvalidParameter(f"unknown parameter {unknown[0]!r} (known: {known})")
    hints = get_type_hints(kind)
    ready: dict[str, object] = {}
    for name, field in fields.items():
        if name not in values or values[name] is None:
            if (
                field.default is dataclasses.MISSING
                and field.default_factory is dataclasses.MISSING
            ):
                raise MissingParameter(name)
            continue
        ready[name] = _checked(name, values[name], hints[name], field.metadata)
    return kind(**ready)


def picture_names(kind: type[Params]) -> tuple[str, ...]:
    """Names of the further picture inputs of an operator (``style``), in order."""
    return tuple(f.name for f in dataclasses.fields(kind) if f.metadata.get("picture"))


def _checked(name: str, value: object, hint: object, metadata: Mapping[str, object]) -> object:
    if metadata.get("picture"):
        return _picture(name, value)
    if hint in (int, int | None):
        value = _integer(name, value)
    elif hint in (float, float | None):
        value = _number(name, value)
    elif hint in (bool, bool | None):
        value = _flag(name, value)
    elif hint in (str, str | None) and not isinstance(value, str):
        raise InvalidParameter(f"{name}: text is due, not {type(value).__name__}")
    choices = metadata.get("choices")
    if isinstance(choices, tuple) and value not in choices:
        raise InvalidParameter(f"{name}: {value!r} is not one of {', '.join(choices)}")
    low, high = metadata.get("min"), metadata.get("max")
    if isinstance(value, int | float):
        too_low = isinstance(low, int | float) and value < low
        too_high = isinstance(high, int | float) and value > high
        if too_low or too_high or not math.isfinite(value):
            raise InvalidParameter(f"{name}: {value} is outside {low}..{high}")
    return value


def _picture(name: str, value: object) -> object:
    if not (isinstance(value, np.ndarray) and value.dtype == np.uint8 and value.shape[2:] == (3,)):
        raise InvalidParameter(f"{name}: a picture is due (H x W x 3 uint8)")
    return np.ascontiguousarray(value)


def _integer(name: str, value: object) -> int:
    if isinstance(value, bool):
        raise InvalidParameter(f"{name}: a whole number is due, not a boolean")
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= 20:
        text = value.strip()
        if text.removeprefix("-").isascii() and text.removeprefix("-").isdigit():
            return int(text)
    raise InvalidParameter(f"{name}: a whole number is due")


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InvalidParameter(f"{name}: a number is due")
    try:
        return float(value)
    except ValueError:
        raise InvalidParameter(f"{name}: a number is due") from None


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise InvalidParameter(f"{name}: true or false is due")
