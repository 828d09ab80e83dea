"""The pictures that speed is measured on, as files: the same on every machine."""

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from xiutu import contract
from xiutu.cli.bench_pictures import drawn

QUALITIES = (95, 92, 88, 84, 80, 75, 70, 60, 50)


def jpeg(width: int, height: int, target_bytes: int) -> bytes:
    """The drawn picture of `xiutu bench` as JPEG, of the quality that comes near a size from below."""
    return _coded(drawn("", width, height), target_bytes)


def sample(operator: str, width: int, height: int) -> bytes:
    """JPEG with work for an operator, of the highest quality that the contract's limit allows.

    For image_definition_enhance it is quality 40: above 85 a very large picture is left as it is.
    """
    limit = contract.operator(operator).image_limits["image"].max_base64_bytes_recommended
    # base64 is 4 / 3 of the file; some operators count it percent-encoded, 6 % more again.
    qualities = (40,) if operator == "image_definition_enhance" else QUALITIES
    return _coded(drawn(operator, width, height), int(limit * 0.7), qualities)


def _coded(pixels: NDArray[np.uint8], most: int, qualities: tuple[int, ...] = QUALITIES) -> bytes:
    data = b""
    for quality in qualities:
        data = simplejpeg.encode_jpeg(pixels, quality=quality, colorsubsampling="420")
        if len(data) <= most:
            break
    return data
