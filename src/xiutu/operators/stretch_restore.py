"""Bring the proportions of a stretched picture back to normal, or leave a normal one alone.

How much a picture is too wide or too high is judged from what it shows, from what resampling left
behind and from its frame (``_stretch``). It is enlarged along the squeezed side only: the other keeps
every pixel. Enlarging uses Lanczos' filter (C. E. Duchon, J. Appl. Meteor. 1979,
doi:10.1175/1520-0450(1979)018<1016:LFIOAT>2.0.CO;2).
"""

import cv2
import numpy as np

from xiutu.operators._base import Cost, Params, Rgb
from xiutu.operators._stretch.estimate import NETS, stretch_of

__all__ = ["COST", "WEIGHTS", "Params", "apply"]

COST = Cost(fixed_mb=150, bytes_per_pixel=12)
WEIGHTS: tuple[str, ...] = NETS

LEAST = 0.03  # natural logarithm; smaller stretches are not seen, and resampling costs sharpness


def apply(image: Rgb, params: Params) -> Rgb:
    """The picture in its proportions; ``image`` is H x W x 3 uint8 of any size.

    One side stays, the other grows to at most 2.5 times its length.
    """
    del params
    stretch = stretch_of(image)
    if abs(stretch) < LEAST:
        return image.copy()
    height, width = image.shape[:2]
    if stretch > 0:
        height = round(height * float(np.exp(stretch)))
    else:
        width = round(width * float(np.exp(-stretch)))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LANCZOS4))
