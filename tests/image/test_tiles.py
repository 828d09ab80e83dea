"""Tiles: complete, without overlap in the output, and inside the picture."""

import numpy as np
import pytest

from tests.pictures import noise
from xiutu.image.tiles import Tile, fitting, map_tiles, tiles


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 100), (64, 64), (65, 63), (200, 33)])
def test_tiles_cover_every_pixel_once(height: int, width: int) -> None:
    seen = np.zeros((height, width), int)
    for tile in tiles(height, width, 32):
        seen[tile.slices()] += 1
        assert tile.height <= 32
        assert tile.width <= 32
    assert (seen == 1).all()


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("scale", [1, 2])
def test_local_work_gives_the_same_as_untiled(workers: int, scale: int) -> None:
    picture = noise(83, 70)

    def work(piece: np.ndarray) -> np.ndarray:
        turned = 255 - piece
        return turned.repeat(scale, axis=0).repeat(scale, axis=1)

    out = np.zeros((70 * scale, 83 * scale, 3), np.uint8)
    chosen = list(tiles(70, 83, 16))
    map_tiles(picture, chosen, work, out, core=16, overlap=4, scale=scale, workers=workers)
    assert np.array_equal(out, work(picture))


def test_windows_have_one_size_and_lie_inside() -> None:
    picture = noise(100, 90)
    shapes = set()

    def work(piece: np.ndarray) -> np.ndarray:
        shapes.add(piece.shape)
        return piece.copy()

    out = np.zeros_like(picture)
    map_tiles(picture, list(tiles(90, 100, 30)), work, out, core=30, overlap=5)
    assert shapes == {(40, 40, 3)}
    assert np.array_equal(out, picture)


def test_border_is_taken_away_by_the_work() -> None:
    picture = noise(60, 50)
    wide = np.pad(picture, ((3, 3), (3, 3), (0, 0)), "edge")
    out = np.zeros_like(picture)
    chosen = list(tiles(50, 60, 16))
    map_tiles(wide, chosen, lambda p: p[3:-3, 3:-3], out, core=16, overlap=2, border=3)
    assert np.array_equal(out, picture)


def test_unchosen_tiles_stay_as_they_were() -> None:
    picture = noise(32, 32)
    out = np.full_like(picture, 7)
    map_tiles(picture, [Tile(0, 0, 16, 16)], lambda p: p, out, core=16, overlap=0)
    assert np.array_equal(out[:16, :16], picture[:16, :16])
    assert (out[16:] == 7).all()


def test_the_fitting_side_asks_for_the_smallest_windows() -> None:
    assert fitting(640, 640, (208, 256, 320), 8) == 320
    assert fitting(400, 400, (208, 256, 320), 8) == 208
    assert fitting(100, 90, (208, 256), 8) == 208  # one window either way
