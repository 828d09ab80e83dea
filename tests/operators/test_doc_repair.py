"""doc_repair on drawn pages: shade, stains, show-through and watermarks go, all ink stays."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from xiutu.operators.doc_repair import Params, apply

Rgb = NDArray[np.uint8]
HEIGHT, WIDTH = 600, 800
STAMP = (slice(230, 370), slice(530, 670))


def clean_page() -> Rgb:
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for i in range(12):
        text = f"Line {i}: pack my box with five dozen jugs 0123456789"
        cv2.putText(page, text, (40, 60 + 40 * i), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20, 20, 20), 2)
    return page


def shade() -> NDArray[np.float64]:
    """Light falling off to the right, and a hard shadow at the bottom."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    light = 0.95 - 0.4 * x / WIDTH
    shadow = cv2.GaussianBlur((y > 420).astype(np.float64), (0, 0), 4)
    return np.asarray(light * (1 - 0.45 * shadow))


def photographed(page: Rgb) -> Rgb:
    noise = np.random.default_rng(0).normal(0, 2, page.shape)
    lit = page * shade()[:, :, None] * np.array([1.0, 0.95, 0.85])
    return np.clip(np.rint(lit + noise), 0, 255).astype(np.uint8)


def psnr(a: Rgb, b: Rgb) -> float:
    return 10 * float(np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


def stamped(page: Rgb) -> Rgb:
    ink = (205, 40, 45)
    page = page.copy()
    cv2.circle(page, (600, 300), 60, ink, 6)
    cv2.putText(page, "PAID", (560, 312), cv2.FONT_HERSHEY_SIMPLEX, 1.1, ink, 4)
    return page


def test_shade_and_shadow_go() -> None:
    clean = clean_page()
    dirty = photographed(clean)
    out = apply(dirty, Params())
    assert psnr(out, clean) > psnr(dirty, clean) + 12
    assert np.percentile(out[:, 740:], 1) >= 250


def test_ink_is_kept_and_black() -> None:
    clean = clean_page()
    out = apply(photographed(clean), Params())
    core = cv2.erode((clean[:, :, 0] < 60).astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
    assert out[core].mean() < 60


def test_red_stamp_is_kept_red() -> None:
    page = stamped(clean_page())
    out = apply(photographed(page), Params())[STAMP].astype(int)
    truth = page[STAMP].astype(int)
    red = (truth[:, :, 0] > 180) & (truth[:, :, 1] < 80)
    red = cv2.erode(red.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    kept = out[red]
    assert np.mean((kept[:, 0] - kept[:, 1]) > 80) > 0.9
    assert kept[:, 0].mean() > 150


@pytest.mark.parametrize("ink", [(30, 50, 170), (20, 120, 60), (150, 20, 120)])
def test_coloured_writing_keeps_its_hue(ink: tuple[int, int, int]) -> None:
    page = clean_page()
    cv2.putText(page, "signed: A. Writer", (60, 570), cv2.FONT_HERSHEY_SIMPLEX, 0.9, ink, 3)
    mask = np.all(page == np.array(ink), axis=2)
    mask = cv2.erode(mask.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
    colour = apply(photographed(page), Params())[mask].mean(axis=0)
    assert np.argmax(colour) == np.argmax(ink)
    assert np.ptp(colour) > 40


def test_watermark_and_stain_go_text_on_them_stays() -> None:
    clean = clean_page()
    dirty = photographed(clean).astype(float)
    mark = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.putText(mark, "COPY", (80, 330), cv2.FONT_HERSHEY_SIMPLEX, 7, 255, 30)
    cv2.circle(mark, (650, 480), 90, 255, -1)
    soft = cv2.GaussianBlur(mark, (0, 0), 1.5)[:, :, None] / 255
    dirty *= 1 - soft * np.array([0.32, 0.26, 0.12])
    page = np.rint(dirty).astype(np.uint8)
    out = apply(page, Params())
    assert psnr(out, clean) > psnr(page, clean) + 12


def test_show_through_goes() -> None:
    clean = clean_page()
    back = cv2.GaussianBlur(np.ascontiguousarray(clean[:, ::-1]), (0, 0), 1.5)
    dirty = photographed(np.rint(clean * (1 - 0.15 * (1 - back / 255))).astype(np.uint8))
    out = apply(dirty, Params())
    only_back = (back[:, :, 0] < 120) & (cv2.erode(clean, np.ones((9, 9)))[:, :, 0] > 250)
    assert only_back.sum() > 500
    assert out[only_back].mean() > 245


def test_faint_print_on_clean_paper_survives() -> None:
    page = np.full((300, 500, 3), 245, np.uint8)
    cv2.putText(
        page, "faint receipt 12.50", (30, 150), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (165,) * 3, 2
    )
    out = apply(page, Params())
    assert out[page[:, :, 0] < 170].mean() < 165
    assert out[:80].min() >= 250


def test_chart_blocks_and_dark_bar_keep_their_colour() -> None:
    page = clean_page()
    blocks = {(200, 60, 60): 100, (60, 120, 200): 250, (25, 30, 60): 400}
    for colour, left in blocks.items():
        cv2.rectangle(page, (left, 520), (left + 90, 590), colour, -1)
    lit = page * np.linspace(1.0, 0.75, WIDTH)[None, :, None]
    out = apply(np.rint(lit).astype(np.uint8), Params())
    for colour, left in blocks.items():
        middle = out[540:570, left + 30 : left + 60].reshape(-1, 3).mean(axis=0)
        assert np.abs(middle - np.array(colour)).max() < 45


def test_pale_stamp_is_not_bleached() -> None:
    """A stamp at half its strength keeps that half."""
    page = clean_page()
    pale = np.rint(page + 0.5 * (stamped(page).astype(float) - page)).astype(np.uint8)
    out = apply(photographed(pale), Params())[STAMP].astype(float)
    truth = pale[STAMP].astype(float)
    ring = (truth[:, :, 0] - truth[:, :, 1]) > 50
    ring = cv2.erode(ring.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert ring.sum() > 200
    assert (out[ring][:, 0] - out[ring][:, 1]).mean() > 0.65 * (truth[:, :, 0] - truth[:, :, 1])[
        ring
    ].mean()


def test_binarize_goes_from_soft_to_two_tones() -> None:
    clean = stamped(clean_page())
    dirty = photographed(clean)
    soft, half, hard = (apply(dirty, Params(binarize=b)) for b in (0.0, 0.5, 1.0))
    assert np.array_equal(soft, apply(dirty, Params()))
    assert set(np.unique(hard)) == {0, 255}
    assert np.array_equal(hard, np.repeat(hard[:, :, :1], 3, axis=2))
    between = [np.mean((p > 20) & (p < 235)) for p in (soft, half, hard)]
    assert between[0] > between[1] > between[2] == 0
    black, text = hard[:480, :500, 0] == 0, clean[:480, :500, 0]
    assert black[text < 30].mean() > 0.97
    assert black[text == 255].mean() < 0.03


def test_marker_pen_does_not_turn_black() -> None:
    page = clean_page()
    page[80:110, 40:500] = np.minimum(page[80:110, 40:500], (250, 240, 110))
    hard = apply(photographed(page), Params(binarize=1.0))
    bare = clean_page()[80:110, 40:500, 0] == 255
    assert np.mean(hard[80:110, 40:500, 0][bare] == 255) > 0.95


def test_grey_page_stays_exactly_grey() -> None:
    grey = np.repeat(photographed(clean_page())[:, :, :1], 3, axis=2)
    out = apply(grey, Params())
    assert np.array_equal(out, np.repeat(out[:, :, :1], 3, axis=2))


def test_strength_zero_is_the_identity() -> None:
    page = photographed(clean_page())
    assert np.array_equal(apply(page, Params(strength=0.0)), page)


def test_large_page_is_repaired_like_a_small_one() -> None:
    clean = cv2.resize(clean_page(), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    dirty = cv2.resize(photographed(clean_page()), None, fx=3, fy=3)
    assert psnr(apply(dirty, Params()), clean) > psnr(dirty, clean) + 12


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (10, 5000), (5000, 10), (65, 7)])
def test_any_size(shape: tuple[int, int]) -> None:
    page = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    kept = page.copy()
    first, second = apply(page, Params()), apply(page, Params())
    assert first.shape == page.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert np.array_equal(page, kept)


@pytest.mark.parametrize("value", [0, 200, 255])
def test_flat_page(value: int) -> None:
    out = apply(np.full((60, 90, 3), value, np.uint8), Params())
    assert np.ptp(out) == 0
    assert out[0, 0, 0] == (0 if value == 0 else 255)
