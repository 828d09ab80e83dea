"""What data sets, classes and services may be called."""

import re

from xiutu.errors import InvalidParameter

__all__ = ["checked_label", "checked_name", "checked_service_name"]

LONGEST_NAME = 64
LONGEST_LABEL = 200
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def checked_name(name: str) -> str:
    """A data set's name without blanks around it. Raises ``InvalidParameter``."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or "/" in name:
        raise InvalidParameter(f"a name has 1 to {LONGEST_NAME} printable characters and no slash")
    return name


def checked_label(label: str) -> str:
    """A class's name without blanks around it. Raises ``InvalidParameter``."""
    label = label.strip()
    if not 1 <= len(label) <= LONGEST_LABEL or not label.isprintable():
        raise InvalidParameter(f"a class has 1 to {LONGEST_LABEL} printable characters")
    return label


def checked_service_name(name: str) -> str:
    """An API name: it is part of an address. Raises ``InvalidParameter``."""
    if _SERVICE.fullmatch(name) is None:
        raise InvalidParameter(
            f"{name!r}: an API name has 1 to 64 letters (a-z), digits, _ and -; choose one with --as"
        )
    return name
