"""What the colours of a picture say about how it was exposed, balanced and saturated.

``statistics`` sums a picture up in some fifty numbers; ``correction`` turns them, by a quadratic ridge
regression (A. E. Hoerl, R. W. Kennard, Technometrics 1970, doi:10.1080/00401706.1970.10488634) fitted by
``training/color_enhance.py``, into one map of colours:

    out_c = offset + slope . Y + 2 . Y . cast_c + chroma . (in_c - Y),   c = R, G, B,  Y = BT.601 luma

which undoes gains, exposure, contrast and saturation at once, in whichever order they were applied.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.tone_table import CENTRE, SCALE, TABLE

__all__ = ["LUMA", "ColourMap", "correction", "expand", "extremes", "statistics", "targets"]

Float = NDArray[np.float32]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)

_ANCHORS = np.array([0.25, 0.75])
"""Luma values at which the regression speaks of a map: errors there are what the eye sees."""

_ERROR = np.array([0.02, 0.03, 0.01, 0.01, 0.1])
"""Changes (luma at the anchors, red, blue, log chroma) of which half is kept."""


_FAINT = (0.02, 0.06)
"""Chroma of the calmest colours up to which they are surely, and from which surely not, greys."""

_PULL = 0.5
"""Share of the cast that such greys would be left with that is taken back."""


@dataclass(frozen=True)
class ColourMap:
    """The map above, on sRGB values 0..1; ``cast`` is of shape (3,), its value at mid grey."""

    offset: float
    slope: float
    chroma: float
    cast: NDArray[np.float64]


def correction(rgb: Float) -> ColourMap:
    """The map that undoes what dulls ``rgb`` (h x w x 3, sRGB 0..1).

    It is near the identity on good photos, and on pictures too flat to tell anything from.
    """
    found = expand((statistics(rgb) - CENTRE) / SCALE) @ TABLE
    spread = np.percentile(rgb @ LUMA, (2, 98))
    sure = min(1.0, float(spread[1] - spread[0]) / 0.1)
    good = np.array([*_ANCHORS, 0.0, 0.0, 0.0])
    dark, light, red, blue, chroma = good + sure * _shrunk(found - good)
    slope, offset = _within_range(float(dark), float(light), spread)
    gain = float(np.exp(np.clip(chroma, -0.25, 1.15)))
    cast = _towards_grey(rgb, np.array([red, blue]), gain)
    return ColourMap(offset, slope, gain, np.array([cast[0], -cast.sum(), cast[1]]))


def _within_range(dark: float, light: float, spread: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset through the anchors, eased where they would crush shadows or burn lights."""
    low, high = _ANCHORS
    black, white = float(spread[0]), float(spread[1])
    slope = (light - dark) / (high - low)
    floor, ceiling = min(black, 0.03), max(white, 0.985)
    if black < 0.6 and light - slope * (high - black) < floor:
        slope = (light - floor) / (high - black)
        dark = light - slope * (high - low)
    if white > 0.4 and dark + slope * (white - low) > ceiling:
        slope = (ceiling - dark) / (white - low)
    slope = float(np.clip(slope, 0.7, 1.7))
    return slope, dark - slope * low


def _towards_grey(rgb: Float, cast: NDArray[np.float64], gain: float) -> NDArray[np.float64]:
    """As much of ``cast`` (red, blue) as does not take the calmest colours further from grey.

    Where those are nearly grey, they are greys under a cast: half of what would be left of it goes, too.
    """
    grey = rgb @ LUMA
    red, blue = rgb[:, :, 0] - grey, rgb[:, :, 2] - grey
    vivid = np.hypot(red, blue)
    if float(vivid.max()) < 1e-6:
        return np.zeros(2)
    calm = np.exp(-((vivid / (0.5 * vivid.mean() + 0.01)) ** 2)) + 1e-6
    centre = np.array([np.average(red, weights=calm), np.average(blue, weights=calm)])
    mean, size = gain * centre, float(np.hypot(*cast)) + 1e-9
    # The share at which the calm colours come closest to grey, a little further, and some slack.
    share = -1.25 * float(mean @ cast) / size**2 + 0.003 / size
    cast = cast * float(np.clip(share, 0.0, 1.0))
    distance = float(np.hypot(*centre))
    sure = float(np.clip((_FAINT[1] - distance) / (_FAINT[1] - _FAINT[0]), 0.0, 1.0))
    return cast - _PULL * sure * (mean + cast)


