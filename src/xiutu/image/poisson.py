"""Harmonic completion of holes: the smooth membrane used for first guesses and seamless blending.

Solves Laplace's equation inside a hole with the known pixels as Dirichlet values and no flow over
the picture's border. Adding the membrane of the mismatch along the rim to a copied patch is Poisson
blending (Perez, Gangnet, Blake 2003, doi:10.1145/882262.882269) written as interpolation (Farbman
et al. 2009, doi:10.1145/1531326.1531373). Solved coarse to fine (cascadic multigrid).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]

_CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=np.float32) / 4


def harmonic(values: Field, hole: Mask, sweeps: int = 12) -> Field:
    """Fill ``hole`` (H x W bool) of ``values`` (H x W x C float32, any range) harmonically.

    Returns a new array; known values are kept exactly, filled ones never leave the range of the
    known ones. With nothing known the hole becomes 0. ``sweeps`` relaxation steps per level.
    """
    known = ~hole
    if not known.any():
        return np.zeros_like(values)
    filled = values * known[:, :, None]
    if not hole.any():
        return filled
    height, width = hole.shape
    if max(height, width) == 1:
        return filled
    weight = known.astype(np.float32)
    padded = ((0, height % 2), (0, width % 2))
    total = _halve(np.pad(filled, (*padded, (0, 0))))
    count = _halve(np.pad(weight, padded)[:, :, None])
    mean = np.divide(total, np.maximum(count, 1e-6), dtype=np.float32)
    coarse = harmonic(mean, count[:, :, 0] == 0, sweeps)
    guess = _resize(coarse, (coarse.shape[1] * 2, coarse.shape[0] * 2))[:height, :width]
    out = np.where(hole[:, :, None], guess, filled)
    for _ in range(sweeps):
        around = _planes(cv2.filter2D(out, -1, _CROSS, borderType=cv2.BORDER_REFLECT_101))
        out = np.where(hole[:, :, None], around, filled)
    return out


def _halve(values: Field) -> Field:
    """Sums over 2 x 2 cells; sides are even."""
    rows = values[0::2] + values[1::2]
    out: Field = rows[:, 0::2] + rows[:, 1::2]
    return out


def _resize(values: Field, size: tuple[int, int]) -> Field:
    return _planes(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR))


def _planes(values: cv2.typing.MatLike) -> Field:
    """OpenCV drops the last axis of one-channel pictures."""
    array = values.astype(np.float32, copy=False)
    return array if array.ndim == 3 else array[:, :, None]
