"""customize_stylization: thirty presets that differ, any picture's style, faces and letters kept (R-084
to R-088)."""

from itertools import combinations

import cv2
import numpy as np
import pytest
from skimage import data

import xiutu
from scripts.presets.__main__ import drawn
from tests.pictures import encoded
from xiutu.errors import InvalidParameter, MissingSource
from xiutu.image.decode import decode
from xiutu.operators._params import build
from xiutu.operators._styles import arbitrary, canvas, presets
from xiutu.operators.customize_stylization import PRESETS, Params, _legible, apply

CAT = np.ascontiguousarray(data.chelsea()[60:160, 110:260])
LEAST_DISTANCE = 12.0

# For ever: callers store these numbers.
KEYS = [
    "ink_wash", "night_swirls", "watercolour", "impasto", "pointillism", "fauve", "cubism",
    "de_stijl", "pastel", "charcoal", "red_chalk", "woodcut", "wave_print", "engraving",
    "blueprint", "ink_comic", "poster", "neon", "stained_glass", "mosaic", "porcelain",
    "gold_spirals", "marbling", "batik", "embroidery", "nebula", "ember", "blossom", "bamboo",
    "frost",
]  # fmt: skip


@pytest.fixture(scope="module")
def looks():
    before = CAT.copy()
    made = [apply(CAT, Params(style_id=preset.id)) for preset in PRESETS]
    assert np.array_equal(before, CAT), "the input must stay as it is"
    return made


def test_thirty_presets_with_fixed_numbers_and_names_in_two_languages():
    assert [preset.key for preset in PRESETS] == KEYS
    assert [preset.id for preset in PRESETS] == list(range(30))
    for names in ([p.en for p in PRESETS], [p.zh for p in PRESETS]):
        assert len(set(names)) == 30 and all(names)
    assert all(p.en.isascii() and not any(c.isascii() for c in p.zh) for p in PRESETS)


def test_no_two_presets_alike(looks):
    """R-084: mean distance of the pixels in CIELAB between any two results on one photograph."""
    lab = [cv2.cvtColor(look.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for look in looks]
    for (i, a), (j, b) in combinations(enumerate(lab), 2):
        distance = np.linalg.norm(a - b, axis=2).mean()
        assert distance > LEAST_DISTANCE, (KEYS[i], KEYS[j], distance)


def test_same_size_and_forms_survive(looks):
    """The drawing of the photograph is in every result: the edges lie where they lay."""
    plain = _edges(CAT)
    for key, look in zip(KEYS, looks, strict=True):
        assert look.shape == CAT.shape and look.dtype == np.uint8 and look.flags.c_contiguous
        assert np.abs(look.astype(int) - CAT).mean() > 15, key
        assert np.corrcoef(plain, _edges(look))[0, 1] > 0.2, key


def _edges(picture):
    luma = cv2.GaussianBlur(canvas.unit(canvas.grey(picture)), (0, 0), 1.5)
    steep = np.hypot(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1))
    return cv2.GaussianBlur(steep, (0, 0), 1.5).ravel()


def test_no_borders():
    """On a flat ground the outermost pixels are painted like their neighbours."""
    ramp = np.linspace(90, 170, 200)[None, :, None]
    flat = np.broadcast_to(ramp, (160, 200, 3)).astype(np.uint8)
    for style_id in (2, 8, 16, 25, 29):
        look = apply(flat, Params(style_id=style_id)).astype(float)
        rim = np.concatenate([look[:3].reshape(-1, 3), look[-3:].reshape(-1, 3)]).mean(axis=0)
        inside = np.concatenate([look[8:14].reshape(-1, 3), look[-14:-8].reshape(-1, 3)])
        assert np.abs(rim - inside.mean(axis=0)).max() < 12, style_id


