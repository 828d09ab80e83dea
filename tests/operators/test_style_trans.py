"""style_trans: nine looks, clearly different, any size, deterministic."""

from itertools import combinations

import numpy as np
import pytest
from skimage import data

from xiutu.operators._styles import canvas, drawn, flow, lines, palette, paper, tiles
from xiutu.operators.style_trans import OPTIONS, Params, apply

CAT = np.ascontiguousarray(data.chelsea()[60:180, 110:290])
PAINTED = ("warm", "wave", "lavender", "mononoke", "scream", "gothic")
DRAWN = ("cartoon", "pencil", "color_pencil")


@pytest.fixture(scope="module")
def looks():
    before = CAT.copy()
    made = {name: apply(CAT, Params(option=name)) for name in OPTIONS}
    assert np.array_equal(before, CAT), "the input must stay as it is"
    return made


def spread(picture):
    """Mean chroma of the picture: largest minus smallest channel."""
    return np.ptp(picture.astype(int), axis=2).mean()


def test_default_is_cartoon():
    assert Params().option == "cartoon"
    assert set(PAINTED + DRAWN) == set(OPTIONS)


@pytest.mark.parametrize("name", OPTIONS)
def test_same_size_and_clearly_changed(looks, name):
    out = looks[name]
    assert out.shape == CAT.shape
    assert out.dtype == np.uint8
    assert out.flags.c_contiguous
    assert np.abs(out.astype(int) - CAT).mean() > 8


def test_no_two_looks_alike(looks):
    """R-074."""
    for a, b in combinations(OPTIONS, 2):
        assert np.abs(looks[a].astype(int) - looks[b]).mean() > 15, (a, b)


@pytest.mark.parametrize("name", OPTIONS)
def test_forms_survive(looks, name):
    """The luma of every look still follows the photograph."""
    ours, theirs = canvas.grey(looks[name]), canvas.grey(CAT)
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.5


def test_palettes(looks):
    mean = {name: looks[name].reshape(-1, 3).mean(axis=0) for name in OPTIONS}
    red, green, blue = range(3)
    assert np.ptp(looks["pencil"], axis=2).max() == 0
    assert mean["pencil"].mean() > 120
    assert mean["color_pencil"].mean() > CAT.mean()
    assert mean["scream"][red] > mean["scream"][blue] + 25
    assert mean["warm"][red] > mean["warm"][blue] + 30
    assert mean["wave"][blue] > mean["scream"][blue]
    assert mean["lavender"][blue] > mean["lavender"][green]
    assert mean["mononoke"][green] > mean["mononoke"][blue] + 25
    assert min(mean, key=lambda name: mean[name].mean()) == "gothic"


def test_wave_darks_are_prussian_blue(looks):
    luma = canvas.grey(looks["wave"])
    dark = looks["wave"][luma <= np.percentile(luma, 10)].mean(axis=0)
    assert dark[2] > dark[0] + 25


@pytest.mark.parametrize("name", DRAWN)
def test_grey_stays_grey(name):
    grey = np.repeat(canvas.grey(CAT)[:, :, None], 3, axis=2)
    assert spread(apply(grey, Params(option=name))) < 0.5


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (10, 10), (10, 40), (300, 3)])
def test_any_size(name, size):
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    out = apply(picture, Params(option=name))
    assert out.shape == picture.shape
    assert out.dtype == np.uint8


@pytest.mark.parametrize("name", ["cartoon", "scream", "gothic"])
def test_deterministic(looks, name):
    assert np.array_equal(apply(CAT, Params(option=name)), looks[name])


def test_strength(looks):
    none = apply(CAT, Params(option="pencil", strength=0.0))
    half = apply(CAT, Params(option="pencil", strength=0.5))
    assert np.array_equal(none, CAT)
    assert none is not CAT
    expected = (CAT.astype(float) + looks["pencil"]) / 2
    assert np.abs(half - expected).max() <= 1


