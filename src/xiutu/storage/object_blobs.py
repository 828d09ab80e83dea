"""Blobs in an object store, through obstore (extra ``[blobs]``): S3 and whatever speaks it, and others.

Credentials and end point come from the store's own environment variables (``AWS_ACCESS_KEY_ID``,
``AWS_SECRET_ACCESS_KEY``, ``AWS_ENDPOINT``, ``AWS_REGION``, ``AWS_ALLOW_HTTP`` ...), not from the URL,
which is printed by ``xiutu doctor`` and in logs.
"""

from collections.abc import Iterator

from xiutu.storage.blobs import BlobsUnavailable, checked_key

__all__ = ["ObjectBlobs"]


class ObjectBlobs:
    """Raises ``BlobsUnavailable`` when the library is missing or the URL makes no sense."""

    def __init__(self, url: str) -> None:
        try:
            import obstore
            from obstore.exceptions import BaseError
            from obstore.store import from_url
        except ModuleNotFoundError:
            text = "BLOBS_URL needs its driver: pip install 'xiutu[blobs]'"
            raise BlobsUnavailable(text) from None
        self._obstore, self._failure = obstore, BaseError
        try:
            self._store = from_url(url)
        except (BaseError, ValueError) as error:
            raise BlobsUnavailable(f"BLOBS_URL: {error}") from error

    def put(self, key: str, data: bytes) -> None:
        try:
            self._obstore.put(self._store, checked_key(key), data)
        except (self._failure, OSError) as error:
            raise BlobsUnavailable(f"cannot write {key}: {error}") from error

    def get(self, key: str) -> bytes | None:
        try:
            return bytes(self._obstore.get(self._store, checked_key(key)).bytes())
        except FileNotFoundError:
            return None
        except (self._failure, OSError) as error:
            raise BlobsUnavailable(f"cannot read {key}: {error}") from error

    def delete(self, key: str) -> None:
        try:
            self._obstore.delete(self._store, checked_key(key))
        except FileNotFoundError:
            return
        except (self._failure, OSError) as error:
            raise BlobsUnavailable(f"cannot delete {key}: {error}") from error

    def keys(self, prefix: str) -> Iterator[str]:
        try:
            for page in self._obstore.list(self._store, checked_key(prefix)):
                yield from (str(row["path"]) for row in page)
        except (self._failure, OSError) as error:
            raise BlobsUnavailable(f"cannot list {prefix}: {error}") from error
