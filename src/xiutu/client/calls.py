"""What a call sends, and the checks that answer before anything is sent (SDK100 to SDK109)."""

import base64
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

from PIL import Image

from xiutu import contract

__all__ = ["Call", "LocalError", "Picture", "prepare"]

Picture = bytes | str | PathLike[str]
"""Bytes of a file, or its path."""

_FORMATS = {"JPEG": "jpeg", "PNG": "png", "BMP": "bmp", "WEBP": "webp"}


@dataclass(frozen=True)
class Call:
    """One request: path, and either form fields or a JSON body."""

    path: str
    fields: dict[str, Any]
    is_json: bool


class LocalError(Exception):
    """A documented client-side error; ``answer`` is what the caller gets instead of a server answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.answer = {"error_code": code, "error_msg": contract.sdk_local_codes()[code]}


def prepare(
    operator: str, pictures: Mapping[str, Picture], options: Mapping[str, Any] | None, **named: Any
) -> Call:
    """Build the request of an operator. Raises ``LocalError`` for pictures the server would refuse."""
    row = contract.operator(operator)
    fields = {name: value for name, value in (options or {}).items() if value is not None}
    fields |= named
    for name, picture in pictures.items():
        fields[name] = _base64(row.image_limits.get(name), picture)
    return Call(row.path, fields, row.content_type == "application/json")


def _base64(limits: contract.InputLimits | None, picture: Picture) -> str:
    data = picture if isinstance(picture, bytes) else _file(picture)
    if limits is not None and "pdf" not in limits.formats:
        _check(limits, data)
    text = base64.b64encode(data).decode("ascii")
    if limits is not None and len(text) > limits.max_base64_bytes_recommended:
        raise LocalError("SDK100")
    return text


def _file(path: str | PathLike[str]) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        raise LocalError("SDK102") from None


def _check(limits: contract.InputLimits, data: bytes) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own idea of a large picture
            with Image.open(BytesIO(data), formats=list(_FORMATS)) as image:
                kind, (width, height) = str(image.format), image.size
    except Image.DecompressionBombError:  # beyond what Pillow looks at, and far beyond every limit
        raise LocalError("SDK101") from None
    except Exception:  # any parser fault: not a picture we could send
        raise LocalError("SDK109") from None
    if _FORMATS[kind] not in limits.file_formats:
        raise LocalError("SDK109")
    if not limits.sides_fit(width, height):
        raise LocalError("SDK101")
