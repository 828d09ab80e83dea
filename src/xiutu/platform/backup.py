"""Backup and restore of an installation: database, secret key, custom classifiers, in one file.

The file is a gzipped tar of ``manifest.json``, ``database.jsonl`` (``storage/dump.py``), ``secret.key``
and ``classify/...``. The dump is one consistent state, also beside a running server; files of
classifiers are never changed once the database names them. Who has the file has every key: mode 0600.
"""

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from xiutu.errors import PlatformError
from xiutu.platform.keyring import Keyring
from xiutu.settings import Settings
from xiutu.storage import Database, dialects, dump, migrate
from xiutu.version import VERSION

__all__ = ["BackupError", "Summary", "backup", "restore"]

_FORMAT = 1
_MANIFEST, _DATABASE, _KEY, _CLASSIFY = "manifest.json", "database.jsonl", "secret.key", "classify"
_COMPUTED = ("classify/blobs/features/",)
"""Left out: made again when they are needed."""


class BackupError(PlatformError):
    """The file is no backup, or the place to restore to is taken; the text says what to do."""

    public = "backup or restore failed"


@dataclass(frozen=True)
class Summary:
    """``schema`` is the revision of the database when the backup was made."""

    made_at: str
    version: str
    schema: str
    rows: int
    files: int


def backup(settings: Settings, file: Path) -> Summary:
    """Write the installation to ``file``, which appears once it is complete.

    Raises ``BackupError``, ``StorageError``, ``SecretKeyError`` or ``OSError``.
    """
    key_file = settings.secret_key_file or settings.data / _KEY
    Keyring.read(key_file)  # a backup without its key would be worth nothing
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
                with tempfile.TemporaryFile(dir=file.parent) as lines:
                    schema, rows = _dumped(settings, lines)
                    _add(tar, _DATABASE, lines)
                _add(tar, _KEY, io.BytesIO(key_file.read_bytes()))
                files = sum(_added(tar, settings.data / _CLASSIFY))
                made = Summary(datetime.now(UTC).isoformat(), VERSION, schema, rows, files)
                manifest = json.dumps({"format": _FORMAT, **vars(made)}, indent=1)
                _add(tar, _MANIFEST, io.BytesIO(manifest.encode()))
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    return made


def restore(settings: Settings, file: Path, *, force: bool = False) -> tuple[Summary, list[Path]]:
    """Put a backup where these settings say, and migrate it to this version's schema.

    The database must be empty or not there; with ``force`` a SQLite database, a different key and
    a folder of classifiers are set aside, and the list says where they are now. Stop the server
    first. Raises ``BackupError``, ``StorageError``, ``SecretKeyError`` or ``OSError``.
    """
    stamp = f".before-restore-{datetime.now(UTC):%Y%m%d%H%M%S}"
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside: list[Path] = []
    with _opened(file) as tar:
        made = _manifest(tar)
        if made.schema not in migrate.known():
            raise BackupError(f"{file} was made by xiutu {made.version}: update this one first")
        key, key_file = _member(tar, _KEY).read(), settings.secret_key_file or settings.data / _KEY
        other_key = key_file.exists() and key_file.read_bytes().strip() != key.strip()
        classify = settings.data / _CLASSIFY
        if (other_key or classify.exists()) and not force:
            taken = key_file if other_key else classify
            raise BackupError(f"{taken} is there already; --force sets it aside")
        lines = io.TextIOWrapper(_member(tar, _DATABASE), encoding="utf-8")
        if force:
            moved = dialects.set_aside(settings.database_url, settings.data, stamp)
            aside += [moved] if moved else []
        try:
            dump.load(settings.data, settings.database_url, made.schema, lines)
        except BaseException as error:
            for path in aside:  # nothing has been changed then
                path.replace(path.with_name(path.name.removesuffix(stamp)))
            if not isinstance(error, dump.NotEmpty):
                raise
            raise BackupError(
                "there is a database already: --force sets a SQLite one aside; for PostgreSQL name "
                "an empty one"
            ) from None
        for path, taken_ in ((key_file, other_key), (classify, classify.exists())):
            if taken_:
                aside.append(path.rename(path.with_name(path.name + stamp)))
        if not key_file.exists():
            _write_key(key_file, key)
        _extract(tar, settings.data)
    Database.open(settings.data, settings.database_url).close()
    return made, aside


def _dumped(settings: Settings, out: IO[bytes]) -> tuple[str, int]:
    """Revision and number of rows."""
    database = Database.open(settings.data, settings.database_url)
    rows = 0
    try:
        with database.snapshot() as connection:
            revision = migrate.current(connection)
            for line in dump.write(connection):
                rows += line.startswith("[")
                out.write(line.encode())
    finally:
        database.close()
    assert revision is not None
    return revision, rows


def _add(tar: tarfile.TarFile, name: str, source: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = source.seek(0, os.SEEK_END)
    member.mode, member.mtime = 0o600, int(datetime.now(UTC).timestamp())
    source.seek(0)
    tar.addfile(member, source)


def _added(tar: tarfile.TarFile, folder: Path) -> Iterator[bool]:
    """Files of the folder; one that goes away meanwhile was deleted by its owner."""
    for path in sorted(folder.rglob("*")):
        name = f"{_CLASSIFY}/{path.relative_to(folder).as_posix()}"
        if not path.is_file() or path.is_symlink() or name.startswith(_COMPUTED):
            continue
        try:
            with path.open("rb") as source:
                _add(tar, name, source)
        except FileNotFoundError:
            continue
        yield True


def _opened(file: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(file, mode="r:gz")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(f"{file} is no backup of xiutu: {error}") from error


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        found = tar.extractfile(name)
    except (KeyError, tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(f"the backup has no {name}, or is damaged: {error}") from error
    if found is None:
        raise BackupError(f"the backup's {name} is no file")
    return found


def _manifest(tar: tarfile.TarFile) -> Summary:
    try:
        values = json.loads(_member(tar, _MANIFEST).read())
        if values.pop("format") != _FORMAT:
            raise BackupError("the backup is of a newer format: update xiutu")
        return Summary(**values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError("the backup's manifest is damaged") from error


def _write_key(path: Path, key: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    Keyring.read(path)


def _extract(tar: tarfile.TarFile, data: Path) -> None:
    """The classifiers' files, nothing else and nowhere else."""
    for member in tar:
        parts = PurePosixPath(member.name).parts
        if member.isfile() and parts[0] == _CLASSIFY and ".." not in parts:
            tar.extract(member, data, filter="data")
