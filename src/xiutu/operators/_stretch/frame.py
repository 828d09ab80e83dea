"""How usual a picture's outline is: cameras and screens know few proportions.

A frame of 3 : 2 speaks for a photo as it was taken; one of 1.13 : 1 may be a cut-out, or 3 : 2
squeezed by a quarter.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["log_density"]

Array = NDArray[np.float64]

# width / height -> share among photos; the rest of them was cut to any proportions
USUAL = {
    4 / 3: 0.22,
    3 / 2: 0.22,
    1.0: 0.06,
    16 / 9: 0.05,
    5 / 4: 0.02,
    3 / 4: 0.08,
    2 / 3: 0.09,
    9 / 16: 0.02,
    4 / 5: 0.02,
}
ANY_MIDDLE, ANY_SPREAD = 0.22, 0.38  # natural logarithm of the proportions of the rest
EXACT = 0.004  # how closely the usual ones are kept, natural logarithm


def log_density(aspects: Array, shorter: int) -> Array:
    """Logarithm of the density of ``aspects`` (natural logarithm of width / height) among photos.

    ``shorter`` is the shorter side in pixels: the fewer there are, the less exact a ratio can be.
    """
    rest = 1 - sum(USUAL.values())
    density = rest * _bell(aspects, ANY_MIDDLE, ANY_SPREAD)
    spread = float(np.hypot(EXACT, 0.7 / shorter))
    for ratio, share in USUAL.items():
        density = density + share * _bell(aspects, float(np.log(ratio)), spread)
    return np.asarray(np.log(density))


def _bell(x: Array, middle: float, spread: float) -> Array:
    return np.asarray(np.exp(-(((x - middle) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi)))
