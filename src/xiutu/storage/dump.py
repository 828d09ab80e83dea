"""Everything in a database as lines of JSON, and back: for backups, also between SQLite and PostgreSQL.

Tables are taken as they are in the database, not as this version declares them, so that a dump of an
older schema can be loaded: it goes into that schema, and the migrations since then follow.

    {"table": "accounts", "columns": ["id", "name", ...]}
    [1, "default", ...]
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    inspect,
    null,
    select,
)

from xiutu.storage import dialects, migrate
from xiutu.storage.database import Database
from xiutu.storage.errors import StorageError

__all__ = ["BadDump", "NotEmpty", "load", "write"]

_ROWS = 1000
_VERSION = "alembic_version"


class BadDump(StorageError):
    """What is to be loaded is no dump, or a damaged one."""

    public = "this is no dump of a xiutu database"


class NotEmpty(StorageError):
    """A dump is loaded into an empty database only."""

    public = "the database is not empty"


def write(connection: Connection) -> Iterator[str]:
    """Lines of the whole database; the connection must see one consistent state."""
    for table in _reflected(connection).sorted_tables:
        if table.name == _VERSION:
            continue
        columns = list(table.columns)
        yield _json({"table": table.name, "columns": [column.name for column in columns]})
        query = select(table).order_by(*table.primary_key.columns)
        for row in connection.execution_options(yield_per=_ROWS).execute(query):
            yield _json([_outward(value) for value in row])


def load(data: Path, url: str | None, revision: str, lines: Iterable[str]) -> int:
    """Make the schema of ``revision`` in an empty database and fill it, all or nothing.

    ``data`` and ``url`` as for ``Database.open``, which migrates to the newest schema afterwards.
    Gives the number of rows. Raises ``NotEmpty``, ``BadDump``, ``SchemaTooNew``.
    """
    database = Database(dialects.connect(url, data))
    try:
        with database.transaction() as connection:
            if inspect(connection).get_table_names():
                raise NotEmpty
            migrate.upgrade(connection, revision)
            return _fill(connection, lines)
    finally:
        database.close()


def _fill(connection: Connection, lines: Iterable[str]) -> int:
    tables = _reflected(connection).tables
    for table in reversed(_reflected(connection).sorted_tables):
        if table.name != _VERSION and connection.execute(select(table).limit(1)).first():
            connection.execute(table.delete())  # what the migrations themselves put there
    count, table, names = 0, None, ()
    rows: list[Sequence[Any]] = []
    for line in lines:
        value = _parsed(line)
        if isinstance(value, dict):
            _insert(connection, table, names, rows)
            try:
                table, names = tables[value["table"]], tuple(value["columns"])
            except (KeyError, TypeError):
                raise BadDump from None
            if not set(names) <= set(table.columns.keys()):
                raise BadDump(f"{table.name} has no such columns")
            continue
        if table is None or not isinstance(value, list) or len(value) != len(names):
            raise BadDump
        rows.append(value)
        count += 1
        if len(rows) == _ROWS:
            _insert(connection, table, names, rows)
    _insert(connection, table, names, rows)
    for table in tables.values():
        dialects.continue_numbers(connection, table)
    return count


def _insert(
    connection: Connection, table: Table | None, names: Sequence[str], rows: list[Sequence[Any]]
) -> None:
    if table is not None and rows:
        columns = [table.columns[name] for name in names]
        # By the reflected types; what they make of None in JSON columns would not be NULL.
        values = [
            {c.name: _inward(c, v) for c, v in zip(columns, row, strict=True)} for row in rows
        ]
        nullable = [c.name for c in columns if isinstance(c.type, JSON)]
        plain = [v for v in values if all(v[name] is not None for name in nullable)]
        if plain:
            connection.execute(table.insert(), plain)
        for value in values:
            if any(value[name] is None for name in nullable):
                given = {k: null() if v is None else v for k, v in value.items()}
                connection.execute(table.insert().values(given))
    rows.clear()


def _reflected(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


def _outward(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return value


def _inward(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    try:
        if isinstance(column.type, DateTime):
            moment = datetime.fromisoformat(value)
            return moment if column.type.timezone else moment.replace(tzinfo=None)
        if isinstance(column.type, Date):
            return date.fromisoformat(value)
        if isinstance(column.type, LargeBinary):
            return base64.b64decode(value)
    except (ValueError, TypeError):
        raise BadDump(f"{column.table.name}.{column.name} holds {value!r:.50}") from None
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise BadDump from None
