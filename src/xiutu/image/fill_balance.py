"""How much of the copied content is shown: bold where it is likely, held back where it is a guess.

The membrane (harmonic completion) is the safest guess of what was in a hole; copied patches look
right but are often something else. The copy is shown as it is where it hardly departs from the
membrane (calm regions), where its contrast is usual for surroundings that are alike all round
(texture goes on), and where the patches around fit very well (a structure that really goes on).
Elsewhere its departure in brightness is reduced, the more the larger it is, so that no hard object
is invented. Colour is always the copy's.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.poisson import harmonic

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]

CALM = 3.0
"""Departure (rms grey levels) that is always shown."""
USUAL = 0.3
"""Departure that is shown, as a share of the contrast round the hole, where that differs."""
ALIKE = (0.3, 0.7)
"""Variation of brightness round the hole over contrast below which its sides are alike (then the
whole contrast is usual), and above which they are not."""
CAUTION = 2.0
"""Power by which larger departures are reduced."""
FITTING = (0.35, 0.5)
"""Mismatch (see ``PatchField.mismatch``) below which a structure is trusted, and above which not."""
REACH = 10.0
"""Pixels over which the mismatch is averaged."""
BROAD = 12.0
"""Slow changes of brightness, over this many pixels, are the copy's at least in part: the membrane
drags dark and light rims into a hole."""
BROAD_KEPT = 0.4
_NEAR = 6.0
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def balance(
    copied: Field, smooth: Field, hole: Mask, mismatch: Field, boldness: float = 0.0
) -> tuple[Field, Field]:
    """The picture to show (H x W x 3 float32) and the share of the copy's departure (H x W, 0..1).

    ``copied`` and ``smooth`` are H x W x 3 float32 (0..255), equal outside ``hole`` (H x W bool);
    ``mismatch`` is H x W float32, 0 for a perfect fit of the copied patches; ``boldness`` 0..1 shows
    more of the copy everywhere, 1 all of it.
    """
    inside = hole.astype(np.float32)
    apart: Field = np.asarray(((copied - smooth) @ _LUMA) * inside, np.float32)
    cover = np.maximum(_blur(inside, _NEAR), 0.3)
    strength = np.sqrt(_blur(apart * apart, _NEAR) / cover)
    contrast, variation = surroundings(smooth, hole)
    alike = _falling(variation / (contrast + 2), ALIKE)
    bound = np.maximum(CALM, (USUAL + (1 - USUAL) * alike) * contrast)
    calm = np.minimum(1, (bound / np.maximum(strength, 1e-3)) ** CAUTION)
    allowed = np.maximum(calm, _falling(mismatch, FITTING)).astype(np.float32)
    share = _blur(allowed + (1 - allowed) * np.float32(boldness), 2.0)
    slow = _blur(apart, BROAD) / np.maximum(_blur(inside, BROAD), 0.3) * inside
    kept = share * (apart - slow) + np.maximum(share, BROAD_KEPT) * slow
    shown: Field = np.asarray(copied - (apart - kept)[:, :, None], np.float32)
    return shown, share


def surroundings(picture: Field, hole: Mask) -> tuple[Field, Field]:
    """What a hole's pixel sees around the hole: local contrast (standard deviation of luma) and how
    much mean brightness varies from side to side. Both H x W float32 in grey levels.

    Means over the rim are taken by harmonic measure, that is, by continuing values harmonically.
    """
    known = (~hole).astype(np.float32)
    luma = (picture @ _LUMA) * known
    cover = _blur(known, 3.0) + 1e-6
    mean = _blur(luma, 3.0) / cover
    spread = np.sqrt(np.maximum(_blur(luma * luma, 3.0) / cover - mean * mean, 0))
    seen = np.dstack([np.log1p(spread), mean, mean * mean]) * known[:, :, None]
    seen = harmonic(seen.astype(np.float32), hole)
    variation = np.sqrt(np.maximum(seen[:, :, 2] - seen[:, :, 1] ** 2, 0))
    return np.expm1(seen[:, :, 0]), variation


def _falling(values: Field, bounds: tuple[float, float]) -> Field:
    """1 up to the lower bound, 0 from the upper one, linear between."""
    low, high = bounds
    return np.clip((high - values) / (high - low), 0, 1).astype(np.float32)


def _blur(values: Field, sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), dtype=np.float32)
