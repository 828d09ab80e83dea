import ast
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from xiutu.classify import tables as classify
from xiutu.platform import tables
from xiutu.platform.billing import tables as billing
from xiutu.platform.console import tables as console
from xiutu.platform.management import tables as management
from xiutu.storage import Database, SchemaTooNew, StorageError, migrate
from xiutu.storage.schema import metadata

VERSIONS = Path(migrate.__file__).parent / "migrations/versions"


def test_migrated_schema_equals_the_tables(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    database.close()
    assert tables.usage.metadata is billing.wallets.metadata is metadata
    assert classify.models.metadata is metadata
    assert management.actions.metadata is metadata
    assert console.console_users.metadata is metadata


def test_head_is_the_newest_revision() -> None:
    assert ScriptDirectory.from_config(migrate.config()).get_heads() == [migrate.HEAD]


def test_migrations_do_not_import_tables() -> None:
    files = list(VERSIONS.glob("*.py"))
    assert files
    for file in files:
        imported = {
            name
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
            )
        }
        assert imported <= {"datetime", "sqlalchemy", "alembic", "xiutu.storage.dialects"}, file


def test_processes_that_open_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from xiutu.storage import Database;"
        "sys.stdin.readline(); Database.open(Path(sys.argv[1])).close()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "data")],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, errors
    with sqlite3.connect(tmp_path / "data/xiutu.db") as connection:
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    connection.close()
    assert rows == [(migrate.HEAD,)]


def test_a_failed_migration_leaves_nothing(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "xiutu.db")
    connection.execute("CREATE TABLE usage (x)")  # in the way of the last table that is made
    with pytest.raises(StorageError, match="usage"):
        Database.open(tmp_path)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    assert names == [("usage",)]


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "xiutu.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(SchemaTooNew, match="update xiutu"):
        Database.open(tmp_path)


def test_an_up_to_date_database_opens_without_alembic(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    code = (
        "import sys; from pathlib import Path; from xiutu.storage import Database;"
        "Database.open(Path(sys.argv[1])).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
