"""Bytes to the inside convention: sRGB, 8 bit, upright, alpha apart.

Metadata policy: the EXIF orientation is applied and an embedded ICC profile is converted to sRGB; after
that EXIF, XMP, comments and profiles are dropped, on the way in and for good. Results therefore never
carry a caller's GPS position or camera serial number.
"""

import threading
import warnings
from dataclasses import replace
from io import BytesIO

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from xiutu.errors import TranscodeError, XiutuError
from xiutu.image import png_chunks
from xiutu.image.from_pillow import from_pillow, upright
from xiutu.image.header import Header, read_header
from xiutu.image.icc import cmyk_to_srgb, to_srgb
from xiutu.image.jpeg import JpegHead, scan_head
from xiutu.image.picture import Picture

__all__ = ["decode"]

# Warnings of libjpeg that mean lost pixels. All others (stray bytes before a marker, an odd JFIF
# version) stand in files that every viewer opens without a flaw.
_DAMAGE = ("remature end", "bad Huffman code", "bad arithmetic code", "instead of RST")
# Progressive files have some ten scans; each goes over the whole picture again, however short it is.
_MOST_SCANS = 1000
# Pillow walks these one by one. Pixels come in pieces of 8 KB and more, or one row each.
_MOST_PNG_CHUNKS = 20_000
# Guards Pillow's module-wide bomb limit, switched off while we open: limits were checked before.
_OPENING = threading.Lock()


def decode(data: bytes, header: Header | None = None) -> Picture:
    """Decode a jpeg, png, bmp, webp, gif or tiff file; of animations and multi-page files the first frame.

    Callers check ``xiutu.image.limits`` on the header first. Raises what ``read_header`` raises, and
    ``TranscodeError`` when the pixel data is truncated or corrupt.
    """
    header = header or read_header(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd files that it can read
            picture = _jpeg(data, header) if header.format == "jpeg" else _other(data, header)
    except XiutuError:
        raise
    except Exception as error:  # decoders raise a zoo of types for broken files
        raise TranscodeError(f"cannot decode {header.format}: {error}") from error
    _same_size(picture.size, (header.width, header.height))
    return replace(picture, format=header.format)


def _other(data: bytes, header: Header) -> Picture:
    if header.format == "png":
        for _ in png_chunks.walk(data, _MOST_PNG_CHUNKS):
            pass
    with _OPENING:
        bomb_limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            with Image.open(BytesIO(data), formats=[header.format.upper()]) as image:
                if header.format == "tiff":  # Pillow turns these itself
                    return from_pillow(image)
                _same_size(image.size, header.stored_size)
                return from_pillow(image, header.orientation)
        finally:
            Image.MAX_IMAGE_PIXELS = bomb_limit


def _same_size(found: tuple[int, int], due: tuple[int, int]) -> None:
    """Limits were checked on the header: a decoder that reads another size must not go on."""
    if found != due:
        raise TranscodeError(f"sides contradict each other: {found} and {due}")


def _jpeg(data: bytes, header: Header) -> Picture:
    head = scan_head(data)
    if head.progressive and data.count(b"\xff\xda", head.scan) > _MOST_SCANS:
        raise TranscodeError(f"jpeg: more than {_MOST_SCANS} scans")
    data, profile = head.tidied(data), head.icc_profile(data)
    try:
        rgb = _by_simplejpeg(data, head, profile)
    except ValueError as error:
        if any(words in str(error) for words in _DAMAGE):
            raise
        # Slower, deaf to warnings, and still refuses a file that ends early. The plugin itself and not
        # Image.open, which would follow a multi-picture directory.
        with JpegImagePlugin.JpegImageFile(BytesIO(data)) as image:
            _same_size(image.size, header.stored_size)
            return from_pillow(image, header.orientation)
    return Picture(upright(rgb, header.orientation))


def _by_simplejpeg(data: bytes, head: JpegHead, profile: bytes | None) -> NDArray[np.uint8]:
    height, width = simplejpeg.decode_jpeg_header(data)[:2]
    _same_size((width, height), (head.width, head.height))
    if head.components == 4:  # CMYK and YCCK, inverted by Adobe's convention
        inks = simplejpeg.decode_jpeg(data, "CMYK", fastdct=False)
        image = Image.frombuffer("CMYK", (width, height), inks, "raw", "CMYK;I", 0, 1)
        return cmyk_to_srgb(image, profile)
    rgb = np.asarray(simplejpeg.decode_jpeg(data, "RGB", fastdct=False))
    return to_srgb(rgb, profile, grey=head.components == 1)
