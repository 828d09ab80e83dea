"""Makes pictures that coding has blurred clear again: JPEG artefacts go, edges get their definition back.

1. Networks take coding artefacts away (blocks, ringing, washed-out colour) without being told how
   strong they are: ``definition`` of this project, and for pictures of up to 0.4 megapixels also
   its mean over turned copies, and waifu2x cunet, which errs in other ways. What strong compression
   leaves, a second pass takes away. The better a picture was coded, the more of it is kept, and small
   ones are held to the quantisation steps their coefficients were in. Very large pictures have one
   pass, a little exaggerated, where their detail is, or none when they show no trace of coding.
2. What is still blurred is sharpened on luminance: as far as its sharpest edges are wide, without
   halos, and not where noise or strong compression would be brought out (``xiutu.image.sharpen``).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from xiutu.image.sharpen import edge_width, sharpen
from xiutu.models import threads
from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base
from xiutu.operators._nets import ffdnet as denoiser
from xiutu.operators._nets.artefacts import restore
from xiutu.operators._nets.careful import carefully
from xiutu.operators._nets.coding import Coding, coding, trusted
from xiutu.operators._nets.cunet import NET
from xiutu.operators._nets.estimate import noise_sigma

__all__ = ["COST", "WEIGHTS", "Params", "apply", "cleaned", "defined", "enhance"]

COST = Cost(fixed_mb=620, bytes_per_pixel=12)
WEIGHTS: tuple[str, ...] = (NET, *denoiser.NETS)

CAREFUL_PIXELS = 400_000  # up to this, all that there is is done
LARGE_PIXELS = 6_000_000  # above, one pass at most, and for visible coding only
NET_PIXELS = 8_000_000  # of a picture, that the network sees: those with most detail
# Shares by JPEG quality of a second pass, for what the first leaves
AGAIN = ((10, 1.0), (20, 0.7), (35, 0.0))
FURTHER = 0.35  # of the first pass, instead of a second one where that takes too long
VISIBLE = 85  # JPEG quality above which a very large picture shows no artefacts
DOUBT = 0.5  # share of the network's result where no trace of coding is found
SHARP, SOFT = 0.60, 0.80  # px, width of the sharpest edges: nothing to do, all there is to do
LENS = 0.5  # px, width of an edge that counts as sharp
AMOUNT = 3.4  # weight of the correction at ``detail`` 1
COARSE, FINE = 25, 70  # JPEG quality that allows no sharpening, and all of it
NOISY = 8.0  # levels of noise that forbid sharpening


@dataclass(frozen=True)
class Params(Base):
    """``detail`` 0..1: how much of a remaining blur is undone; 0 only takes artefacts away."""

    detail: float = param(
        0.5,
        minimum=0.0,
        maximum=1.0,
        help="sharpening of what is still blurred: 0 none, 1 strong",
        own=True,
    )


def apply(image: Rgb, params: Params) -> Rgb:
    """Clearer picture, same size as ``image`` (H x W x 3 uint8 sRGB, any size)."""
    return enhance(image, params.detail, image.shape[0] * image.shape[1])


def enhance(image: Rgb, detail: float, pixels: int) -> Rgb:
    """As ``apply``, on the path of a picture of that many pixels."""
    coded = coding(image)
    return defined(cleaned(image, coded, pixels), detail, coded)


def cleaned(image: Rgb, coded: Coding | None, pixels: int) -> Rgb:
    """The first step: no coding artefacts."""
    large = pixels > LARGE_PIXELS
    if large and (coded is None or coded.quality > VISIBLE):
        return image.copy()
    if coded and pixels <= CAREFUL_PIXELS:
        return carefully(image, coded)
    clean = restore(image, most=NET_PIXELS, exact=pixels <= CAREFUL_PIXELS)
    if coded is None:  # a clean picture; or one resized since, so that no grid is left
        return np.asarray(cv2.addWeighted(image, 1 - DOUBT, clean, DOUBT, 0), np.uint8)
    again = coded.share(AGAIN)
    if again and large:
        first, second, share = image, clean, 1 + FURTHER * again
    elif again:
        first, second, share = clean, restore(clean), again
    else:
        return trusted(image, clean, coded)
    return np.asarray(cv2.addWeighted(first, 1 - share, second, share, 0), np.uint8)


def defined(clean: Rgb, detail: float, coded: Coding | None) -> Rgb:
    """The second step: ``clean`` sharpened as far as it needs and bears."""
    width = edge_width(clean) if detail else None
    if width is None:
        return clean
    noise = noise_sigma(clean)
    share = _ramp(width, SHARP, SOFT) * _ramp(coded.quality if coded else 100, COARSE, FINE)
    amount = AMOUNT * detail * share * _ramp(noise, NOISY, NOISY / 2)
    if amount < 0.05:
        return clean
    blur = max(width**2 - LENS**2, 0.2) ** 0.5
    return sharpen(clean, min(blur, 2.0), amount, 0.6 + noise, threads())


def _ramp(value: float, none: float, full: float) -> float:
    """0 at ``none``, 1 at ``full``, linear between."""
    return min(max((value - none) / (full - none), 0.0), 1.0)
