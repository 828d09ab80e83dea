"""Embedded colour profiles to sRGB (Little CMS, perceptual intent)."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

__all__ = ["cmyk_to_srgb", "to_srgb"]

_SRGB = ImageCms.createProfile("sRGB")


def to_srgb(rgb: NDArray[np.uint8], profile: bytes | None, grey: bool) -> NDArray[np.uint8]:
    """H x W x 3 uint8 by its profile; pictures that are sRGB already, and broken profiles, stay.

    ``grey``: the file has one channel, and so the profile is one for grey.
    """
    if not profile:
        return rgb
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return rgb
        image = Image.fromarray(np.ascontiguousarray(rgb[:, :, 0]) if grey else rgb)
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return rgb
    return rgb if converted is None else np.asarray(converted)


def cmyk_to_srgb(image: Image.Image, profile: bytes | None) -> NDArray[np.uint8]:
    """A picture of mode CMYK by its profile, or by the plain formula without a usable one."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
            if converted is not None:
                return np.asarray(converted)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # an unusable profile: the plain formula is better than no picture
    return np.asarray(image.convert("RGB"))
