"""Tables of the console. A change here needs a migration in ``storage/migrations``."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
)

from xiutu.storage.schema import Instant, RowId, metadata

# Without an account a user is an administrator.
console_users = Table(
    "console_users",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("accounts.id")),
    Column("name", String(64), nullable=False),
    Column("password", String(255), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    UniqueConstraint("name"),
)
Index("ix_console_users_account_id", console_users.c.account_id)

# The cookie's text is stored as its digest only. ``account_id`` is the account being looked at, which
# an administrator may change.
console_sessions = Table(
    "console_sessions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("user_id", BigInteger, ForeignKey("console_users.id"), nullable=False),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    Column("form_token", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    UniqueConstraint("digest"),
)
Index("ix_console_sessions_user_id", console_sessions.c.user_id)
