"""Read the tensors of a ``.pth`` file without torch and without running what the pickle asks for.

A pickle is a program. The unpicklers here know only the few names a plain state dict needs and
refuse everything else. Both layouts are read: the zip archive (torch >= 1.6) and the older stream
of pickles.
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from xiutu.errors import WeightsCorrupt

__all__ = ["read_state_dict"]

_DTYPES = {
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "DoubleStorage": np.dtype("<f8"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ByteStorage": np.dtype("u1"),
}


class _Storage:
    """A flat buffer; filled at once (zip layout) or after unpickling (stream layout)."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.data: NDArray[Any] = np.empty(0, dtype)


class _Tensor:
    """A view into a storage, resolved once every storage has its bytes."""

    def __init__(
        self,
        storage: _Storage,
        offset: int,
        size: tuple[int, ...],
        stride: tuple[int, ...],
        *_: Any,
    ) -> None:
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def array(self) -> NDArray[Any]:
        data = self.storage.data
        last = self.offset + sum((n - 1) * s for n, s in zip(self.size, self.stride, strict=True))
        if min((0, *self.stride)) < 0 or self.offset < 0 or last >= data.size:
            raise WeightsCorrupt("a tensor of the .pth file lies outside its storage")
        strides = [s * data.itemsize for s in self.stride]
        view = np.lib.stride_tricks.as_strided(data[self.offset :], self.size, strides)
        return np.ascontiguousarray(view)


def _parameter(data: _Tensor, *_: Any) -> _Tensor:
    return data


class _Unpickler(pickle.Unpickler):
    """Knows an OrderedDict, tensors and storages; every other global is refused."""

    def __init__(self, stream: io.BufferedIOBase, archive: zipfile.ZipFile | None) -> None:
        super().__init__(cast("Any", stream))
        self._archive = archive
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch._utils" and name == "_rebuild_tensor_v2":
            return _Tensor
        if module == "torch._utils" and name == "_rebuild_parameter":
            return _parameter
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise WeightsCorrupt(f"the .pth file asks for {module}.{name}, which is not a tensor")

    def persistent_load(self, pid: Any) -> _Storage:
        _, dtype, key, *_ = pid
        storage = self.storages.setdefault(str(key), _Storage(dtype))
        if self._archive is not None and not storage.data.size:
            name = next(n for n in self._archive.namelist() if n.endswith(f"/data/{key}"))
            storage.data = np.frombuffer(self._archive.read(name), dtype)
        return storage


def read_state_dict(path: Path) -> dict[str, NDArray[Any]]:
    """Return name -> array of a plain state dict.

    Raises:
        WeightsCorrupt: The file holds anything but tensors, or is cut off.
    """
    try:
        found = _read_zip(path) if zipfile.is_zipfile(path) else _read_stream(path)
    except (pickle.UnpicklingError, EOFError, StopIteration, ValueError, TypeError) as error:
        raise WeightsCorrupt(f"{path.name} is not a readable state dict: {error}") from error
    if not isinstance(found, dict):
        raise WeightsCorrupt(f"{path.name} holds no state dict")
    return {str(k): v.array() for k, v in found.items() if isinstance(v, _Tensor)}


def _read_zip(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
        return _Unpickler(io.BytesIO(archive.read(name)), archive).load()


def _read_stream(path: Path) -> Any:
    """Magic, protocol, system info, object, storage keys, then each storage: count, bytes."""
    with path.open("rb") as stream:
        for _ in range(3):
            _Unpickler(stream, None).load()
        reader = _Unpickler(stream, None)
        found = reader.load()
        for key in _Unpickler(stream, None).load():
            storage = reader.storages[str(key)]
            count = int.from_bytes(stream.read(8), "little")
            data = stream.read(count * storage.dtype.itemsize)
            storage.data = np.frombuffer(data, storage.dtype)
        return found
