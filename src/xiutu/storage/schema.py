"""The metadata all tables are declared on, and column types that mean the same everywhere."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, TypeDecorator

# Fixed names, so that a migration can say which constraint it means on either database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite hands out row ids by itself only for a column declared exactly INTEGER PRIMARY KEY.
RowId = BigInteger().with_variant(Integer(), "sqlite")


MONEY_DECIMALS = 6
"""Two more than any price of the documents has (0.0042): bills are exact, only displays round."""


class Instant(TypeDecorator[datetime]):
    """A moment, always timezone-aware UTC in Python; microseconds are kept.

    PostgreSQL stores ``timestamptz``; SQLite stores the UTC text ``YYYY-MM-DD HH:MM:SS.ffffff``,
    whose alphabetical order is the order in time. Raises ``ValueError`` for a naive datetime,
    because a local time taken for UTC would be a wrong bill later.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given where a moment in UTC is needed")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An exact amount with six decimals, stored as an integer of millionths.

    Integers sum and compare exactly in both databases, which decimal text in SQLite would not.
    Holds up to 9.2 million million units. Raises ``ValueError`` for more decimals than six.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        if value is None:
            return None
        scaled = value.scaleb(MONEY_DECIMALS)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {MONEY_DECIMALS} decimals")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        if value is None:
            return None
        # A sum over bigint is a numeric in PostgreSQL and comes as Decimal. Normalised, so that
        # amounts print without zeros nobody wrote; + 0 turns 3E+4 back into 30000.
        return Decimal(int(value)).scaleb(-MONEY_DECIMALS).normalize() + 0
