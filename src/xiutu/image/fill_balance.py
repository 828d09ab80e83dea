"""How much of the copied content is shown: bold where it is likely, held back where it is a guess.

The membrane (harmonic completion) is the safest guess of what was in a hole; copied patches look
right but are often something else. The copy is shown as it is where it hardly departs from the
membrane (calm regions), where its contrast is usual for the surroundings (texture goes on), and where
the patches around fit very well (a structure that really goes on). Elsewhere its departure in
brightness is reduced, the more the larger it is, so that no hard object is invented. Colour is always
the copy's.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.poisson import harmonic

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]

CALM = 3.0
"""Departure (rms grey levels) that is always shown."""
USUAL = 0.4
"""Departure that is shown, as a share of the contrast round the hole."""
CAUTION = 1.5
"""Power by which larger departures are reduced."""
FITTING = (0.35, 0.5)
"""Mismatch (see ``PatchField.mismatch``) below which a structure is trusted, and above which not."""
REACH = 10.0
"""Pixels over which the mismatch is averaged."""
_NEAR = 6.0
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def balance(copied: Field, smooth: Field, hole: Mask, mismatch: Field) -> tuple[Field, Field]:
    """The picture to show (H x W x 3 float32) and the share of the copy's departure (H x W, 0..1).

    ``copied`` and ``smooth`` are H x W x 3 float32 (0..255), equal outside ``hole`` (H x W bool);
    ``mismatch`` is H x W float32, 0 for a perfect fit of the copied patches.
    """
    inside = hole.astype(np.float32)
    apart: Field = ((copied - smooth) @ _LUMA) * inside
    cover = np.maximum(_blur(inside, _NEAR), 0.3)
    strength = np.sqrt(_blur(apart * apart, _NEAR) / cover)
    bound = np.maximum(CALM, USUAL * contrast_around(smooth, hole))
    share = np.minimum(1, (bound / np.maximum(strength, 1e-3)) ** CAUTION)
    trusted, refused = FITTING
    share = np.maximum(share, np.clip((refused - mismatch) / (refused - trusted), 0, 1))
    share = _blur(share.astype(np.float32), 2.0)
    return copied - ((1 - share) * apart)[:, :, None], share


def contrast_around(picture: Field, hole: Mask) -> Field:
    """Local contrast of the known pixels (standard deviation of luma), continued into the hole."""
    known = (~hole).astype(np.float32)
    luma = (picture @ _LUMA) * known
    cover = _blur(known, 3.0) + 1e-6
    mean = _blur(luma, 3.0) / cover
    spread = np.sqrt(np.maximum(_blur(luma * luma, 3.0) / cover - mean * mean, 0))
    level = np.log1p(spread) * known
    continued = harmonic(level[:, :, None].astype(np.float32), hole)[:, :, 0]
    return np.expm1(continued)


def _blur(values: Field, sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), dtype=np.float32)
