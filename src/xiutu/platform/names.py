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
    """The description without blanks around it; line breaks are fine. Raises ``InvalidParameter``."""
    return checked_text(description, LONGEST_DESCRIPTION)


def checked_text(text: str, longest: int) -> str:
    """Free text without blanks around it; line breaks are fine. Raises ``InvalidParameter``."""
    text = text.strip()
    if len(text) > longest or not all(line.isprintable() for line in text.splitlines()):
        raise InvalidParameter(f"a text has at most {longest} characters, all of them printable")
    return text


def is_possible(name: str) -> bool:
    """Whether anything can have this name. Others must not reach the database: PostgreSQL refuses
    NUL and neither database takes lone surrogates, and a look-up should say "not found" for them."""
    return name.isprintable()
