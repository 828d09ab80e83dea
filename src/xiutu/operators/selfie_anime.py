"""A portrait as a drawn figure, on request with a mask over nose and mouth.

Faces are found and meshed (BlazeFace, arXiv:1907.05047; Face Mesh, arXiv:1907.06724), people cut out
(U-2-Net, doi:10.1016/j.patcog.2020.107404), skin and hair told apart by colour and place. Then
everything is drawn anew: skin in flat tones, hair in strands along its own flow (line integral
convolution, doi:10.1145/166117.166151), clothes in few tones with difference-of-Gaussian lines
(doi:10.1016/j.cag.2012.03.004), the background as a painting (Kuwahara, doi:10.1109/TIP.2007.903912),
and eyes, brows, nose, mouth, jaw and masks as vector drawings on the mesh, at full size.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from xiutu.errors import TargetNotFound
from xiutu.operators import _faces
from xiutu.operators._anime import matte, picture
from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base

__all__ = ["COST", "WEIGHTS", "Params", "apply"]

COST = Cost(fixed_mb=450, bytes_per_pixel=12)
WEIGHTS: tuple[str, ...] = (*_faces.WEIGHTS, matte.NET)


@dataclass(frozen=True)
class Params(Base):
    """``mask_id`` counts only with ``type`` = anime_mask."""

    type: str = param("anime", choices=("anime", "anime_mask"), help="with or without a mask")
    mask_id: int | None = param(
        None,
        minimum=1,
        maximum=8,
        help="1 surgical, 2 cat, 3 fox, 4 tiger, 5 cherry blossom, 6 butterfly, 7 samurai, "
        "8 carnival; none = no mask",
    )


def apply(image: Rgb, params: Params) -> Rgb:
    """Redraw ``image`` (H x W x 3 uint8, any size); same size.

    Raises:
        TargetNotFound: There is no face in the picture.
        WeightsMissing, WeightsCorrupt: A network is not in the store.
    """
    faces = _faces.find(image)
    if not faces:
        raise TargetNotFound("no face was found in the picture")
    mask = (params.mask_id or 0) if params.type == "anime_mask" else 0
    drawn = picture.drawn(image, faces, mask)
    return _greyed(drawn) if _is_grey(image) else drawn


def _is_grey(image: Rgb) -> bool:
    red = image[:, :, 0]
    return np.array_equal(red, image[:, :, 1]) and np.array_equal(red, image[:, :, 2])


def _greyed(image: Rgb) -> Rgb:
    """A black-and-white photograph becomes a black-and-white drawing, blush and mask included."""
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))