def test_style_of_a_picture_arrives_and_wins_over_a_preset():
    """R-086, R-087."""
    blue = drawn("porcelain")
    look = apply(CAT, Params(style=blue))
    there, here = blue.reshape(-1, 3).mean(axis=0), CAT.reshape(-1, 3).mean(axis=0)
    mean = look.reshape(-1, 3).mean(axis=0)
    assert np.linalg.norm(mean - there) < 0.5 * np.linalg.norm(here - there)
    assert np.array_equal(apply(CAT, Params(style=blue, style_id=5)), look)


def test_neither_style_nor_preset():
    """R-088."""
    with pytest.raises(MissingSource, match="style_id"):
        apply(CAT, Params())


@pytest.mark.parametrize("value", [-1, 30, "30", "x", 1.5])
def test_numbers_beyond_the_presets(value):
    """R-085."""
    with pytest.raises(InvalidParameter, match="style_id"):
        build(Params, {"style_id": value})


@pytest.mark.parametrize("value", ["picture.png", b"123", np.zeros((4, 4), np.uint8), 3])
def test_style_has_to_be_a_picture(value):
    with pytest.raises(InvalidParameter, match="style"):
        build(Params, {"style": value})


def test_style_in_any_form_of_the_library(tmp_path):
    style = drawn("woodcut")
    (tmp_path / "style.png").write_bytes(encoded(style))
    wanted = apply(CAT, Params(style=style))
    for form in (style, encoded(style), tmp_path / "style.png"):
        assert np.array_equal(xiutu.run("customize_stylization", CAT, style=form), wanted)
    whole = xiutu.run("customize_stylization", encoded(CAT), style=encoded(style))
    assert np.array_equal(decode(whole).rgb, wanted)


def test_strength(looks):
    none = apply(CAT, Params(style_id=3, strength=0.0))
    half = apply(CAT, Params(style_id=3, strength=0.5))
    assert np.array_equal(none, CAT)
    assert none is not CAT
    assert np.abs(half - (CAT.astype(float) + looks[3]) / 2).max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (10, 10), (10, 40), (300, 3)])
def test_any_size(size):
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    out = apply(picture, Params(style_id=7))
    assert out.shape == picture.shape
    assert np.array_equal(out, apply(picture, Params(style_id=7))), "deterministic"
    styled = apply(CAT[:40, :40], Params(style=picture))
    assert styled.shape == (40, 40, 3)


def test_a_long_style_picture_is_read_as_a_whole():
    """Two halves side by side give a style between theirs; neither half alone decides."""
    left, right = drawn("ember"), drawn("frost")
    both, one, other = (arbitrary.vector(p) for p in (np.hstack([left, right]), left, right))
    apart = np.linalg.norm(one - other)
    assert np.linalg.norm(both - one) < 0.9 * apart
    assert np.linalg.norm(both - other) < 0.9 * apart


def test_vectors_are_those_of_the_drawings():
    for key in ("engraving", "mosaic", "frost"):
        ours, kept = arbitrary.vector(drawn(key)), presets.vector_of(KEYS.index(key))
        assert np.dot(ours, kept) / np.linalg.norm(ours) / np.linalg.norm(kept) > 0.999


def test_letters_come_back_where_a_painting_lost_them():
    """A painting without any of the photograph's forms gets them back, in its own colours."""
    page = np.full((120, 300, 3), 230, np.uint8)
    cv2.putText(page, "Caffe Roma", (12, 75), cv2.FONT_HERSHEY_COMPLEX, 1.4, (20, 20, 20), 3)
    noise = np.random.default_rng(3).integers(90, 170, (120, 300, 1), dtype=np.uint8)
    painted = np.repeat(cv2.GaussianBlur(noise, (0, 0), 2)[:, :, None], 3, axis=2)
    before, after = (canvas.grey(p).ravel() for p in (painted, _legible(page, painted)))
    ink = canvas.grey(page).ravel()
    assert abs(np.corrcoef(ink, before)[0, 1]) < 0.1
    assert np.corrcoef(ink, after)[0, 1] > 0.3
