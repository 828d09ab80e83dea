"""Small pictures for tests: freely licensed photographs that scikit-image ships, and drawn ones."""

from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

Array = NDArray[np.uint8]


@cache
def photo(width: int = 320, height: int = 240) -> Array:
    """Coffee cup (CC0) at the wanted size, RGB."""
    image = Image.fromarray(data.coffee()).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image)


@cache
def portrait(width: int = 320, height: int = 240) -> Array:
    """Eileen Collins (NASA, public domain): a face from the front, RGB, at the wanted size."""
    high = min(512, round(512 * height / width), 340)
    across = round(high * width / height)
    left = max(0, 230 - across // 2)
    crop = data.astronaut()[:high, left : left + across]
    image = Image.fromarray(crop).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image)


@cache
def noise(width: int, height: int, seed: int = 0) -> Array:
    """Random pixels: the worst case for every codec."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encoded(pixels: Array, name: str = "PNG", **options: Any) -> bytes:
    """File bytes of an array in a format of Pillow's."""
    out = BytesIO()
    Image.fromarray(pixels).save(out, name, **options)
    return out.getvalue()


@cache
def blank(width: int, height: int, name: str = "PNG") -> bytes:
    """A flat picture that compresses to almost nothing: for size limits."""
    out = BytesIO()
    Image.new("RGB", (width, height), (120, 140, 160)).save(out, name)
    return out.getvalue()
