"""What is wrong with a picture, from its pixels alone: white noise, and the quality it was JPEG-coded at."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._base import Rgb
from xiutu.operators._nets.dct import basis, blocks, steps

__all__ = ["jpeg_quality", "noise_sigma"]

Float = NDArray[np.float32]

SAMPLE = 128  # side of a sample, px; a multiple of the JPEG block
SAMPLES = 40  # at most that many are looked at
BLOCKS = 4000  # of 8 x 8 px, whose coefficients are looked at
LOW = 5  # frequencies across and down that are looked at
BLOCK = 16  # side of the windows noise is measured in, px
QUIET = 15  # percentile of the windows that counts as flat
# Mean absolute Laplacian response to sigma; the quietest windows are quiet by chance, hence 1.08
RESPONSE = 1.08 * float(np.sqrt(np.pi / 2)) / 6


def noise_sigma(image: Rgb) -> float:
    """Standard deviation of white noise in levels of 255.

    The quietest windows of the finest Laplacian detail (J. Immerkaer, CVIU 1996,
    doi:10.1006/cviu.1996.0060) hold noise but little texture. In a colour picture the difference of
    two channels is measured as well, where texture mostly cancels and independent noise does not;
    the smaller of the two counts.
    """
    kernel = np.outer([1, -2, 1], [1, -2, 1]).astype(np.float32)
    found = []
    for part in _samples(image):
        pixels = part.astype(np.float32)
        clipped = ((part <= 2) | (part >= 253)).any(axis=2).astype(np.float32)
        detail = cv2.filter2D(pixels[:, :, 1], -1, kernel)
        opponent = cv2.filter2D(pixels[:, :, 0] - pixels[:, :, 1], -1, kernel)
        found.append([_windows(np.abs(v)) for v in (clipped, detail, opponent)])
    if not found:
        return 0.0
    clip, first, second = np.concatenate(found, axis=1)
    # clipped windows hide noise; strong noise clips everywhere, so the best ones there are must do
    usable = clip <= max(0.02, float(np.percentile(clip, 2 * QUIET)))
    plain = RESPONSE * float(np.percentile(first[usable], QUIET))
    colour = RESPONSE * float(np.percentile(second[usable], QUIET)) / 2**0.5
    grey = float(np.median(second)) < 1  # no colour differences to compare with
    return plain if grey else min(plain, colour)


def jpeg_quality(image: Rgb) -> int | None:
    """libjpeg quality (5..95) of the picture's last coding, or None when it shows no trace of one.

    Block DCT coefficients of a decoded JPEG lie near multiples of its quantisation steps (Z. Fan,
    R. de Queiroz, IEEE TIP 2003, doi:10.1109/TIP.2002.807361). The coarsest table that explains
    them is returned; the block grid must begin at the upper left corner.
    """
    rows = []
    for part in _samples(image):
        luma = cv2.cvtColor(part, cv2.COLOR_RGB2YCrCb)[:, :, 0].astype(np.float32) - 128
        rows.append(_coefficients(luma))
    if not rows:
        return None
    coefficients = np.concatenate(rows)
    coefficients = coefficients[:: 1 + len(coefficients) // BLOCKS]
    best: tuple[float, int] | None = None
    for quality in range(5, 96):
        score = _fit(coefficients, quality)
        if score is not None and score > 0.5 and (best is None or score > best[0] + 0.05):
            best = (score, quality)
    return best[1] if best else None


def _fit(coefficients: Float, quality: int) -> float | None:
    """How well multiples of the quality's steps explain the coefficients: 1 perfect, 0 chance."""
    widths = steps(quality)[:LOW, :LOW].ravel()
    usable = widths >= 3  # finer steps drown in the rounding to 8 bits
    if not usable.any():
        return None
    values, step = coefficients[:, usable], widths[usable]
    alive = np.abs(values) > step * 0.6
    if alive.sum() < 40:
        return None
    return float(np.cos(2 * np.pi * values / step)[alive].mean())


def _coefficients(luma: Float) -> Float:
    """Low DCT coefficients of the blocks that do not touch black or white, n x 25."""
    every, low = blocks(luma), basis()[:LOW]
    inside = (every.max(axis=(2, 3)) < 126) & (every.min(axis=(2, 3)) > -127)
    return np.asarray((low @ every[inside] @ low.T).reshape(-1, LOW * LOW), np.float32)


def _samples(image: Rgb) -> list[Rgb]:
    """Parts of the picture, on the grid of 8, spread over it."""
    height, width = image.shape[:2]
    places = [(y, x) for y in range(0, height, SAMPLE) for x in range(0, width, SAMPLE)]
    step = max(1, len(places) // SAMPLES)
    parts = [image[y : y + SAMPLE, x : x + SAMPLE] for y, x in places[::step]]
    return [np.ascontiguousarray(p) for p in parts if min(p.shape[:2]) >= BLOCK]


def _windows(values: NDArray[Any]) -> Float:
    """Means over windows of ``BLOCK`` squared, flat."""
    rows, columns = values.shape[0] // BLOCK, values.shape[1] // BLOCK
    cut = values[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return np.asarray(cut.mean(axis=(1, 3)).ravel(), np.float32)
