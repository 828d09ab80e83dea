"""Bring a database to the newest schema. Quick when nothing is to do; safe when two try at once."""

import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from xiutu.storage.dialects import lock_for_migration
from xiutu.storage.errors import SchemaTooNew

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"
"""The newest revision in ``migrations/versions`` (a test compares them). Kept here so that opening
an up-to-date database need not import alembic: every CLI command would wait for it."""

# alembic hands the connection to migrations through module globals.
_one_at_a_time = threading.Lock()


def is_current(connection: Connection) -> bool:
    return current(connection) == HEAD


def current(connection: Connection) -> str | None:
    """The revision of the database; ``None`` for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def upgrade(connection: Connection, revision: str | None = None) -> None:
    """Apply what is missing, within the caller's transaction: all of it or nothing.

    ``revision`` stops there: a backup of an older version is loaded into the schema of its time.

    The caller's must be a write transaction. Raises ``SchemaTooNew`` for a database that a newer
    version of this program has migrated.
    """
    from alembic import command

    lock_for_migration(connection)
    # Another process may have migrated while this one waited for the lock.
    found = current(connection)
    if found == HEAD:
        return
    if {found, revision} - {None} - known():
        raise SchemaTooNew
    with _one_at_a_time:
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision or "head")


@cache
def known() -> frozenset[str]:
    """Every revision this version of the program can start from."""
    from alembic.script import ScriptDirectory

    return frozenset(
        script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()
    )


def config() -> "Config":
    """alembic's configuration, without a file: only where the migrations are."""
    from alembic.config import Config

    settings = Config()
    folder = Path(__file__).parent / "migrations"
    settings.set_main_option("script_location", str(folder).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings
