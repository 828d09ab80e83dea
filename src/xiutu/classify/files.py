"""Where the files of custom classification lie: pictures and features by digest, models by number."""

import hashlib
import io
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xiutu.errors import BadDataset
from xiutu.storage.blobs import FolderBlobs

__all__ = ["Files"]


class Files:
    """The folder ``DATA/classify``. Writes are atomic; several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._blobs = FolderBlobs(folder / "blobs")

    @staticmethod
    def digest(data: bytes) -> str:
        """SHA-256 of a picture's file, hexadecimal: its name in here."""
        return hashlib.sha256(data).hexdigest()

    def keep_picture(self, digest: str, data: bytes) -> None:
        self._blobs.put(_key("pictures", digest), data)

    def picture(self, digest: str) -> bytes:
        """Raises ``BadDataset`` when the file is lost."""
        data = self._blobs.get(_key("pictures", digest))
        if data is None:
            raise BadDataset(
                f"the file of picture {digest[:12]} is lost: delete it and import it anew"
            )
        return data

    def keep_features(self, kind: str, digest: str, features: NDArray[np.float32]) -> None:
        buffer = io.BytesIO()
        np.save(buffer, features, allow_pickle=False)
        self._blobs.put(_key(f"features/{kind}", digest) + ".npy", buffer.getvalue())

    def features(self, kind: str, digest: str) -> NDArray[np.float32] | None:
        """What was computed before, or None."""
        data = self._blobs.get(_key(f"features/{kind}", digest) + ".npy")
        if data is None:
            return None
        try:
            return np.asarray(np.load(io.BytesIO(data), allow_pickle=False), dtype=np.float32)
        except (ValueError, EOFError, OSError):  # a broken disk: computing them again mends it
            return None

    def forget_picture(self, digest: str) -> None:
        """The picture and all that was computed from it."""
        self._blobs.delete(_key("pictures", digest))
        for kind in sorted((self.folder / "blobs/features").glob("*")):
            self._blobs.delete(_key(f"features/{kind.name}", digest) + ".npy")

    def model(self, number: int) -> Path:
        """Folder of a model; it exists once its training has begun."""
        return self.folder / "models" / str(number)

    def forget_model(self, number: int) -> None:
        shutil.rmtree(self.model(number), ignore_errors=True)


def _key(kind: str, digest: str) -> str:
    return f"{kind}/{digest[:2]}/{digest}"
