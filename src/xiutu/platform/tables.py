"""The platform's tables. A change here needs a migration in ``storage/migrations/versions``."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from xiutu.storage.schema import Instant, RowId, metadata

# Few named facts about this installation: which secret key it is bound to, numbers handed out.
server_state = Table(
    "server_state",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("plan", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("name"),
)

# Rows are never removed: the ledger refers to them, and a signature or token of a deleted app must
# still be told from a forged one.
apps = Table(
    "apps",
    metadata,
    Column("app_id", String(20), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("description", String(1000), nullable=False),
    Column("operators", JSON(none_as_null=True), nullable=True),
    Column("api_key", String(64), nullable=False),
    Column("sealed_secret", String(255), nullable=False),
    Column("key_generation", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("deleted_at", Instant),
    UniqueConstraint("api_key"),
)
# A deleted app gives its name free.
Index(
    "uq_apps_living_name",
    apps.c.account_id,
    apps.c.name,
    unique=True,
    sqlite_where=text("deleted_at IS NULL"),
    postgresql_where=text("deleted_at IS NULL"),
)

# Append-only: triggers made by the migration refuse UPDATE and DELETE.
usage = Table(
    "usage",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("log_id", BigInteger, nullable=False),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    Column("app_id", String(20), ForeignKey("apps.app_id"), nullable=False),
    Column("operator", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("code", Integer, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("queue_ms", Integer, nullable=False),
    Column("pixels", BigInteger, nullable=False),
    Column("bytes_in", BigInteger, nullable=False),
    Column("bytes_out", BigInteger, nullable=False),
    Column("api", String(16), nullable=False),
    Column("api_version", String(16), nullable=False),
    Column("credential", String(16), nullable=False),
    # The hour the call is billed in. What paid for it is NULL for accounts without a meter; pack_id
    # has no foreign key, because a pack must not be looked up for every call that is written down.
    Column("hour", Instant),
    Column("source", String(8)),
    Column("pack_id", BigInteger),
    UniqueConstraint("log_id"),
)
Index("ix_usage_app_id_operator_at", usage.c.app_id, usage.c.operator, usage.c.at)
Index("ix_usage_account_id_operator_at", usage.c.account_id, usage.c.operator, usage.c.at)
# Hourly bills look at metered calls only.
Index(
    "ix_usage_metered",
    usage.c.account_id,
    usage.c.hour,
    sqlite_where=text("source IS NOT NULL"),
    postgresql_where=text("source IS NOT NULL"),
)
