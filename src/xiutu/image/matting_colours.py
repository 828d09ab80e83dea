"""Colours of a subject behind a soft mask, free of the background that shone through its edges.

T. Germer, T. Uelwer, S. Conrad, S. Harmeling, "Fast multi-level foreground estimation", ICPR 2020,
doi:10.1109/ICPR48806.2021.9411993: at each pixel, subject and background colours must mix to what is
seen, and stay near those of the neighbours; solved from one pixel upwards, size by size. Here the
sizes end at a few hundred pixels; the last step, at full size, takes the enlarged estimate for the
neighbours, which costs one pass over the pixels of the edge.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.guided import Float, enlarge_rows, shrink

__all__ = ["subject_colours"]

Rgb = NDArray[np.uint8]

SIDE = 480  # longer side of the largest solved size, px
SMALL = 32  # px; up to here colours have far to travel, so more rounds are made
ROUNDS, FINE_ROUNDS = 10, 3
STAY = 1e-5  # pull towards the neighbours everywhere,
EDGE = 1.0  # and where the mask changes, as in the paper
LAST = 0.02  # pull towards the enlarged estimate at full size
RIM = 4  # px beyond the mask that are coloured, too, for viewers that interpolate
ROWS = 256


def subject_colours(image: Rgb, opacity: Float) -> Rgb:
    """The subject's own colours.

    Args:
        image: H x W x 3 uint8.
        opacity: H x W float32, 0..1.

    Returns:
        H x W x 3 uint8: ``image`` where the opacity is 1, black well outside the subject.
    """
    height, width = opacity.shape
    small = shrink(image, SIDE).astype(np.float32) / np.float32(255)
    share = cv2.resize(opacity, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    subject, behind = _solve(small, np.asarray(share, np.float32).reshape(small.shape[:2]))
    pair = np.concatenate([subject, behind], axis=2)
    near = cv2.dilate((opacity > 0).astype(np.uint8), np.ones((2 * RIM + 1,) * 2, np.uint8))
    out = np.where((opacity >= 1)[:, :, None], image, np.uint8(0))
    for top in range(0, height, ROWS):
        rows = slice(top, min(top + ROWS, height))
        edge = (near[rows] > 0) & (opacity[rows] < 1)
        if not edge.any():
            continue
        known = enlarge_rows(pair, rows.start, rows.stop, height, width)[edge]
        seen = image[rows][edge].astype(np.float32) / np.float32(255)
        a = opacity[rows][edge][:, None]
        rest = seen - a * known[:, :3] - (1 - a) * known[:, 3:]
        colours = known[:, :3] + a * rest / (a * a + (1 - a) * (1 - a) + np.float32(LAST))
        out[rows][edge] = np.rint(np.clip(colours, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(out, np.uint8)


def _solve(image: Float, opacity: Float) -> tuple[Float, Float]:
    """Subject and background colours (h x w x 3, 0..1) from small sizes to that of ``image``."""
    height, width = opacity.shape
    levels = max(1, int(np.ceil(np.log2(max(height, width)))))
    subject = image.mean(axis=(0, 1), keepdims=True).astype(np.float32)
    behind = subject.copy()
    for level in range(levels + 1):
        w = max(1, round(width ** (level / levels)))
        h = max(1, round(height ** (level / levels)))
        seen, share = _resized(image, w, h), _resized(opacity, w, h)
        subject, behind = (_resized(x, w, h, cv2.INTER_NEAREST) for x in (subject, behind))
        rounds = ROUNDS if max(w, h) <= SMALL else FINE_ROUNDS
        for _ in range(rounds):
            subject, behind = _round(seen, share[:, :, None], subject, behind)
    return subject, behind


def _round(seen: Float, share: Float, subject: Float, behind: Float) -> tuple[Float, Float]:
    """One Jacobi step of all pixels: the neighbours' mean, then as little change as mixing needs."""
    total = np.zeros_like(share)
    colours = np.zeros((*share.shape[:2], 6), np.float32)
    both = np.concatenate([subject, behind], axis=2)
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        weight = np.float32(STAY) + np.float32(EDGE) * np.abs(share - _moved(share, down, right))
        colours += weight * _moved(both, down, right)
        total += weight
    colours /= total
    mean, mean_behind = colours[:, :, :3], colours[:, :, 3:]
    rest = seen - share * mean - (1 - share) * mean_behind
    rest /= share * share + (1 - share) * (1 - share) + total
    return np.clip(mean + share * rest, 0, 1), np.clip(mean_behind + (1 - share) * rest, 0, 1)


def _moved(x: Float, down: int, right: int) -> Float:
    """``x`` seen from the neighbour ``down``, ``right``; the rim repeats itself."""
    rows = np.clip(np.arange(x.shape[0]) + down, 0, x.shape[0] - 1)
    columns = np.clip(np.arange(x.shape[1]) + right, 0, x.shape[1] - 1)
    return x[rows] if right == 0 else x[:, columns]


def _resized(x: Float, width: int, height: int, how: int = cv2.INTER_AREA) -> Float:
    out = cv2.resize(x, (width, height), interpolation=how)
    return np.asarray(out, np.float32).reshape(height, width, *x.shape[2:])
