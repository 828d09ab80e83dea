"""Own nets against moire: is a screen shown, what did it do to the tones, and the picture without it.

A judge looks at patches of 128 px spread over the picture, a perceptron reads tone curves off its
histograms, and a U-shaped residual network takes the texture of screen and sensor away, tile by
tile. All that concerns the picture as a whole is decided once, so that tiles agree.
``training/remove_moire.py`` describes how they were trained.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.tiles import Tile, fitting, map_tiles, tiles
from xiutu.models import quick_session, session, threads
from xiutu.operators._base import Rgb
from xiutu.operators._nets.planes import to_picture, to_planes

__all__ = ["NETS", "Screen", "restored", "study"]

NETS = ("moire", "moire_screen")
STEP = 8  # the network halves three times: sides and places of windows are multiples of this, px
CORES = range(320, 641, STEP)  # sides a tile may have, px
OVERLAP = 48  # px a window holds beyond its tile: results agree to 2 levels
PATCH, PATCHES = 128, 48  # side of what the judge looks at, px, and how many of them at most
THUMBNAIL = 32  # side of what the tone curves are read off, px
FLAT = 2  # levels: a tile that nowhere differs more from its surroundings holds no moire

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Screen:
    """What the picture as a whole tells.

    ``score``: mean over patches of the log odds that a screen is shown.
    ``curves``: 3 x 3, per channel lift, gain and bend of the tone curve that undoes screen and camera.
    """

    score: float
    curves: Float


def study(image: Rgb) -> Screen:
    """Judge a picture, H x W x 3 uint8 of any size."""
    size = (THUMBNAIL, THUMBNAIL)
    thumbnail = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    patches = np.concatenate([to_planes(patch) for patch in _patches(image)])
    feeds = {"patches": patches, "thumbnail": to_planes(thumbnail)}
    logits, curves = session("moire_screen").run(["logits", "curves"], feeds)
    return Screen(float(logits.mean()), np.asarray(curves[0], np.float32))


def restored(image: Rgb) -> Rgb:
    """The picture without moire, in its own tones; H x W x 3 uint8 of any size, same size out."""
    height, width = image.shape[:2]
    down, right = (max(-side % STEP, 2 * STEP - side) for side in (height, width))
    wide = cv2.copyMakeBorder(image, 0, down, 0, right, cv2.BORDER_REPLICATE)
    wide = np.asarray(wide, np.uint8)
    net = quick_session("moire")

    def work(piece: Rgb) -> Rgb:
        return to_picture(net.run(["restored"], {"image": to_planes(piece)})[0])

    out = wide.copy()
    core = fitting(wide.shape[0], wide.shape[1], CORES, OVERLAP)
    chosen = [t for t in tiles(wide.shape[0], wide.shape[1], core) if _lively(wide, t)]
    map_tiles(wide, chosen, work, out, core=core, overlap=OVERLAP, workers=threads())
    return np.ascontiguousarray(out[:height, :width])


def _patches(image: Rgb) -> list[Rgb]:
    """Up to ``PATCHES`` patches on an even grid; a picture smaller than one is mirrored outwards."""
    height, width = image.shape[:2]
    down, right = max(0, PATCH - height), max(0, PATCH - width)
    wide = cv2.copyMakeBorder(image, 0, down, 0, right, cv2.BORDER_REFLECT)
    wide = np.asarray(wide, np.uint8)
    height, width = wide.shape[:2]
    fine = min(1.0, (PATCHES * PATCH * PATCH / (height * width)) ** 0.5)
    rows = max(1, round(fine * height / PATCH))
    columns = max(1, min(PATCHES // min(rows, PATCHES), round(fine * width / PATCH)))
    return [
        np.ascontiguousarray(wide[y : y + PATCH, x : x + PATCH])
        for y in np.linspace(0, height - PATCH, min(rows, PATCHES)).astype(int)
        for x in np.linspace(0, width - PATCH, columns).astype(int)
    ]


def _lively(image: Rgb, tile: Tile) -> bool:
    """Whether any pixel of the tile stands out from its surroundings."""
    part = np.ascontiguousarray(image[tile.slices()])
    return bool(cv2.absdiff(part, cv2.blur(part, (31, 31))).max() > FLAT)
