"""Bytes to the inside convention: sRGB, 8 bit, upright, alpha apart.

Metadata policy: the EXIF orientation is applied and an embedded ICC profile is converted to sRGB; after
that EXIF, XMP, comments and profiles are dropped, on the way in and for good. Results therefore never
carry a caller's GPS position or camera serial number.
"""

import warnings
from io import BytesIO

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageCms

from xiutu.errors import TranscodeError
from xiutu.image.header import Header, read_header
from xiutu.image.picture import Picture

__all__ = ["decode"]

_SRGB = ImageCms.createProfile("sRGB")


def decode(data: bytes, header: Header | None = None) -> Picture:
    """Decode a jpeg, png, bmp, webp, gif or tiff file; of animations and multi-page files the first frame.

    Callers check ``xiutu.image.limits`` on the header first. Raises what ``read_header`` raises, and
    ``TranscodeError`` when the pixel data is truncated or corrupt.
    """
    header = header or read_header(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd files that it can read
            rgb, alpha = _pixels(data, header)
    except Exception as error:  # decoders raise a zoo of types for broken files
        raise TranscodeError(f"cannot decode {header.format}: {error}") from error
    if header.orientation != 1:
        rgb = _upright(rgb, header.orientation)
        alpha = None if alpha is None else _upright(alpha, header.orientation)
    if alpha is not None and int(alpha.min(initial=255)) == 255:
        alpha = None  # fully opaque: no reason to force PNG on the caller
    return Picture(np.ascontiguousarray(rgb), alpha, header.format)


def _pixels(data: bytes, header: Header) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    bomb_limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # limits were checked before
    try:
        with Image.open(BytesIO(data), formats=[header.format.upper()]) as image:
            profile = image.info.get("icc_profile")
            if header.format == "jpeg" and image.mode in ("RGB", "L"):
                rgb = np.asarray(simplejpeg.decode_jpeg(data, "RGB", fastdct=False))
                return _to_srgb(rgb, profile, image.mode), None
            return _via_pillow(image, profile)
    finally:
        Image.MAX_IMAGE_PIXELS = bomb_limit


def _via_pillow(
    image: Image.Image, profile: bytes | None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    image.seek(0)
    image.load()
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N"):
        image = Image.fromarray(np.rint(np.asarray(image) / 257.0).astype(np.uint8))
    elif image.mode in ("I", "F"):
        image = Image.fromarray(_stretch(np.asarray(image, dtype=np.float64)))
    if image.mode == "CMYK":
        return _cmyk(image, profile), None
    if image.has_transparency_data:
        rgba = np.asarray(image.convert("RGBA"))
        return _to_srgb(np.ascontiguousarray(rgba[:, :, :3]), profile, "RGB"), rgba[:, :, 3].copy()
    mode = "L" if image.mode in ("1", "L") else "RGB"
    return _to_srgb(np.asarray(image.convert("RGB")), profile, mode), None


def _stretch(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """32-bit integer and float greys: 16-bit data by its full range, 0..1 floats by theirs."""
    top = float(values.max(initial=0.0))
    scale = 255.0 if top <= 1.0 else 1.0 if top <= 255.0 else 255.0 / 65535.0
    return np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)


def _cmyk(image: Image.Image, profile: bytes | None) -> NDArray[np.uint8]:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
            if converted is not None:
                return np.asarray(converted)
        except (ImageCms.PyCMSError, OSError):
            pass  # an unusable profile: the plain formula is better than no picture
    return np.asarray(image.convert("RGB"))


def _to_srgb(rgb: NDArray[np.uint8], profile: bytes | None, mode: str) -> NDArray[np.uint8]:
    """Convert by the embedded profile; pictures that are sRGB already, and broken profiles, stay."""
    if not profile:
        return rgb
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return rgb
        grey = mode == "L"
        image = Image.fromarray(np.ascontiguousarray(rgb[:, :, 0]) if grey else rgb)
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return rgb
    return rgb if converted is None else np.asarray(converted)


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Apply EXIF orientation 2..8 to H x W (x C)."""
    if orientation in (5, 6, 7, 8):
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
