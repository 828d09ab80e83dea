"""Tokens of the management API: an administrator's, or one account's. Kept as digests, revocable.

The text is ``xiutu_`` and 43 characters of 256 random bits. So many bits need no slow hash: nobody can
try them all, and a plain SHA-256 is looked up by index on every request.
"""

import hashlib
import re
import secrets
from datetime import datetime

from xiutu.errors import (
    ApiTokenNotFound,
    InvalidParameter,
    NoCredentials,
    TokenExpired,
    TokenInvalid,
)
from xiutu.platform.accounts import Accounts
from xiutu.platform.clock import Clock
from xiutu.platform.management.models import ApiToken, IssuedToken
from xiutu.platform.management.tokens_repository import ApiTokenRepository
from xiutu.platform.names import checked_name
from xiutu.storage import Database

PREFIX = "xiutu_"
"""Lets scanners for leaked secrets find one."""

_SHAPE = re.compile(PREFIX + "[A-Za-z0-9_-]{43}")


class ApiTokens:
    def __init__(self, database: Database, accounts: Accounts, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    def create(
        self,
        name: str,
        *,
        account: str | None = None,
        expires_at: datetime | None = None,
        actor: str = "",
    ) -> IssuedToken:
        """A new token; ``account`` None makes an administrator's.

        Raises ``AccountNotFound`` or ``InvalidParameter``.
        """
        name, now = checked_name(name), self._clock()
        if expires_at is not None and expires_at <= now:
            raise InvalidParameter("the token would have expired already")
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._database.transaction() as connection:
            owner = None if account is None else self._accounts.get(account).id
            repository = ApiTokenRepository(connection)
            number = repository.add(owner, name, _digest(secret), now, actor, expires_at)
            made = repository.by_id(number)
        assert made is not None
        return IssuedToken(made, secret)

    def verify(self, secret: str) -> ApiToken:
        """Whose is it? One indexed read.

        Raises ``NoCredentials`` for what has not the shape of a token, ``TokenInvalid`` for an
        unknown or revoked one, ``TokenExpired``.
        """
        if _SHAPE.fullmatch(secret) is None:
            raise NoCredentials
        with self._database.reading() as connection:
            found = ApiTokenRepository(connection).by_digest(_digest(secret))
        if found is None or found.revoked_at is not None:
            raise TokenInvalid
        if not found.valid(self._clock()):
            raise TokenExpired
        return found

    def all(self, account: str | None = None) -> tuple[ApiToken, ...]:
        """Revoked ones too, oldest first; None: administrators' and every account's.

        Raises ``AccountNotFound``.
        """
        with self._database.reading() as connection:
            owner = None if account is None else self._accounts.get(account).id
            return tuple(ApiTokenRepository(connection).all(owner))

    def revoke(self, token_id: int, *, account: str | None = None) -> ApiToken:
        """From now on it is refused; doing it twice does no harm.

        With ``account``, only a token of that one is found. Raises ``ApiTokenNotFound``.
        """
        with self._database.transaction() as connection:
            repository = ApiTokenRepository(connection)
            found = repository.by_id(token_id)
            if found is None or (account is not None and found.account != account):
                raise ApiTokenNotFound(f"no token {token_id}")
            repository.revoke(token_id, self._clock())
            revoked = repository.by_id(token_id)
        assert revoked is not None
        return revoked


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
