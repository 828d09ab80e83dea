"""Quota, packs, money, bills, notices; usage says what paid for a call.

Accounts of the previous release get an empty wallet. Their calls so far stay unbilled: nothing was
reserved for them, and their plan promised no bill.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from xiutu.storage.dialects import append_only

revision = "0002"
down_revision = "0001"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_MONEY = sa.BigInteger()  # millionths
_BEFORE_ANY_BILL = datetime(1970, 1, 1, tzinfo=UTC)
_APPEND_ONLY = ("money_ledger", "grants", "bills", "bill_lines")


def upgrade() -> None:
    """Make the tables and the wallets of the accounts there are."""
    _money()
    _quota()
    _bills()
    _notices()
    _usage()
    for table in _APPEND_ONLY:
        for statement in append_only(op.get_bind().dialect.name, table):
            op.execute(statement)
    opened = sa.bindparam("opened", _BEFORE_ANY_BILL, type_=_MOMENT)
    wallets = sa.text(
        "INSERT INTO wallets (account_id, balance, settled_until) "
        "SELECT id, 0, :opened FROM accounts"
    )
    op.get_bind().execute(wallets.bindparams(opened))


def _of_account(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{table}_account_id"),
    )


def _of_pack(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("pack_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=f"fk_{table}_pack_id"),
    )


def _operator() -> sa.Column[str]:
    return sa.Column("operator", sa.String(64), nullable=False)


def _row_id(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return (
        sa.Column("id", _ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def _money() -> None:
    op.create_table(
        "wallets",
        *_of_account("wallets"),
        sa.Column("balance", _MONEY, nullable=False),
        sa.Column("arrears_since", _MOMENT, nullable=True),
        sa.Column("settled_until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_wallets"),
    )
    op.create_table(
        "vouchers",
        *_row_id("vouchers"),
        *_of_account("vouchers"),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("left", _MONEY, nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
    )
    op.create_index("ix_vouchers_account_id", "vouchers", ["account_id"])
    op.create_table(
        "money_ledger",
        *_row_id("money_ledger"),
        *_of_account("money_ledger"),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("after", _MONEY, nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["voucher_id"], ["vouchers.id"], name="fk_money_ledger_voucher_id"),
        sa.UniqueConstraint("account_id", "reference", name="uq_money_ledger_account_id_reference"),
    )
    op.create_index("ix_money_ledger_subject", "money_ledger", ["account_id", "subject"])


def _quota() -> None:
    op.create_table(
        "meters",
        *_of_account("meters"),
        _operator(),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("automatic", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("usable_from", _MOMENT, nullable=False),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
        sa.Column("switch", sa.String(8), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=True),
        sa.Column("cap_used", sa.BigInteger(), nullable=False),
        sa.Column("invited", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "operator", name="pk_meters"),
    )
    op.create_table(
        "grants",
        *_row_id("grants"),
        *_of_account("grants"),
        _operator(),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index("ix_grants_account_id_operator", "grants", ["account_id", "operator"])
    op.create_table(
        "packs",
        *_row_id("packs"),
        *_of_account("packs"),
        _operator(),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("price", _MONEY, nullable=False),
        sa.Column("bought_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("refunded_at", _MOMENT, nullable=True),
    )
    op.create_index("ix_packs_account_id_operator", "packs", ["account_id", "operator"])
    op.create_table(
        "addons",
        *_row_id("addons"),
        *_of_account("addons"),
        _operator(),
        sa.Column("qps", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(8), nullable=False),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.Column("price", _MONEY, nullable=False),
        sa.Column("bought_at", _MOMENT, nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
    )
    op.create_index("ix_addons_account_id_operator", "addons", ["account_id", "operator"])
    op.create_table(
        "reservations",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        *_of_account("reservations"),
        _operator(),
        sa.Column("source", sa.String(8), nullable=False),
        *_of_pack("reservations"),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("log_id", name="pk_reservations"),
    )
    op.create_index("ix_reservations_expires_at", "reservations", ["expires_at"])
    op.create_index("ix_reservations_account_id", "reservations", ["account_id"])


def _bills() -> None:
    op.create_table(
        "bills",
        *_row_id("bills"),
        *_of_account("bills"),
        sa.Column("hour", _MOMENT, nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.UniqueConstraint("account_id", "hour", name="uq_bills_account_id_hour"),
    )
    op.create_table(
        "bill_lines",
        *_row_id("bill_lines"),
        sa.Column("bill_id", sa.BigInteger(), nullable=False),
        _operator(),
        sa.Column("source", sa.String(8), nullable=False),
        *_of_pack("bill_lines"),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("first_call", sa.BigInteger(), nullable=True),
        sa.Column("unit_price", _MONEY, nullable=True),
        sa.Column("amount", _MONEY, nullable=False),
        sa.ForeignKeyConstraint(["bill_id"], ["bills.id"], name="fk_bill_lines_bill_id"),
    )
    op.create_index("ix_bill_lines_bill_id", "bill_lines", ["bill_id"])


def _notices() -> None:
    op.create_table(
        "notices",
        *_row_id("notices"),
        *_of_account("notices"),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("delivered_at", _MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.UniqueConstraint("account_id", "topic", name="uq_notices_account_id_topic"),
    )
    op.create_index("ix_notices_delivered_at", "notices", ["delivered_at"])


def _usage() -> None:
    op.add_column("usage", sa.Column("hour", _MOMENT, nullable=True))
    op.add_column("usage", sa.Column("source", sa.String(8), nullable=True))
    op.add_column("usage", sa.Column("pack_id", sa.BigInteger(), nullable=True))
    metered = sa.text("source IS NOT NULL")
    op.create_index(
        "ix_usage_metered",
        "usage",
        ["account_id", "hour"],
        sqlite_where=metered,
        postgresql_where=metered,
    )
