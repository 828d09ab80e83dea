"""Tables of quota, money and bills. A change here needs a migration in ``storage/migrations``."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from xiutu.storage.schema import Instant, Money, RowId, metadata


def _account(*, key: bool = False) -> Column[int]:
    return Column(
        "account_id",
        BigInteger,
        ForeignKey("accounts.id"),
        nullable=False,
        primary_key=key,
        autoincrement=False,
    )


def _operator(*, key: bool = False) -> Column[str]:
    return Column("operator", String(64), nullable=False, primary_key=key)


# One row an account, made with it. Locking it is the right to change anything of the account below.
# Hours before settled_until are billed; a call that is written down late goes to a later hour.
wallets = Table(
    "wallets",
    metadata,
    _account(key=True),
    Column("balance", Money, nullable=False),
    Column("arrears_since", Instant),
    Column("settled_until", Instant, nullable=False),
)

vouchers = Table(
    "vouchers",
    metadata,
    Column("id", RowId, primary_key=True),
    _account(),
    Column("amount", Money, nullable=False),
    Column("left", Money, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant),
)
Index("ix_vouchers_account_id", vouchers.c.account_id)

# Append-only. A row moves the cash balance, or one voucher where voucher_id says so; "after" is
# what that one holds afterwards. Replaying the rows gives every balance (audit.py).
money_ledger = Table(
    "money_ledger",
    metadata,
    Column("id", RowId, primary_key=True),
    _account(),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("amount", Money, nullable=False),
    Column("after", Money, nullable=False),
    Column("voucher_id", BigInteger, ForeignKey("vouchers.id")),
    Column("subject", String(64), nullable=False),
    Column("reference", String(64)),
    Column("actor", String(64), nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("account_id", "reference"),
)
Index("ix_money_ledger_subject", money_ledger.c.account_id, money_ledger.c.subject)

# One row an account and operator, made when first needed. granted is NULL for an operator without
# quota; automatic is the part of it that verification has granted; used includes reservations.
meters = Table(
    "meters",
    metadata,
    _account(key=True),
    _operator(key=True),
    Column("granted", BigInteger),
    Column("automatic", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("usable_from", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("switch", String(8), nullable=False),
    Column("cap", BigInteger),
    Column("cap_used", BigInteger, nullable=False),
    Column("invited", Boolean),
)

# Append-only: every change of meters.granted.
grants = Table(
    "grants",
    metadata,
    Column("id", RowId, primary_key=True),
    _account(),
    _operator(),
    Column("calls", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("note", Text, nullable=False),
)
Index("ix_grants_account_id_operator", grants.c.account_id, grants.c.operator)

# "left" is without what is reserved.
packs = Table(
    "packs",
    metadata,
    Column("id", RowId, primary_key=True),
    _account(),
    _operator(),
    Column("calls", BigInteger, nullable=False),
    Column("left", BigInteger, nullable=False),
    Column("price", Money, nullable=False),
    Column("bought_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("refunded_at", Instant),
)
Index("ix_packs_account_id_operator", packs.c.account_id, packs.c.operator)

addons = Table(
    "addons",
    metadata,
    Column("id", RowId, primary_key=True),
    _account(),
    _operator(),
    Column("qps", Integer, nullable=False),
    Column("unit", String(8), nullable=False),
    Column("periods", Integer, nullable=False),
    Column("price", Money, nullable=False),
    Column("bought_at", Instant, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)
Index("ix_addons_account_id_operator", addons.c.account_id, addons.c.operator)

# A call at work: what it has taken already, until it is settled, released or expired.
reservations = Table(
    "reservations",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    _account(),
    _operator(),
    Column("source", String(8), nullable=False),
    Column("pack_id", BigInteger, ForeignKey("packs.id")),
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
Index("ix_reservations_expires_at", reservations.c.expires_at)
Index("ix_reservations_account_id", reservations.c.account_id)

# Append-only, both: one bill an account and hour with calls, and its arithmetic.
bills = Table(
    "bills",
    metadata,
    Column("id", RowId, primary_key=True),
    _account(),
    Column("hour", Instant, nullable=False),
    Column("amount", Money, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("account_id", "hour"),
)

# first_call and unit_price only with source "payg": the place in the month's tiers.
bill_lines = Table(
    "bill_lines",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("bill_id", BigInteger, ForeignKey("bills.id"), nullable=False),
    _operator(),
    Column("source", String(8), nullable=False),
    Column("pack_id", BigInteger, ForeignKey("packs.id")),
    Column("calls", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("first_call", BigInteger),
    Column("unit_price", Money),
    Column("amount", Money, nullable=False),
)
Index("ix_bill_lines_bill_id", bill_lines.c.bill_id)

# Told once each: topic names the occasion ("arrears 2026-03-01T03", "balance 2 days 2026-03-05").
notices = Table(
    "notices",
    metadata,
    Column("id", RowId, primary_key=True),
    _account(),
    Column("topic", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("delivered_at", Instant),
    Column("attempts", Integer, nullable=False),
    UniqueConstraint("account_id", "topic"),
)
Index("ix_notices_delivered_at", notices.c.delivered_at)
