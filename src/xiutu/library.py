"""``xiutu.run``: one operator on one picture, in this process, no server."""

from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xiutu.image.decode import decode
from xiutu.image.encode import encode_png
from xiutu.image.from_pillow import from_pillow
from xiutu.image.picture import Picture
from xiutu.operators._params import picture_names
from xiutu.operators._registry import get
from xiutu.operators._runner import execute, inputs_of, run_picture

__all__ = ["Source", "run"]

Source = str | PathLike[str] | bytes | Image.Image | NDArray[np.uint8]


def run(operator: str, image: Source, **params: Any) -> Any:
    """Run an operator on a picture and return the result in kind.

    ``image``: a path, the bytes of a file, a PIL image, or an ndarray (H x W x 3 uint8 RGB; H x W grey
    and H x W x 4 RGBA are taken too). Files and PIL images are treated alike: turned upright by their
    EXIF orientation, converted to sRGB by their ICC profile, 16 bits brought to 8. Returned is an
    ndarray for an ndarray, bytes of a file for bytes, and a PIL image otherwise. Operators that answer
    several pictures (``sky_seg``) return a dict of all they answer. ``remove_moire`` takes a PDF, too: a
    path or bytes, with the page's number from 1 on as ``pdf_file_num``; bytes of it give those of a PNG.
    Further pictures (``style`` of ``customize_stylization``) may be of any of these kinds, too.

    >>> import numpy as np, xiutu
    >>> xiutu.run("dehaze", np.full((32, 32, 3), 200, np.uint8), strength=0.5).shape
    (32, 32, 3)

    Raises ``xiutu.errors.ParameterError`` for wrong parameters, ``PictureError`` for unusable pictures,
    ``OperatorError`` when the operator cannot do its work, ``OSError`` for an unreadable path.
    """
    params, further = _apart(operator, params)
    if isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.shape[2:] == (3,):
        decoded = {name: decode(data).rgb for name, data in further.items()}
        return run_picture(get(operator), image, params | decoded)
    data = _to_bytes(image)
    fields = execute(operator, inputs_of(operator, data) | further, params).fields
    results = {name: _in_kind(value, image) for name, value in fields.items()}
    pictures = [value for name, value in results.items() if isinstance(fields[name], bytes)]
    return pictures[0] if len(pictures) == 1 else results


def _apart(operator: str, params: dict[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Plain parameters, and the further pictures among them as bytes of files."""
    names = picture_names(get(operator).params)
    pictures = {n: _to_bytes(params[n]) for n in names if params.get(n) is not None}
    return {n: value for n, value in params.items() if n not in names}, pictures


def _to_bytes(image: Source) -> bytes:
    if isinstance(image, bytes | bytearray | memoryview):
        return bytes(image)
    if isinstance(image, np.ndarray):
        if image.dtype != np.uint8 or image.ndim not in (2, 3):
            raise TypeError(
                f"a uint8 array H x W (x 3 or 4) is due, not {image.dtype} {image.shape}"
            )
        return encode_png(image)
    if isinstance(image, Image.Image):
        return encode_png(_stacked(from_pillow(image)))
    return Path(fspath(image)).read_bytes()


def _in_kind(value: bytes | str, like: Source) -> Any:
    if isinstance(value, str) or isinstance(like, bytes | bytearray | memoryview):
        return value
    pixels = _stacked(decode(value))
    return pixels if isinstance(like, np.ndarray) else Image.fromarray(pixels)


def _stacked(picture: Picture) -> NDArray[np.uint8]:
    """H x W x 3, or x 4 where there is alpha."""
    return picture.rgb if picture.alpha is None else np.dstack([picture.rgb, picture.alpha])