def _shrunk(change: NDArray[np.float64]) -> NDArray[np.float64]:
    """Changes not above the error of the regression are mostly noise: let them fade (garrote)."""
    power = change * change
    power[2:4] = power[2:4].sum()  # a cast is one change, whatever its direction
    return change * power / (power + _ERROR**2)


def extremes(x: Float) -> tuple[Float, Float]:
    """Largest and smallest channel of ``x`` (h x w x 3); several times faster than ``x.max(axis=2)``."""
    first, second, third = x[:, :, 0], x[:, :, 1], x[:, :, 2]
    most = np.maximum(np.maximum(first, second), third)
    return most, np.minimum(np.minimum(first, second), third)


def targets(offset: Float, slope: Float, chroma: float) -> NDArray[np.float64]:
    """What the regression learns of a map: luma at the two anchors, red and blue cast, log chroma."""
    ends = [np.asarray(offset, np.float64) + anchor * slope for anchor in _ANCHORS]
    middle = (ends[0] + ends[1]) / 2
    cast = middle - middle.mean()
    level = [float(end.mean()) for end in ends]
    return np.array([*level, cast[0], cast[2], np.log(np.clip(chroma, 0.5, 5.0))])


def expand(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Terms of the regression, of standardised statistics (... x n): 1, z and its square."""
    z = np.clip(scaled, -3, 3)
    return np.concatenate([np.ones((*z.shape[:-1], 1)), z, z * z], axis=-1)


def statistics(rgb: Float) -> NDArray[np.float64]:
    """Summary of ``rgb`` (h x w x 3, sRGB 0..1), a vector of fixed length."""
    luma = rgb @ LUMA
    pixels, grey = rgb.reshape(-1, 3), luma.reshape(-1)
    red, blue = pixels[:, 0] - grey, pixels[:, 2] - grey
    vivid = np.hypot(red, blue)
    ladder = np.percentile(grey, (0.5, 2, 10, 25, 50, 75, 90, 98, 99.5))
    parts = [ladder, [grey.mean(), grey.std()]]
    parts.append(np.percentile(vivid, (25, 50, 80, 95, 99)))
    parts.append([vivid.mean(), np.log(vivid.mean() + 0.01), vivid.mean() / (grey.std() + 0.05)])
    calm = np.exp(-((vivid / (0.5 * vivid.mean() + 0.01)) ** 2))
    for weight in (np.ones_like(grey), calm, grey >= ladder[6], grey <= ladder[2]):
        total = weight.sum() + 1e-6
        parts.append([(red * weight).sum() / total, (blue * weight).sum() / total])
    parts.append([np.median(red), np.median(blue), red.std(), blue.std(), (red * blue).mean() * 10])
    parts.append(_ratios(np.mean(pixels.astype(np.float64) ** 6, axis=0) ** (1 / 6)))
    parts.append(_ratios(np.percentile(pixels, 99.5, axis=0)))
    low = np.percentile(pixels, 0.5, axis=0)
    parts.append([low[0] - low[1], low[2] - low[1]])
    edges = cv2.blur(rgb, (3, 3)).reshape(rgb.shape)
    parts.append(_ratios(sum(np.abs(np.diff(edges, axis=a)).sum((0, 1)) for a in (0, 1))))
    most, least = pixels.max(axis=1), pixels.min(axis=1)
    parts.append([np.mean(most > 0.99), np.mean(least < 0.01)])
    parts.append([np.mean((most - least) / (most + 0.02))])
    skin = (red > 0.4 * vivid) & (blue < -0.2 * vivid) & (vivid > 0.25 * vivid.mean())
    parts.append([np.mean(skin), np.percentile(most, 99.9), np.percentile(least, 0.1)])
    return np.concatenate([np.asarray(p, np.float64).reshape(-1) for p in parts])


def _ratios(rgb: NDArray[np.float64]) -> list[float]:
    """Logarithms of red and blue to green."""
    level = np.log(np.asarray(rgb, np.float64) + 0.02)
    return [float(level[0] - level[1]), float(level[2] - level[1])]
