"""FFDNet for colour pictures of any size (Zhang 2018, doi:10.1109/TIP.2018.2839891)."""

import numpy as np

from xiutu.image.tiles import Tile, core_side, map_tiles, tiles
from xiutu.models import session, threads
from xiutu.operators._base import Rgb
from xiutu.operators._nets.planes import to_picture, to_planes

__all__ = ["EXACT_PIXELS", "NETS", "ffdnet"]

NETS = ("ffdnet_color", "ffdnet_color_int8")
EXACT_PIXELS = 800_000  # a picture above this is worth the 8-bit network
OVERLAP = 24  # half of the receptive field, px: tiles equal the whole
CORES = (80, 208, 464)  # tile sides without their overlap, px


def ffdnet(image: Rgb, sigma: float, *, fast: bool | None = None) -> Rgb:
    """Remove white noise of a known strength.

    Args:
        image: H x W x 3 uint8, any size.
        sigma: Standard deviation of the noise in levels of 255, 0..75.
        fast: Whether to use the 8-bit network, three times as fast and up to 0.15 dB weaker; by
        default above
            ``EXACT_PIXELS``.

    Returns:
        H x W x 3 uint8.
    """
    height, width = image.shape[:2]
    quick = height * width > EXACT_PIXELS if fast is None else fast
    net = session(NETS[quick], 1)
    level = np.full((1, 1, 1, 1), sigma / 255, np.float32)

    def work(piece: Rgb, _: Tile) -> Rgb:
        feed = {"image": to_planes(piece), "sigma": level}
        return to_picture(net.run(["denoised"], feed)[0])

    out = np.empty_like(image)
    core = core_side(height, width, CORES)
    chosen = list(tiles(height, width, core))
    map_tiles(image, chosen, work, out, core=core, overlap=OVERLAP, workers=threads())
    return out
