"""What an account or an app may be called."""

from xiutu.errors import InvalidParameter

LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1000


def checked_name(name: str) -> str:
    """The name without blanks around it. Raises ``InvalidParameter``."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidParameter(f"a name has 1 to {LONGEST_NAME} printable characters")
    return name


def checked_description(description: str) -> str:
    """Raises ``InvalidParameter`` when it is too long."""
    if len(description) > LONGEST_DESCRIPTION or "\0" in description:
        raise InvalidParameter(f"a description has at most {LONGEST_DESCRIPTION} characters")
    return description
