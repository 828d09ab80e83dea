"""What resampling leaves behind: spectra along the rows and along the columns of a picture.

A picture that was enlarged along one side is softer along it, and its second differences come and
go with the period of the old pixels (A. C. Popescu, H. Farid, IEEE TSP 2005,
doi:10.1109/TSP.2004.839932; the difference signal as in M. Kirchner, MM&Sec 2008,
doi:10.1145/1411328.1411333). A picture that had been a JPEG shows its stretched 8 x 8 grid the same way.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["BINS", "LENGTH", "spectra"]

Float = NDArray[np.float32]

LENGTH = 256  # px of a segment
BINS = LENGTH // 2  # frequencies 1 / 256 to 1 / 2 cycles a pixel
WINDOW = 768  # px, side of the middle part that is looked at
FLOOR = 1e-3


def spectra(grey: NDArray[np.uint8]) -> Float:
    """Features of both directions.

    Args:
        grey: H x W uint8, at the size the user sent, 16 px a side at least.

    Returns:
        2 (rows, columns) x 3 x BINS float32: logarithms of the power spectrum, of the spectrum of the
        mean second difference, and of that of its blocks; about zero mean.
    """
    height, width = grey.shape
    top, left = max(0, (height - WINDOW) // 2), max(0, (width - WINDOW) // 2)
    part = grey[top : top + WINDOW, left : left + WINDOW].astype(np.float32)
    return np.stack([_along(part), _along(np.ascontiguousarray(part.T))])


def _along(part: Float) -> Float:
    """3 x BINS for the direction of the rows."""
    taper = np.hanning(LENGTH).astype(np.float32)
    second = np.abs(2 * part[:, 1:-1] - part[:, :-2] - part[:, 2:])
    first = np.abs(part[:, 1:] - part[:, :-1])
    # Strong edges would drown the rest.
    course = np.minimum(second, 24).mean(axis=0)
    grid = np.minimum(first, 24).mean(axis=0)
    power = np.zeros(BINS, np.float64)
    periods = np.zeros((2, BINS), np.float64)
    starts = range(0, max(1, part.shape[1] - LENGTH + 1), LENGTH // 2)
    for start in starts:
        segment = _filled(part[:, start : start + LENGTH])
        segment = segment - segment.mean(axis=1, keepdims=True)
        power += (np.abs(np.fft.rfft(segment * taper, axis=1)) ** 2).mean(axis=0)[1:]
        for row, signal in enumerate((course, grid)):
            piece = _filled(signal[None, start : start + LENGTH])[0]
            smooth = cv2.blur(piece[None], (9, 1), borderType=cv2.BORDER_REFLECT)[0]
            even = piece / (smooth + 0.05) - 1
            periods[row] += np.abs(np.fft.rfft((even - even.mean()) * taper))[1:]
    power /= len(starts) * LENGTH
    periods /= len(starts)
    level = np.log(power + 0.02)
    peaks = np.log(periods + FLOOR) - np.log(np.median(periods, axis=1, keepdims=True) + FLOOR)
    return np.concatenate([(level - 3.0)[None] / 3, peaks]).astype(np.float32)


def _filled(segment: Float) -> Float:
    """Rows mirrored to ``LENGTH``."""
    missing = LENGTH - segment.shape[1]
    if missing <= 0:
        return segment
    return np.pad(
        segment, ((0, 0), (0, missing)), mode="symmetric" if segment.shape[1] > 1 else "edge"
    )
