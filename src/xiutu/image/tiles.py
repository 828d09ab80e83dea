"""Overlapping tiles of one fixed size, so that a network of any appetite works in bounded memory.

Every tile handed out has the same shape whatever the picture (edges are mirrored), because runtimes
keep buffers per shape. Only the middle of each tile is kept: with an overlap of the network's
receptive field the result equals that of the whole picture, without seams.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Tile", "core_side", "map_tiles", "tiles"]

Array = NDArray[np.generic]


@dataclass(frozen=True)
class Tile:
    """The part of a picture that one tile is responsible for, without its overlap (pixels)."""

    y: int
    x: int
    height: int
    width: int

    @property
    def pixels(self) -> int:
        return self.height * self.width

    def slices(self, scale: int = 1) -> tuple[slice, slice]:
        """Where the tile lies in a picture that is ``scale`` times as large."""
        return (
            slice(self.y * scale, (self.y + self.height) * scale),
            slice(self.x * scale, (self.x + self.width) * scale),
        )


def tiles(height: int, width: int, core: int) -> Iterator[Tile]:
    """Cut a picture into tiles of ``core`` x ``core``; those at the right and lower edge are smaller."""
    for y in range(0, height, core):
        for x in range(0, width, core):
            yield Tile(y, x, min(core, height - y), min(core, width - x))


def core_side(height: int, width: int, sides: tuple[int, ...]) -> int:
    """The tile side, of a few allowed ones, that computes the fewest pixels; the larger one on a tie.

    A small picture gets small tiles; a large one large tiles, where overlap costs least.
    """
    long, short = max(height, width), min(height, width)
    covered = {side: side * -(-long // side) * side * -(-short // side) for side in sides}
    return min(sides, key=lambda side: (covered[side] * (1 + 48 / side) ** 2, -side))


def padded(image: NDArray[np.uint8], core: int, overlap: int) -> NDArray[np.uint8]:
    """Mirror the picture outwards so that every tile finds ``core + 2 overlap`` pixels on both axes."""
    height, width = image.shape[:2]
    bottom, right = overlap + -height % core, overlap + -width % core
    mode = cv2.BORDER_REFLECT_101 if min(height, width) > 1 else cv2.BORDER_REPLICATE
    out = cv2.copyMakeBorder(image, overlap, bottom, overlap, right, mode)
    return np.asarray(out, np.uint8)


def map_tiles(
    image: NDArray[np.uint8],
    chosen: list[Tile],
    work: Callable[[NDArray[np.uint8], Tile], NDArray[np.uint8]],
    out: NDArray[np.uint8],
    *,
    core: int,
    overlap: int,
    scale: int = 1,
    workers: int = 1,
) -> None:
    """Run ``work`` on each chosen tile of an H x W x C picture and put the middles into ``out``.

    Args:
        image: H x W x C, uint8.
        chosen: Tiles as ``tiles`` cuts them with the same ``core``.
        work: Gets the tile with its overlap, (core + 2 overlap) squared, and returns the result at
        ``scale``
            times that size. Called from several threads.
        out: Receives the results, ``scale`` H x ``scale`` W x C.
        core: Side of a tile without its overlap, pixels.
        overlap: Pixels added on each side.
        scale: Size of the result relative to the picture.
        workers: Threads.
    """
    source, side = padded(image, core, overlap), core + 2 * overlap

    def one(tile: Tile) -> None:
        piece = source[tile.y : tile.y + side, tile.x : tile.x + side]
        result = work(piece, tile)
        begin = overlap * scale
        height, width = tile.height * scale, tile.width * scale
        out[tile.slices(scale)] = result[begin : begin + height, begin : begin + width]

    if workers <= 1 or len(chosen) <= 1:
        for tile in chosen:
            one(tile)
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(one, chosen):
            pass
