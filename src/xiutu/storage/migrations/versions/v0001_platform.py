"""Accounts, apps, usage ledger, server state.

Written out: a migration never imports the tables of today.
"""

import sqlalchemy as sa
from alembic import op

from xiutu.storage.dialects import append_only

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables and the triggers that keep the ledger append-only."""
    _server_state()
    _accounts()
    _apps()
    _usage()


def _server_state() -> None:
    state = op.create_table(
        "server_state",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_server_state"),
    )
    # Present from the start, so that taking a number is one UPDATE on every database.
    op.bulk_insert(state, [{"name": "log_id_node", "value": "0"}])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("plan", sa.String(16), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
    )


def _apps() -> None:
    op.create_table(
        "apps",
        sa.Column("app_id", sa.String(20), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("description", sa.String(1000), nullable=False),
        sa.Column("operators", sa.JSON(), nullable=True),
        sa.Column("api_key", sa.String(64), nullable=False),
        sa.Column("sealed_secret", sa.String(255), nullable=False),
        sa.Column("key_generation", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("disabled_at", _MOMENT, nullable=True),
        sa.Column("deleted_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("app_id", name="pk_apps"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_apps_account_id"),
        sa.UniqueConstraint("api_key", name="uq_apps_api_key"),
    )
    living = sa.text("deleted_at IS NULL")
    op.create_index(
        "uq_apps_living_name",
        "apps",
        ["account_id", "name"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("app_id", sa.String(20), nullable=False),
        sa.Column("operator", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("queue_ms", sa.Integer(), nullable=False),
        sa.Column("pixels", sa.BigInteger(), nullable=False),
        sa.Column("bytes_in", sa.BigInteger(), nullable=False),
        sa.Column("bytes_out", sa.BigInteger(), nullable=False),
        sa.Column("api", sa.String(16), nullable=False),
        sa.Column("api_version", sa.String(16), nullable=False),
        sa.Column("credential", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_usage"),
        sa.UniqueConstraint("log_id", name="uq_usage_log_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_usage_account_id"),
        sa.ForeignKeyConstraint(["app_id"], ["apps.app_id"], name="fk_usage_app_id"),
    )
    op.create_index("ix_usage_app_id_operator_at", "usage", ["app_id", "operator", "at"])
    op.create_index("ix_usage_account_id_operator_at", "usage", ["account_id", "operator", "at"])
    for statement in append_only(op.get_bind().dialect.name, "usage"):
        op.execute(statement)
