"""Doubles both sides of a picture and keeps, or restores, its sharpness.

First it is measured what the picture suffers from, then it is treated accordingly:

- noise: FFDNet (doi:10.1109/TIP.2018.2839891) of the measured strength, of smaller pictures its mean over
  turned copies, then SPAN;
- strong JPEG compression: the artefacts go first, then SPAN; of smaller pictures the mean with waifu2x
  upconv_7 is taken, which does both at once, and what is left of artefacts goes at twice the size;
- light JPEG compression: FFDNet with a strength of 5 levels, then SPAN (large pictures: SPAN alone);
- neither: SPAN (doi:10.1109/CVPRW63382.2024.00628) alone.

Above ``EXACT_PIXELS`` networks run in fewer bits, and SPAN's share is bounded in pixels, so that 4
megapixels fit the time that client libraries wait.
"""

from functools import partial

import cv2
import numpy as np

from xiutu.operators._base import Cost, Params, Rgb
from xiutu.operators._nets import cunet
from xiutu.operators._nets import ffdnet as denoiser
from xiutu.operators._nets.artefacts import restore
from xiutu.operators._nets.careful import carefully
from xiutu.operators._nets.coding import Coding, coding, trusted
from xiutu.operators._nets.enlarge import NETS, quick, span, waifu2x
from xiutu.operators._nets.estimate import noise_sigma
from xiutu.operators._nets.planes import as_grey_as
from xiutu.operators._nets.turns import averaged, rounded, turns

__all__ = ["COST", "WEIGHTS", "Params", "apply", "enlarge"]

COST = Cost(fixed_mb=1000, bytes_per_pixel=25)
WEIGHTS: tuple[str, ...] = (*NETS, *denoiser.NETS, cunet.NET)

EXACT_PIXELS = 300_000
SPAN_PIXELS = 1_400_000  # of a large picture, that SPAN gets
SPAN_PIXELS_CLEANED = 500_000  # ... when another network had its turn before
NOISE_FLOOR = 3.5  # levels; fine texture measures up to 3
JPEG_STRONG = 80  # below this quality artefacts are worth a net of their own
JPEG_STRONG_FAST = 86  # ... on large pictures, where FFDNet's time is better given to SPAN
JPEG_LIGHT = 93  # above this quality nothing is to be seen
# Pixels for which there is time, copies counted: of FFDNet against noise, and of waifu2x
NOISY_PIXELS, WAIFU2X_PIXELS = 1_200_000, 400_000
# Shares by JPEG quality: of waifu2x, and of another turn of the net against artefacts, when enlarged.
WAIFU2X = ((10, 0.2), (30, 0.3), (50, 0.4))
AGAIN = ((10, 0.7), (30, 0.5), (50, 0.4), (65, 0.2), (80, 0.1))
MEAN_BLUR, MEAN_LOST = 1.0, 0.1  # px, and share of the detail below it that a mean of two loses
JPEG_SIGMA = 5.0  # levels of FFDNet against light compression


def apply(image: Rgb, params: Params) -> Rgb:
    """Picture of 2H x 2W. ``image`` is H x W x 3 uint8 sRGB of any size."""
    del params
    return enlarge(image, image.shape[0] * image.shape[1])


def enlarge(image: Rgb, pixels: int) -> Rgb:
    """As ``apply``, on the path of a picture of that many pixels."""
    sigma, fast = noise_sigma(image), pixels > EXACT_PIXELS
    coded = coding(image) if sigma < NOISE_FLOOR else None
    if sigma >= NOISE_FLOOR:
        clean = _denoised(image, min(sigma, 75.0), fast)
    elif coded and coded.quality < (JPEG_STRONG_FAST if fast else JPEG_STRONG):
        if not fast:
            return as_grey_as(image, _both(image, coded))
        clean = trusted(image, restore(image), coded)
    elif coded and coded.quality < JPEG_LIGHT and not fast:
        clean = denoiser.ffdnet(image, JPEG_SIGMA, fast=False)
    else:
        clean = image
    if not fast:
        return as_grey_as(image, span(clean))
    budget = SPAN_PIXELS if clean is image else SPAN_PIXELS_CLEANED
    return as_grey_as(image, quick(clean, min(1.0, budget / pixels)))


def _denoised(image: Rgb, sigma: float, fast: bool) -> Rgb:
    if fast:
        return denoiser.ffdnet(image, sigma, fast=True)
    exact = partial(denoiser.ffdnet, sigma=sigma, fast=False)
    return rounded(averaged(image, exact, turns(NOISY_PIXELS, image)))


def _both(image: Rgb, coded: Coding) -> Rgb:
    """A coded picture enlarged in two ways, which err differently, and cleaned once more."""
    at_once = averaged(image, waifu2x, turns(WAIFU2X_PIXELS, image))
    in_turn = quick(carefully(image, coded), 1.0)
    share = np.float32(coded.share(WAIFU2X))
    mean = share * at_once + (1 - share) * in_turn
    mean += MEAN_LOST * (mean - cv2.GaussianBlur(mean, (0, 0), MEAN_BLUR))
    once = rounded(mean)
    again = coded.share(AGAIN)
    return np.asarray(cv2.addWeighted(once, 1 - again, restore(once), again, 0), np.uint8)
