"""Removes noise with a strength the caller chooses: FFDNet for colour pictures.

FFDNet (K. Zhang, W. Zuo, L. Zhang, IEEE TIP 2018, doi:10.1109/TIP.2018.2839891) takes the noise's
standard deviation as an input, so ``option`` maps onto it directly: sigma = 0.375 x option, 200 is
sigma 75. It runs in 16-bit floats where the processor has them; elsewhere large pictures use the
8-bit version of the same network, which is three times as fast as 32 bits.
"""

from dataclasses import dataclass

from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base
from xiutu.operators._nets.ffdnet import NETS, ffdnet
from xiutu.operators._nets.planes import as_grey_as

COST = Cost(fixed_mb=200, bytes_per_pixel=8)
WEIGHTS: tuple[str, ...] = NETS

SIGMA_PER_OPTION = 0.375


@dataclass(frozen=True)
class Params(Base):
    """``option`` 0..200: denoising strength; 0 returns the picture as it is."""

    option: int = param(minimum=0, maximum=200, help="Denoising strength: noise sigma / 0.375")


def apply(image: Rgb, params: Params) -> Rgb:
    """Picture without noise, same size. ``image`` is H x W x 3 uint8 sRGB of any size."""
    if params.option == 0:
        return image.copy()
    return as_grey_as(image, ffdnet(image, params.option * SIGMA_PER_OPTION))
