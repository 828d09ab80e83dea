"""Overlapping tiles of one size, so that a network of any appetite works in bounded memory.

Windows lie inside the picture: those at its edge are shifted inwards instead of being padded, so
that a network sees the picture's true border just as it would see it untiled. Only the middle of
each window is kept: with an overlap of the network's receptive field the result equals that of the
whole picture.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tile", "fitting", "map_tiles", "tiles"]

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Tile:
    """The part of a picture that one tile is responsible for, without its overlap (pixels)."""

    y: int
    x: int
    height: int
    width: int

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


def fitting(height: int, width: int, cores: Iterable[int], overlap: int) -> int:
    """The side of tiles, one of ``cores``, whose windows ``map_tiles`` gives the smallest area."""

    def area(core: int) -> int:
        side = core + 2 * overlap
        count = -(-height // core) * -(-width // core)
        return count * min(side, height) * min(side, width)

    return min(cores, key=area)


def map_tiles(
    image: Picture,
    chosen: list[Tile],
    work: Callable[[Picture], Picture],
    out: Picture,
    *,
    core: int,
    overlap: int,
    scale: int = 1,
    border: int = 0,
    workers: int = 1,
) -> None:
    """Run ``work`` on a window round each chosen tile and put the tiles' parts of the results into ``out``.

    Args:
        image: H x W x C uint8, with ``border`` more pixels on each side than the tiles know of.
        chosen: Tiles as ``tiles`` cuts them with the same ``core``.
        work: Gets a window of at most core + 2 overlap + 2 border pixels squared and returns the
        result without
            the border, ``scale`` times as large. Called from several threads.
        out: Receives the results, ``scale`` times the size of the picture without border.
        core: Side of a tile, pixels.
        overlap: Pixels a window holds beyond its tile on each side.
        scale: Size of the result relative to the picture.
        border: Pixels the network takes away on each side.
        workers: Threads.
    """
    height, width = image.shape[0] - 2 * border, image.shape[1] - 2 * border
    side = core + 2 * overlap

    def one(tile: Tile) -> None:
        top, left = _begin(tile.y, overlap, side, height), _begin(tile.x, overlap, side, width)
        rows, columns = min(side, height) + 2 * border, min(side, width) + 2 * border
        result = work(image[top : top + rows, left : left + columns])
        inside = Tile(tile.y - top, tile.x - left, tile.height, tile.width)
        out[tile.slices(scale)] = result[inside.slices(scale)]

    if workers <= 1 or len(chosen) <= 1:
        for tile in chosen:
            one(tile)
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(one, chosen):
            pass


def _begin(position: int, overlap: int, side: int, length: int) -> int:
    """First pixel of the window of ``side`` pixels round a tile that begins at ``position``."""
    return max(0, min(position - overlap, length - side))
