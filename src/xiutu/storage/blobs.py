"""Files that outlive a call: in a folder by default, in an object store where one is configured.

A store keeps bytes by key. Keys are made by this program, never by a caller. Who may read a blob, and
until when, is decided by those who hand them out.
"""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from xiutu.storage.errors import StorageError

__all__ = ["BadBlobKey", "Blobs", "BlobsUnavailable", "FolderBlobs", "open_blobs"]

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9]+)?(?:/[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9]+)?)*")

_PART = "PART-"
_ABANDONED_S = 3600


class BlobsUnavailable(StorageError):
    """The store cannot be opened, read or written."""

    public = "the blob store cannot be used"


class BadBlobKey(ValueError):
    """No key of ours: lower-case letters, digits, ``-``, ``_``, one dot before an ending, ``/``."""


class Blobs(Protocol):
    """May be used from several threads. Everything raises ``BlobsUnavailable``."""

    def put(self, key: str, data: bytes) -> None:
        """Store, replacing what was there; readers see the old bytes or the new, never half."""
        ...

    def get(self, key: str) -> bytes | None:
        """The bytes, or None where there are none."""
        ...

    def delete(self, key: str) -> None:
        """Gone afterwards, whether or not it was there."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below ``prefix/``, in no particular order."""
        ...


def open_blobs(url: str | None, folder: Path) -> Blobs:
    """``url`` None: ``folder``. ``file:///path``: that one. Anything else is an object store
    (``s3://bucket/prefix``, ``gs://``, ``az://``) and needs the extra ``[blobs]``.

    Raises ``BlobsUnavailable``.
    """
    if url is None:
        return FolderBlobs(folder)
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderBlobs(Path(unquote(parts.path)))
    from xiutu.storage.object_blobs import ObjectBlobs

    return ObjectBlobs(url)


def checked_key(key: str) -> str:
    """The key, if it is one. Raises ``BadBlobKey``."""
    if _KEY.fullmatch(key) is None:
        raise BadBlobKey(key)
    return key


class FolderBlobs:
    """A file for each blob below ``folder``, which is made with the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for path in folder.rglob(f"{_PART}*"):  # a process was killed while it wrote
            if time.time() - path.stat().st_mtime > _ABANDONED_S:
                path.unlink(missing_ok=True)

    def put(self, key: str, data: bytes) -> None:
        path = self._folder / checked_key(key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Upper case is in no key, so nobody can ask for a file that is not complete.
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=_PART)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise BlobsUnavailable(f"cannot write {path}: {error}") from error

    def get(self, key: str) -> bytes | None:
        path = self._folder / checked_key(key)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BlobsUnavailable(f"cannot read {path}: {error}") from error

    def delete(self, key: str) -> None:
        path = self._folder / checked_key(key)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise BlobsUnavailable(f"cannot delete {path}: {error}") from error

    def keys(self, prefix: str) -> Iterator[str]:
        for path in sorted((self._folder / checked_key(prefix)).rglob("*")):
            key = path.relative_to(self._folder).as_posix()
            if _KEY.fullmatch(key) and path.is_file():
                yield key
