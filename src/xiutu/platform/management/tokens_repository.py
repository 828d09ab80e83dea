"""SQL of ``api_tokens``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from xiutu.platform.management.models import ApiToken
from xiutu.platform.management.tables import api_tokens
from xiutu.platform.tables import accounts

_JOINED = select(api_tokens, accounts.c.name.label("account_name")).outerjoin_from(
    api_tokens, accounts
)
_BY_DIGEST = _JOINED.where(api_tokens.c.digest == bindparam("wanted"))


class ApiTokenRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        account_id: int | None,
        name: str,
        digest: str,
        created_at: datetime,
        created_by: str,
        expires_at: datetime | None,
    ) -> int:
        """Gives the number of the new token."""
        made = self._connection.execute(
            insert(api_tokens).values(
                account_id=account_id,
                name=name,
                digest=digest,
                created_at=created_at,
                created_by=created_by,
                expires_at=expires_at,
            )
        ).inserted_primary_key
        assert made is not None
        return int(made[0])

    def by_digest(self, digest: str) -> ApiToken | None:
        row = self._connection.execute(_BY_DIGEST, {"wanted": digest}).first()
        return None if row is None else _token(row)

    def by_id(self, token_id: int) -> ApiToken | None:
        row = self._connection.execute(_JOINED.where(api_tokens.c.id == token_id)).first()
        return None if row is None else _token(row)

    def all(self, account_id: int | None = None) -> Sequence[ApiToken]:
        """Of one account, or every one; revoked ones too, oldest first."""
        query = _JOINED.order_by(api_tokens.c.id)
        if account_id is not None:
            query = query.where(api_tokens.c.account_id == account_id)
        return [_token(row) for row in self._connection.execute(query)]

    def revoke(self, token_id: int, at: datetime) -> None:
        """What was revoked before keeps its moment."""
        where = (api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
        self._connection.execute(update(api_tokens).where(*where).values(revoked_at=at))


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        account_id=row.account_id,
        account=row.account_name,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
