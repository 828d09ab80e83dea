"""Doubles both sides of a picture and keeps, or restores, its sharpness.

First it is measured what the picture suffers from, then it is treated accordingly:

- noise: FFDNet (doi:10.1109/TIP.2018.2839891) of the measured strength, then SPAN;
- strong JPEG compression: waifu2x upconv_7, trained to take artefacts away while enlarging;
- light JPEG compression: FFDNet with a strength of 5 levels, then SPAN;
- neither: SPAN (doi:10.1109/CVPRW63382.2024.00628) alone.

Above ``EXACT_PIXELS`` the 8-bit versions of these networks serve, so that 4 megapixels fit the time
that client libraries wait; flat tiles are enlarged bicubically there.
"""

import cv2
import numpy as np

from xiutu.operators._base import Cost, Params, Rgb
from xiutu.operators._nets import ffdnet as denoiser
from xiutu.operators._nets.enlarge import NETS, span, waifu2x
from xiutu.operators._nets.estimate import jpeg_quality, noise_sigma

__all__ = ["COST", "WEIGHTS", "Params", "apply", "enlarge"]

COST = Cost(fixed_mb=600, bytes_per_pixel=40)
WEIGHTS: tuple[str, ...] = (*NETS, *denoiser.NETS)

EXACT_PIXELS = 900_000
NOISE_FLOOR = 3.5  # levels; fine texture measures up to 3
JPEG_STRONG = 80  # below this quality artefacts are worth a net of their own
JPEG_LIGHT = 93  # above this quality nothing is to be seen
JPEG_SIGMA = 5.0  # levels of FFDNet against light compression


def apply(image: Rgb, params: Params) -> Rgb:
    """Picture of 2H x 2W. ``image`` is H x W x 3 uint8 sRGB of any size."""
    del params
    return enlarge(image, fast=image.shape[0] * image.shape[1] > EXACT_PIXELS)


def enlarge(image: Rgb, *, fast: bool) -> Rgb:
    """As ``apply``; ``fast`` chooses the 8-bit networks."""
    sigma, quality = noise_sigma(image), jpeg_quality(image)
    if sigma >= NOISE_FLOOR:
        result = span(denoiser.ffdnet(image, min(sigma, 75.0), fast=fast), fast=fast)
    elif quality is not None and quality < JPEG_STRONG:
        result = waifu2x(image, fast=fast)
    elif quality is not None and quality < JPEG_LIGHT:
        result = span(denoiser.ffdnet(image, JPEG_SIGMA, fast=fast), fast=fast)
    else:
        result = span(image, fast=fast)
    grey = not np.any(cv2.absdiff(image, image[:, :, :1].repeat(3, axis=2)))
    return _without_colour(result) if grey else result


def _without_colour(image: Rgb) -> Rgb:
    """Networks tint grey pictures by a level or two; their green channel is as good as any."""
    return np.ascontiguousarray(image[:, :, 1:2].repeat(3, axis=2))
