"""The one array type of the drawing code: float32."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Float", "f32"]

Float = NDArray[np.float32]


def f32(values: ArrayLike) -> Float:
    """``values`` as a float32 array."""
    return np.asarray(values, np.float32)
