"""Values as literals of each language. A text from outside must never end its own literal."""

import json
import shlex
from collections.abc import Callable

from xiutu.errors import InvalidParameter
from xiutu.web.samples.request import File, Json

__all__ = ["FILTERS"]


def _checked(text: str) -> str:
    if not text.isprintable():
        raise InvalidParameter("a value holds characters that cannot be printed")
    return text


def double_quoted(text: str) -> str:
    """Python, JavaScript, Java, C# and C++ agree on a text with ``\\"`` and ``\\\\`` as only escapes."""
    return '"' + _checked(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def php(text: str) -> str:
    return "'" + _checked(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def shell(text: str) -> str:
    return shlex.quote(_checked(text))


def python_value(value: File | Json) -> str:
    """A dict's value; numbers and lists read the same in Python, but for ``true``."""
    return _nested(value, double_quoted, "file_text", "{", ": ", "}", ("True", "False"))


def script_value(value: File | Json) -> str:
    return _nested(value, double_quoted, "fileText", "{", ": ", "}", ("true", "false"))


def php_value(value: File | Json) -> str:
    return _nested(value, php, "file_text", "[", " => ", "]", ("true", "false"))


def _nested(
    value: File | Json,
    text: Callable[[str], str],
    read: str,
    opening: str,
    colon: str,
    closing: str,
    truth: tuple[str, str],
) -> str:
    if isinstance(value, File):
        return f"{read}({text(value.path)})"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bool):
        return truth[0] if value else truth[1]
    if isinstance(value, int | float):
        return json.dumps(value)
    parts = (text, read, opening, colon, closing, truth)
    if isinstance(value, list):
        return "[" + ", ".join(_nested(item, *parts) for item in value) + "]"
    members = (f"{text(name)}{colon}{_nested(item, *parts)}" for name, item in value.items())
    return opening + ", ".join(members) + closing


FILTERS = {
    "text": double_quoted,
    "php": php,
    "sh": shell,
    "py_value": python_value,
    "js_value": script_value,
    "php_value": php_value,
}