@pytest.mark.parametrize("draw", [drawn.pencil, drawn.color_pencil, drawn.cartoon])
def test_bands_leave_no_seams(draw, monkeypatch):
    whole = draw(CAT)
    monkeypatch.setattr(canvas, "_BAND_PIXELS", 7 * CAT.shape[1])
    assert np.array_equal(draw(CAT), whole)


def test_transfer_returns_the_photograph_when_nothing_was_painted():
    """Gain 1 everywhere: the detail lost at working size must come back."""
    fine = np.ascontiguousarray(data.chelsea())
    small = canvas.resized(fine, (150, 100))
    out = canvas.transfer(fine, small, small, detail=1.0, eps=1e-6)
    blurred = canvas.resized(small, (fine.shape[1], fine.shape[0]))
    error = np.abs(out.astype(int) - fine).mean()
    assert error < 0.35 * np.abs(blurred.astype(int) - fine).mean()


def test_working_size():
    assert canvas.fit_size(2000, 1000, 0.5) == (1000, 500)
    assert canvas.fit_size(10, 10, 1.0, zoom=3) == (30, 30)
    assert canvas.fit_size(100000, 1, 0.01)[1] == 1


def test_directions_follow_edges_and_fall_back_to_the_guide():
    luma = np.zeros((60, 60), np.float32)
    luma[:, 30:] = 1
    guide = np.zeros((60, 60, 2), np.float32)
    guide[:, :, 0] = 1  # level
    tangents = flow.directions(luma, 2, guide, 1e-4)
    assert abs(tangents[30, 30, 1]) > 0.95, "upright along the edge"
    assert abs(tangents[30, 5, 0]) > 0.95, "level where it is flat"


def test_stripes_run_along_the_field():
    tangents = np.zeros((80, 80, 2), np.float32)
    tangents[:, :, 0] = 1
    streaks = flow.stripes(tangents, 3, 10, 1)
    along, across = np.abs(np.diff(streaks, axis=1)).mean(), np.abs(np.diff(streaks, axis=0)).mean()
    assert abs(streaks.std() - 1) < 0.01
    assert across > 2 * along


def test_paper_repeats_without_a_seam():
    tile = paper.hatch(50, 2.0, 9).astype(int)
    wrap = np.abs(tile[0] - tile[-1]).mean()
    inside = np.abs(np.diff(tile, axis=0)).mean()
    assert wrap < 1.3 * inside
    rows = paper.rows_of(paper.grain(1.6), slice(500, 530), 700)
    assert rows.shape == (30, 700)
    assert np.array_equal(rows[:, :188], rows[:, 512:])


def test_ink_curve_is_black_on_lines_only():
    luma = np.full((40, 40), 0.8, np.float32)
    luma[:, 19:21] = 0.3
    ink = lines.ink_curve(0.02, 0.02)[lines.response(luma, 1.0)]
    assert ink[20, 19] < 0.1
    assert ink[20, 5] > 0.9


def test_palette_ends():
    low, high = ((0, 0, 0, 0), (1, 255, 0, 0)), ((0, 0, 0, 0), (1, 0, 0, 255))
    tones, axis = np.ones((1, 2), np.float32), np.array([[-1, 1]], np.float32)
    assert palette.colour(tones, axis, low, high) == pytest.approx(
        np.array([[[1, 0, 0], [0, 0, 1]]])
    )
    flat = palette.tone(np.full((8, 8), 0.5, np.float32))
    assert flat.min() > 0.3
    assert flat.max() < 0.7, "a flat picture is not stretched"


def test_cells_cover_the_picture():
    cells = tiles.cut(CAT, 16)
    assert cells.labels.shape == CAT.shape[:2]
    assert set(np.unique(cells.labels)) <= set(range(cells.count))
    ones = cells.spread(cells.means(np.ones(CAT.shape[:2], np.float32)))
    assert np.array_equal(ones, np.ones_like(ones))
    assert 0.4 < cells.count / (CAT.shape[0] * CAT.shape[1] / 256) < 2.5
