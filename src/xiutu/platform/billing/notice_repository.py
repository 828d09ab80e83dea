"""SQL of ``notices``: what account owners are to be told, until it is delivered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from xiutu.platform.billing.models import Notice
from xiutu.platform.billing.tables import notices


class NoticeRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, account_id: int, *, topic: str, kind: str, at: datetime, facts: dict[str, Any]
    ) -> bool:
        """False when the account has been told this topic before. Hold the wallet's lock."""
        where = (notices.c.account_id == account_id, notices.c.topic == topic)
        if self._connection.execute(select(notices.c.id).where(*where)).first():
            return False
        values = {"topic": topic, "kind": kind, "at": at, "facts": facts, "attempts": 0}
        self._connection.execute(insert(notices).values(account_id=account_id, **values))
        return True

    def undelivered(self, attempts: int, limit: int = 100) -> Sequence[Notice]:
        """Oldest first, without those tried ``attempts`` times."""
        query = (
            select(notices)
            .where(notices.c.delivered_at.is_(None), notices.c.attempts < attempts)
            .order_by(notices.c.id)
            .limit(limit)
        )
        return [Notice(**row._mapping) for row in self._connection.execute(query)]

    def tried(self, notice_id: int, delivered_at: datetime | None) -> None:
        """Count an attempt; a moment says that it succeeded."""
        values = {"attempts": notices.c.attempts + 1, "delivered_at": delivered_at}
        query = update(notices).where(notices.c.id == notice_id)
        self._connection.execute(query.values(**values))

    def of_account(self, account_id: int, limit: int) -> Sequence[Notice]:
        """Newest first."""
        query = select(notices).where(notices.c.account_id == account_id)
        rows = self._connection.execute(query.order_by(notices.c.id.desc()).limit(limit))
        return [Notice(**row._mapping) for row in rows]
