"""The inside convention to bytes: one policy for every operator.

JPEG in gives JPEG quality 95 (4:4:4, so that colours survive a second pass) unless there is alpha;
everything else gives PNG with a fast compression level (ambiguities A-34).
"""

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from xiutu.errors import TranscodeError
from xiutu.image.picture import Picture

__all__ = ["JPEG_QUALITY", "encode", "encode_png"]

JPEG_QUALITY = 95
# Level 1: results are read once and thrown away, time matters more than the last tenth of their size.
_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1]


def encode(picture: Picture, source_format: str) -> bytes:
    """Encode for an input that was ``source_format``. Raises ``TranscodeError`` when it cannot be done."""
    if source_format == "jpeg" and picture.alpha is None:
        return _jpeg(picture.rgb)
    if picture.alpha is None:
        return encode_png(picture.rgb)
    return encode_png(np.dstack([picture.rgb, picture.alpha]))


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """PNG of H x W (grey), H x W x 3 (RGB) or H x W x 4 (RGBA) uint8."""
    if pixels.ndim == 3:
        code = cv2.COLOR_RGB2BGR if pixels.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        pixels = np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)
    done, data = cv2.imencode(".png", pixels, _PNG)
    if not done:
        raise TranscodeError("PNG encoding failed")
    return data.tobytes()


def _jpeg(rgb: NDArray[np.uint8]) -> bytes:
    try:
        data: bytes = simplejpeg.encode_jpeg(
            np.ascontiguousarray(rgb),
            quality=JPEG_QUALITY,
            colorspace="RGB",
            colorsubsampling="444",
        )
    except (ValueError, MemoryError) as error:
        raise TranscodeError(f"JPEG encoding failed: {error}") from error
    return data
