"""A PIL image to the inside convention: sRGB, 8 bit, upright, alpha apart."""

import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xiutu.errors import TranscodeError
from xiutu.image.exif import ORIENTATION, SWAPPED, orientation_of, valid_orientation
from xiutu.image.icc import cmyk_to_srgb, to_srgb
from xiutu.image.picture import Picture

__all__ = ["from_pillow", "upright"]

Pixels = NDArray[np.uint8]
_WIDE = ("I;16", "I;16B", "I;16L", "I;16N")
_GREY = ("1", "L", "LA", "La")


def from_pillow(image: Image.Image, orientation: int | None = None) -> Picture:
    """Convert a PIL image of any mode; of several frames the current one. ``image`` stays as it is.

    ``orientation``: EXIF orientation to apply, 1..8; None reads it from the image's own EXIF block.
    Raises ``TranscodeError`` when its pixels cannot be loaded or are of a mode without a way to RGB.
    """
    profile, block = image.info.get("icc_profile"), image.info.get("exif")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd files that it can read
            image.load()
            rgb, alpha = _pixels(image, profile)
    except Exception as error:  # decoders raise a zoo of types for broken files
        raise TranscodeError(f"cannot read the picture: {error}") from error
    if orientation is None:
        orientation = orientation_of(block) if isinstance(block, bytes) else _left_over(image)
    if orientation != 1:
        rgb = upright(rgb, orientation)
        alpha = None if alpha is None else upright(alpha, orientation)
    if alpha is not None and int(alpha.min(initial=255)) == 255:
        alpha = None  # fully opaque: no reason to force PNG on the caller
    return Picture(np.ascontiguousarray(rgb), alpha)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Apply EXIF orientation 1..8 to H x W (x C)."""
    if orientation in SWAPPED:
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _left_over(image: Image.Image) -> int:
    """Pillow turns a TIFF itself on loading and takes the tag away; what is still there is for us."""
    if image.format != "TIFF":
        return 1
    return valid_orientation(image.getexif().get(ORIENTATION))


def _pixels(image: Image.Image, profile: bytes | None) -> tuple[Pixels, Pixels | None]:
    if image.mode in _WIDE or image.mode in ("I", "F"):
        values, clear = np.asarray(image), image.info.get("transparency")
        grey = np.rint(values / 257.0).astype(np.uint8) if image.mode in _WIDE else _stretch(values)
        alpha = np.where(values == clear, 0, 255).astype(np.uint8) if _number(clear) else None
        return to_srgb(np.dstack([grey] * 3), profile, grey=True), alpha
    if image.mode == "CMYK":
        return cmyk_to_srgb(image, profile), None
    grey_profile = image.mode in _GREY
    if image.mode == "La":
        image = image.convert("LA")
    if image.has_transparency_data:
        rgba = np.asarray(image.convert("RGBA"))
        rgb = to_srgb(np.ascontiguousarray(rgba[:, :, :3]), profile, grey_profile)
        return rgb, rgba[:, :, 3].copy()
    return to_srgb(np.asarray(image.convert("RGB")), profile, grey_profile), None


def _number(value: object) -> bool:
    return isinstance(value, int)


def _stretch(values: NDArray[np.generic]) -> Pixels:
    """32-bit integer and float greys: 16-bit data by its full range, 0..1 floats by theirs."""
    numbers = np.nan_to_num(values.astype(np.float64))
    top = float(numbers.max(initial=0.0))
    scale = 255.0 if top <= 1.0 else 1.0 if top <= 255.0 else 255.0 / 65535.0
    return np.clip(np.rint(numbers * scale), 0, 255).astype(np.uint8)
