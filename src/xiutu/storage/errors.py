"""What can be wrong with the database itself, whoever asked."""

from xiutu.errors import XiutuError


class StorageError(XiutuError):
    """The database cannot serve; callers are answered with an internal error."""

    report = True
    public = "the database failed"


class StorageUnavailable(StorageError):
    """Not reachable, locked for too long, disk full, or closed."""

    public = "the database is not available"


class SchemaTooNew(StorageError):
    """A newer xiutu has migrated this database; this one would misread it."""

    public = "the database was migrated by a newer version of xiutu: update xiutu"


class UnsupportedDatabase(StorageError):
    """DATABASE_URL is neither a SQLite file nor PostgreSQL, or the driver is missing."""

    public = "DATABASE_URL must be sqlite:///path or postgresql://..."
