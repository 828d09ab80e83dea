"""waifu2x cunet at noise level 3: takes coding artefacts away, in other ways than ``definition`` does.

Its gates look at the mean of what they are given, so that tiles need not agree to the last level.
"""

import cv2
import numpy as np

from xiutu.image.tiles import fitting, map_tiles, tiles
from xiutu.models import quick_session, threads
from xiutu.operators._base import Rgb
from xiutu.operators._nets.planes import to_picture, to_planes

__all__ = ["NET", "cunet"]

NET = "waifu2x_cunet_noise3"
BORDER = 28  # px that the network takes away on each side
STEP = 4  # sides of a window must be multiples of it, px
# Sides that a tile may have, px: large, so that its mean is the picture's
CORES = range(240, 481, STEP)


def cunet(image: Rgb) -> Rgb:
    """The picture without artefacts; H x W x 3 uint8 of any size, same size out."""
    height, width = image.shape[:2]
    sides = (BORDER, BORDER + -height % STEP, BORDER, BORDER + -width % STEP)
    wide = np.asarray(cv2.copyMakeBorder(image, *sides, cv2.BORDER_REPLICATE), np.uint8)
    out = np.empty((wide.shape[0] - 2 * BORDER, wide.shape[1] - 2 * BORDER, 3), np.uint8)
    net = quick_session(NET)

    def work(piece: Rgb) -> Rgb:
        return to_picture(net.run(["restored"], {"image": to_planes(piece)})[0])

    core = fitting(out.shape[0], out.shape[1], CORES, BORDER)
    chosen = list(tiles(out.shape[0], out.shape[1], core))
    map_tiles(wide, chosen, work, out, core=core, overlap=0, border=BORDER, workers=threads())
    return np.ascontiguousarray(out[:height, :width])
