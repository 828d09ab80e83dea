"""Passwords: argon2id (RFC 9106), one computation at a time, so that a flood of sign-ins takes one core
and 64 MB, not the machine."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from xiutu.errors import InvalidParameter

__all__ = ["SHORTEST", "check", "checked", "fresh", "hashed"]

SHORTEST = 10
LONGEST = 256
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_one_at_a_time = threading.Lock()
_hasher = PasswordHasher()
# Compared with when there is no such user: the answer must not come sooner for an unknown name.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$ppRFGgw8YKHZkyPpHGvDlxIa0kRHbyGPLtKzHvPYwAk"


def checked(password: str) -> str:
    """Raises ``InvalidParameter`` for what is too short or too long to be a password."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidParameter(f"a password has {SHORTEST} to {LONGEST} characters")
    return password


def fresh() -> str:
    """A random password for people to copy: 16 characters of about 93 bits, none that look alike."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


def hashed(password: str) -> str:
    """What is stored: salt, cost and hash in one text."""
    with _one_at_a_time:
        return _hasher.hash(password)


def check(stored: str | None, password: str) -> bool:
    """Whether it is the password. Takes equally long without a user (``stored`` None)."""
    if len(password) > LONGEST:
        return False
    with _one_at_a_time:
        try:
            _hasher.verify(stored or _NOBODY, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
    return stored is not None
