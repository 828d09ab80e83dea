"""Takes JPEG artefacts away with all that there is: the mean of networks that err in different ways."""

from functools import partial

from xiutu.models import bfloat16
from xiutu.operators._base import Rgb
from xiutu.operators._nets.artefacts import restore
from xiutu.operators._nets.coding import Coding, consistent, trusted
from xiutu.operators._nets.cunet import cunet
from xiutu.operators._nets.ffdnet import ffdnet
from xiutu.operators._nets.planes import as_grey_as
from xiutu.operators._nets.turns import averaged, rounded, turns

__all__ = ["carefully"]

# Pixels for which there is time, copies counted, at most 8 copies: of definition, and of cunet.
PIXELS_16_BIT, PIXELS, PIXELS_CUNET = 2_000_000, 600_000, 600_000
# Shares by JPEG quality: of a second pass, for what the first one leaves, and of cunet.
AGAIN = ((10, 0.9), (20, 0.8), (30, 0.4), (40, 0.0))
CUNET = ((10, 0.0), (20, 0.4), (40, 0.45), (60, 0.3), (80, 0.2), (86, 0.0))
LIGHT, FEW = 86, 2  # JPEG quality from which so many copies do: more are worth 0.1 dB
REST = (3.0, 0.3)  # levels of noise that the mean is thought to hold, share of FFDNet against it


def carefully(image: Rgb, coded: Coding) -> Rgb:
    """The picture without coding artefacts, as well as it goes; for small ones, it takes its time.

    Args:
        image: H x W x 3 uint8, any size.
        coded: How it was coded.

    Returns:
        H x W x 3 uint8.
    """
    own = turns(PIXELS_16_BIT if bfloat16.available() else PIXELS, image)
    if coded.quality >= LIGHT:
        own = min(own, FEW)
    result = averaged(image, partial(restore, exact=True), own)
    again, other = coded.share(AGAIN), coded.share(CUNET)
    if again:
        result = (1 - again) * result + again * restore(rounded(result), exact=True)
    if other:
        result = (1 - other) * result + other * averaged(image, cunet, turns(PIXELS_CUNET, image))
    sigma, share = REST
    result = (1 - share) * result + share * ffdnet(rounded(result), sigma, fast=True)
    clean = rounded(consistent(image, result, coded))
    return trusted(image, as_grey_as(image, clean), coded)
