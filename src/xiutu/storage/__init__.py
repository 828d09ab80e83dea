"""The database: engine, transactions, migrations. Blobs and counters will live beside them.

**One style: synchronous SQLAlchemy 2 Core.** The command line, the migrations, the thread that
commits the usage ledger in groups and the services are all synchronous by nature; an asyncio engine
would have to be bridged in four places, while the HTTP side needs one bridge only: it calls the
services in a thread (``anyio.to_thread.run_sync``). The calls are short (a token check is one
indexed read), and with SQLite an "async" driver is a thread anyway.

SQLite is the default and PostgreSQL (extra ``[postgres]``) runs the same code: column types are
portable, and every line of SQL that only one of the two understands is in ``storage/dialects.py``.

This layer knows no table. Those who own tables declare them on ``storage.schema.metadata``; what
released versions made of them is in ``storage/migrations``, written out, never importing tables.
"""

from xiutu.storage.database import Database
from xiutu.storage.errors import SchemaTooNew, StorageError, StorageUnavailable, UnsupportedDatabase

__all__ = [
    "Database",
    "SchemaTooNew",
    "StorageError",
    "StorageUnavailable",
    "UnsupportedDatabase",
]
