"""Tables of management. A change here needs a migration in ``storage/migrations``."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from xiutu.storage.schema import Instant, RowId, metadata

# A token of the management API is stored as its digest only. Without an account it is an
# administrator's. Rows stay: the record of actions names them.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("accounts.id")),
    Column("name", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    UniqueConstraint("digest"),
)
Index("ix_api_tokens_account_id", api_tokens.c.account_id)

# Append-only: who did what, when, to whom.
actions = Table(
    "actions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("account_id", BigInteger, ForeignKey("accounts.id")),
    Column("target", String(64), nullable=False),
    Column("details", JSON, nullable=False),
)
Index("ix_actions_account_id", actions.c.account_id)

tickets = Table(
    "tickets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("category", String(32), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
Index("ix_tickets_account_id", tickets.c.account_id)

ticket_messages = Table(
    "ticket_messages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", BigInteger, ForeignKey("tickets.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("author", String(64), nullable=False),
    Column("text", Text, nullable=False),
)
Index("ix_ticket_messages_ticket_id", ticket_messages.c.ticket_id)
