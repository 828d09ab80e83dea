"""The folder of converted weights: where a file is, whether it is there and whole."""

import hashlib
import os
import tempfile
from enum import StrEnum
from pathlib import Path

from xiutu import settings
from xiutu.errors import WeightsCorrupt, WeightsMissing
from xiutu.models import catalogue

__all__ = [
    "State",
    "checked_path",
    "sha256_of",
    "state",
    "store_root",
    "weights_path",
    "write_atomic",
]


class State(StrEnum):
    """What the store knows about one weight."""

    PRESENT = "present"
    MISSING = "missing"
    CORRUPT = "corrupt"


def store_root() -> Path:
    """The store's folder (setting ``MODELS``); it need not exist."""
    return settings.load().models_folder


def weights_path(name: str) -> Path:
    """Path of a weight, own or third-party.

    Raises:
        WeightsMissing: It is not in the store (the text names the command), or the name is unknown.
    """
    own = catalogue.own_nets().get(name)
    if own is not None:
        return _existing(own.path, name, "reinstall xiutu")
    known = catalogue.load().get(name)
    if known is None:
        raise WeightsMissing(f"no model weights called {name} are known")
    command = "xiutu models pull" + ("" if known.pack == "default" else f" {name}")
    return _existing(store_root() / known.file, name, f"run `{command}`")


def checked_path(name: str) -> Path:
    """As ``weights_path``, after comparing the file with its pinned hash.

    Raises:
        WeightsMissing: See ``weights_path``.
        WeightsCorrupt: The file differs from what the catalogue or card says.
    """
    path = weights_path(name)
    own = catalogue.own_nets().get(name)
    wanted = own.sha256 if own else catalogue.load()[name].sha256
    if sha256_of(path) != wanted:
        mend = "reinstall xiutu" if own else f"run `xiutu models pull {name}`"
        raise WeightsCorrupt(f"model weights {name} are damaged ({path}): {mend}")
    return path


def state(weight: catalogue.Weight, root: Path) -> State:
    """Whether ``root`` holds the weight's exact bytes; reads the whole file."""
    path = root / weight.file
    if not path.is_file():
        return State.MISSING
    return State.PRESENT if sha256_of(path) == weight.sha256 else State.CORRUPT


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomic(path: Path, data: bytes) -> None:
    """Write beside the target and rename, so that nobody ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _existing(path: Path, name: str, mend: str) -> Path:
    if not path.is_file():
        raise WeightsMissing(f"model weights {name} are missing: {mend}")
    return path
