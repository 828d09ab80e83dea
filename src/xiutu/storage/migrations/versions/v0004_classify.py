"""Custom classification: data sets with versions, models with their training, published services.

Written out: a migration never imports the tables of today.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; nothing of before changes."""
    _datasets()
    _pictures()
    _models()
    _services()


def _datasets() -> None:
    op.create_table(
        "classify_datasets",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_classify_datasets"),
        sa.UniqueConstraint("name", name="uq_classify_datasets_name"),
    )


def _pictures() -> None:
    op.create_table(
        "classify_pictures",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("dataset_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("added_in", sa.Integer(), nullable=False),
        sa.Column("removed_in", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_classify_pictures"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["classify_datasets.id"], name="fk_classify_pictures_dataset_id"
        ),
    )
    op.create_index("ix_classify_pictures_dataset_id", "classify_pictures", ["dataset_id"])
    op.create_index("ix_classify_pictures_digest", "classify_pictures", ["digest"])


def _models() -> None:
    op.create_table(
        "classify_models",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("dataset", sa.String(64), nullable=False),
        sa.Column("dataset_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("step", sa.String(200), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(128), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("beat_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_classify_models"),
    )
    op.create_index("ix_classify_models_dataset", "classify_models", ["dataset"])
    op.create_index("ix_classify_models_state", "classify_models", ["state"])


def _services() -> None:
    op.create_table(
        "classify_services",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("apps", sa.JSON(), nullable=True),
        sa.Column("open_set", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_classify_services"),
        sa.UniqueConstraint("name", name="uq_classify_services_name"),
        sa.ForeignKeyConstraint(
            ["model_id"], ["classify_models.id"], name="fk_classify_services_model_id"
        ),
    )
    op.create_table(
        "classify_releases",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_classify_releases"),
        sa.ForeignKeyConstraint(
            ["service_id"], ["classify_services.id"], name="fk_classify_releases_service_id"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["classify_models.id"], name="fk_classify_releases_model_id"
        ),
        sa.UniqueConstraint(
            "service_id", "version", name="uq_classify_releases_service_id_version"
        ),
    )
