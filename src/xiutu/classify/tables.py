"""Tables of custom classification. A change here needs a migration in ``storage/migrations``."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from xiutu.storage.schema import Instant, RowId, metadata

# ``version`` counts the changes of its pictures.
datasets = Table(
    "classify_datasets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("name"),
)

# A picture under a label belongs to the versions ``added_in <= version < removed_in``: a version is
# never copied, and a relabelled picture is two rows. The bytes lie in the data folder by digest.
pictures = Table(
    "classify_pictures",
    metadata,
    Column("id", RowId, primary_key=True),
    Column(
        "dataset_id", BigInteger, ForeignKey("classify_datasets.id"), nullable=False, index=True
    ),
    Column("digest", String(64), nullable=False, index=True),
    Column("label", String(200), nullable=False),
    Column("source", String(255), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    # 64 bits of perceptual hash as a signed number
    Column("fingerprint", BigInteger, nullable=False),
    Column("held_out", Boolean, nullable=False),
    Column("added_in", Integer, nullable=False),
    Column("removed_in", Integer),
)

# A model and the job that makes it are one row. It refers to its data set by name only: it outlives
# the pictures it was made from.
models = Table(
    "classify_models",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("dataset", String(64), nullable=False, index=True),
    Column("dataset_version", Integer, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("progress", Float, nullable=False),
    Column("step", String(200), nullable=False),
    Column("options", JSON, nullable=False),
    Column("result", JSON(none_as_null=True)),
    Column("error", Text, nullable=False),
    Column("cancelling", Boolean, nullable=False),
    # Who works on it; its sign of life, after which somebody else may take over.
    Column("worker", String(128)),
    Column("attempts", Integer, nullable=False),
    Column("beat_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
)

# ``apps`` None: every application that may call everything; else application ids.
services = Table(
    "classify_services",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("running", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("model_id", BigInteger, ForeignKey("classify_models.id"), nullable=False),
    Column("apps", JSON(none_as_null=True)),
    Column("open_set", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("name"),
)

releases = Table(
    "classify_releases",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("service_id", BigInteger, ForeignKey("classify_services.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("model_id", BigInteger, ForeignKey("classify_models.id"), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("service_id", "version"),
)
