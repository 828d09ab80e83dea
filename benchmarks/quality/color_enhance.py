"""color_enhance: do dulled photos come back, and are good photos left in peace?

Each picture of sr/kodak and photos/food is dulled with its own seed: saturation x 0.5 (towards BT.601
luma), contrast x 0.7 (about mid grey), white balance gains of +-12 % per channel and +-0.5 EV (both in
linear light), drawn evenly, clipped and rounded to 8 bits. CIEDE2000 to the untouched picture is compared
before and after. Further rows, printed only, change the recipe: every fault alone, gains at their
bounds, gains on sRGB values, contrast about the mean. OpenCV's white balances are measured beside.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.quality._metrics import Array, delta_e
from benchmarks.quality._peers import BALANCE, Peer
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.image.light import decode_srgb, encode_srgb
from xiutu.operators.color_enhance import Params, apply

NAME = "color_enhance"
DATA = "sr/kodak + photos/food"
LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Recipe:
    """How a photo is dulled; gains and stops are bounds of an even draw (or exact, if ``extreme``)."""

    saturation: float = 0.5
    contrast: float = 0.7
    gain: float = 0.12
    stops: float = 0.5
    extreme: bool = False
    linear: bool = True
    about_mean: bool = False


WHITE_BALANCE = Recipe(saturation=1, contrast=1, stops=0)
VARIANTS = {
    "dulled, gains at their bounds": Recipe(extreme=True),
    "dulled, gains on sRGB values": Recipe(linear=False),
    "dulled, contrast about the mean": Recipe(about_mean=True),
    "saturation alone": Recipe(contrast=1, gain=0, stops=0),
    "contrast alone": Recipe(saturation=1, gain=0, stops=0),
    "white balance alone": WHITE_BALANCE,
    "exposure alone": Recipe(saturation=1, contrast=1, gain=0),
}


def measure() -> list[Row]:
    photos = [read(p) for p in files("sr/kodak") + files("photos/food")]
    rows = _fall(photos, "dulled", Recipe(), 20.0)
    moved = [delta_e(photo, np.asarray(apply(photo, Params()))) for photo in photos]
    n = len(photos)
    rows.append(
        Row(NAME, DATA, n, "untouched: dE00 moved, median", float(np.median(moved)), 6.0, True)
    )
    rows.append(Row(NAME, DATA, n, "untouched: dE00 moved, largest", float(np.max(moved))))
    for label, recipe in VARIANTS.items():
        rows += _fall(photos, label, recipe, None)
    for name, peer in BALANCE.items():
        for label, recipe in (("dulled", Recipe()), ("white balance alone", WHITE_BALANCE)):
            rows += _fall(photos, f"{name}: {label}", recipe, None, peer)[:1]
    return rows


def _ours(rgb: Array) -> Array:
    return np.asarray(apply(rgb, Params()))


def _fall(
    photos: list[Array], label: str, recipe: Recipe, floor: float | None, run: Peer = _ours
) -> list[Row]:
    before, after = [], []
    for seed, photo in enumerate(photos):
        dull = dulled(photo, recipe, seed)
        before.append(delta_e(dull, photo))
        after.append(delta_e(run(dull), photo))
    fall = 100 * (1 - float(np.mean(after)) / float(np.mean(before)))
    worse = float(np.max(np.subtract(after, before)))
    return [
        Row(NAME, DATA, len(photos), f"{label}: fall of mean dE00 (%)", fall, floor),
        Row(NAME, DATA, len(photos), f"{label}: mean dE00 of the input", float(np.mean(before))),
        Row(NAME, DATA, len(photos), f"{label}: largest rise of a picture", worse),
    ]


def dulled(photo: Array, recipe: Recipe, seed: int) -> Array:
    """The photo with the faults of ``recipe``, in the order saturation, contrast, gains, exposure."""
    rng = np.random.default_rng(seed)
    gains, stops = rng.uniform(-1, 1, 3), rng.uniform(-1, 1)
    if recipe.extreme:
        gains, stops = np.sign(gains), np.sign(stops)
    x = photo / 255.0
    grey = (x @ LUMA)[:, :, None]
    x = grey + recipe.saturation * (x - grey)
    middle = float((x @ LUMA).mean()) if recipe.about_mean else 0.5
    x = np.clip(middle + recipe.contrast * (x - middle), 0, 1)
    factor = (1 + recipe.gain * gains).astype(np.float32)
    if recipe.linear:
        factor *= np.float32(2 ** (recipe.stops * stops))
        x = encode_srgb(decode_srgb(x.astype(np.float32)) * factor)
    else:
        x = decode_srgb(np.clip(x * factor, 0, 1).astype(np.float32))
        x = encode_srgb(x * np.float32(2 ** (recipe.stops * stops)))
    return np.clip(np.rint(255 * x), 0, 255).astype(np.uint8)
