"""Image style transfer: one picture in nine looks.

Painted looks (wave, lavender, mononoke, scream) and pieced ones (warm: candy-coloured blocks,
gothic: leaded glass) start from the 26-style network of Dumoulin, Shlens, Kudlur, "A learned
representation for artistic style", ICLR 2017, arXiv:1610.07629; each has its own palette, strokes
along the forms (line integral convolution, doi:10.1145/166117.166151) or superpixel cells
(doi:10.1109/TPAMI.2012.120). Drawn looks (cartoon, pencil, color_pencil) are edge-aware filters and
difference-of-Gaussian lines (Winnemoeller, Kyprianidis, Olsen, Computers & Graphics 2012,
doi:10.1016/j.cag.2012.03.004). All work at about a megapixel and are moved to full size with the
photograph's own detail; lines, hatching and paper are made at full size.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base
from xiutu.operators._styles import canvas, drawn, net, painted, pieced

__all__ = ["COST", "OPTIONS", "WEIGHTS", "Params", "apply"]

OPTIONS = (
    "cartoon",
    "pencil",
    "color_pencil",
    "warm",
    "wave",
    "lavender",
    "mononoke",
    "scream",
    "gothic",
)
COST = Cost(fixed_mb=500, bytes_per_pixel=8)
WEIGHTS: tuple[str, ...] = (net.MULTISTYLE,)

# Drawn looks are sharp to the pixel: small pictures are drawn larger and reduced, so that strokes
# stay fine beside the forms.
_DRAWN = {"cartoon": drawn.cartoon, "pencil": drawn.pencil, "color_pencil": drawn.color_pencil}
_PIECED = {"warm": pieced.warm, "gothic": pieced.gothic}
_SHEET_MEGAPIXELS = 1.2


@dataclass(frozen=True)
class Params(Base):
    """Look and how much of it."""

    option: str = param("cartoon", choices=OPTIONS, help="look of the result")
    strength: float = param(
        1.0, minimum=0.0, maximum=1.0, own=True, help="1 = the look, 0 = the picture as it is"
    )


def apply(image: Rgb, params: Params) -> Rgb:
    """Redraw ``image`` (H x W x 3 uint8, any size) in the look ``params.option``; same size."""
    if params.strength <= 0:
        return image.copy()
    result = _styled(image, params.option)
    if params.strength >= 1:
        return result
    share = params.strength
    return np.asarray(cv2.addWeighted(result, share, image, 1 - share, 0), np.uint8)


def _styled(image: Rgb, option: str) -> Rgb:
    if option in _PIECED:
        return _PIECED[option](image)
    if option not in _DRAWN:
        return painted.paint(image, option)
    h, w = image.shape[:2]
    large = canvas.fit_size(w, h, _SHEET_MEGAPIXELS, zoom=2.0)
    if large[0] <= w:
        return _DRAWN[option](image)
    return canvas.resized(_DRAWN[option](canvas.resized(image, large)), (w, h))
