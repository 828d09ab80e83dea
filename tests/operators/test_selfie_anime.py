"""selfie_anime: looks drawn, all faces, eight masks in pose (R-078 to R-083)."""

from functools import cache
from itertools import combinations

import cv2
import numpy as np
import pytest
from skimage import data

from xiutu.errors import TargetNotFound
from xiutu.operators import _faces
from xiutu.operators._anime import eyes, masks, tones
from xiutu.operators._anime.strokes import Sheet, curve, ribbon
from xiutu.operators.selfie_anime import Params, apply

pytestmark = pytest.mark.usefixtures("seen_once")

SIDE = 112
WOMAN = np.ascontiguousarray(
    cv2.resize(data.astronaut()[10:230, 110:330], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
)
EYES, MOUTH = (33, 133, 362, 263), (61, 291, 13, 14)


@cache
def _tilted(degrees):
    move = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), -degrees, 1.0)
    image = cv2.warpAffine(WOMAN, move, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT)
    return _faces.find(image)[0]


def difference(a, b):
    return np.abs(a.astype(int) - b).max(axis=2)


@pytest.fixture(scope="module")
def face():
    return _faces.find(WOMAN)[0]


@pytest.fixture(scope="module")
def drawn():
    before = WOMAN.copy()
    out = apply(WOMAN, Params())
    assert np.array_equal(before, WOMAN), "the input must stay as it is"
    return out


@pytest.fixture(scope="module")
def masked():
    return {k: apply(WOMAN, Params(type="anime_mask", mask_id=k)) for k in range(1, 9)}


def test_shape_and_change(drawn):
    """R-078: without parameters an anime portrait."""
    assert drawn.shape == WOMAN.shape
    assert drawn.dtype == np.uint8
    assert drawn.flags.c_contiguous
    assert difference(drawn, WOMAN).mean() > 15


def test_skin_becomes_flat(drawn, face):
    """Inside the face the fine contrast of most pixels falls to about half of the photograph's."""
    low, high = (
        face.points[:, :2].min(axis=0).astype(int),
        face.points[:, :2].max(axis=0).astype(int),
    )
    inside = (slice(low[1] + 4, high[1] - 4), slice(low[0] + 6, high[0] - 6))
    fine = [
        np.median(np.abs(cv2.Laplacian(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.CV_32F)[inside]))
        for p in (WOMAN, drawn)
    ]
    assert fine[1] < 0.55 * fine[0]


def test_small_palette(drawn, face):
    """On the face few colours carry the picture: the 12 commonest of 4096 cells hold most of it."""
    shares = []
    for picture in (WOMAN, drawn):
        x, y = face.points[4, :2].astype(int)
        patch = picture[y - 30 : y + 31, x - 25 : x + 26]
        cells = (patch // 16).reshape(-1, 3).astype(int) @ np.array([256, 16, 1])
        counts = np.sort(np.bincount(cells, minlength=4096))[::-1]
        shares.append(counts[:12].sum() / counts.sum())
    assert shares[1] > 0.6
    assert shares[1] > shares[0] + 0.15


def test_eyes_are_larger_and_have_lights(drawn, face):
    for side in (0, 1):
        shape = eyes.shape_of(face, side)
        natural = float(np.hypot(*(face.eyes[side].contour[8] - face.eyes[side].contour[0])))
        assert shape.width > 1.2 * natural
        x, y = shape.iris.astype(int)
        reach = max(2, int(shape.radii[1]))
        patch = drawn[y - reach : y + reach + 1, x - reach : x + reach + 1].max(axis=2)
        assert patch.max() > 215, "the light"
        assert patch.min() < 110, "the iris"


def test_deterministic(masked):
    """With a mask, which is drawn last; ``test_mask_needs_its_type`` draws twice without."""
    assert np.array_equal(apply(WOMAN, Params(type="anime_mask", mask_id=3)), masked[3])


def test_mask_needs_its_type(drawn):
    """R-080, R-081: an empty mask_id, or a mask_id with type=anime, draws no mask."""
    assert np.array_equal(apply(WOMAN, Params(type="anime_mask")), drawn)
    assert np.array_equal(apply(WOMAN, Params(type="anime", mask_id=3)), drawn)


def test_eight_different_masks(drawn, masked, face):
    """R-079: each differs from every other over nose and mouth, none touches the eyes."""
    mouth = face.points[list(MOUTH), :2].mean(axis=0).astype(int)
    near = (slice(mouth[1] - 9, mouth[1] + 10), slice(mouth[0] - 9, mouth[0] + 10))
    for a, b in combinations(masked, 2):
        assert difference(masked[a], masked[b])[near].mean() > 25, (a, b)
    for k, out in masked.items():
        changed = difference(out, drawn)
        assert changed[near].mean() > 25, k
        for eye in EYES:
            x, y = face.points[eye, :2].astype(int)
            assert changed[y - 1 : y + 2, x - 1 : x + 2].max() <= 12, k
        assert changed[:8].max() == 0, "above the face nothing changes"


@pytest.mark.parametrize("degrees", [-45, 45])
@pytest.mark.parametrize("mask", list(masks.MASKS))
def test_masks_sit_on_nose_and_mouth_in_pose(degrees, mask):
    """Tip of the nose, lips and chin are covered; eyes and forehead are not."""
    found = _tilted(degrees)
    sheet = Sheet(np.full((SIDE, SIDE, 3), 0.5, np.float32))
    masks.MASKS[mask][1](masks.Pen.on(sheet, found, 0.2))
    cover = np.abs(sheet.pixels - 0.5).max(axis=2)
    spots = found.points[:, :2].astype(int)
    for index in (4, 1, 2, 13, 14, 61, 291, 17, 200):
        x, y = spots[index]
        assert cover[y - 2 : y + 3, x - 2 : x + 3].max() > 0.1, index
    for index in (33, 133, 362, 263, 159, 386, 151, 10):
        x, y = spots[index]
        assert cover[y, x] < 0.05, index


def test_no_face():
    """R-083."""
    for picture in (
        np.full((120, 160, 3), 90, np.uint8),
        np.ascontiguousarray(data.coffee()[::5, ::5]),
    ):
        with pytest.raises(TargetNotFound):
            apply(picture, Params())


@pytest.mark.parametrize("size", [(1, 1), (10, 10), (10, 40), (40, 10)])
def test_tiny_pictures_say_so(size):
    picture = np.random.default_rng(3).integers(0, 256, (*size, 3), dtype=np.uint8)
    with pytest.raises(TargetNotFound):
        apply(picture, Params(type="anime_mask", mask_id=1))


@pytest.mark.parametrize("size", [(40, 40), (45, 90), (120, 44)])
def test_small_and_narrow_portraits(size):
    h, w = size
    side = min(h, w)
    image = np.full((h, w, 3), 150, np.uint8)
    small = cv2.resize(WOMAN, (side, side), interpolation=cv2.INTER_AREA)
    image[(h - side) // 2 :, (w - side) // 2 :][:side, :side] = small
    out = apply(image, Params(type="anime_mask", mask_id=4))
    assert out.shape == image.shape


def test_a_face_cut_by_the_border(face):
    """Half of the face outside the picture: drawn as far as it is there."""
    left = max(0, int(face.centre[0]) - 8)
    cut = np.ascontiguousarray(WOMAN[:, left:])
    assert apply(cut, Params(type="anime_mask", mask_id=6)).shape == cut.shape


def test_all_faces_are_drawn():
    pair = np.concatenate([WOMAN, WOMAN[:, ::-1]], axis=1)
    pair = np.ascontiguousarray(pair)
    faces = _faces.find(pair)
    assert len(faces) == 2
    plain = apply(pair, Params())
    worn = apply(pair, Params(type="anime_mask", mask_id=2))
    for found in faces:
        x, y = found.points[list(MOUTH), :2].mean(axis=0).astype(int)
        assert difference(worn, plain)[y - 5 : y + 6, x - 5 : x + 6].mean() > 25


def test_grey_stays_grey():
    """The drawing and the mask upon it."""
    grey = np.repeat(cv2.cvtColor(WOMAN, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    out = apply(np.ascontiguousarray(grey), Params(type="anime_mask", mask_id=6))
    assert np.ptp(out.astype(int), axis=2).max() == 0


def test_lines_are_crisp_at_full_size():
    """A large picture is drawn small and its lines made at full size: edges of a lash stay sharp."""
    large = np.ascontiguousarray(cv2.resize(WOMAN, (1300, 1300), interpolation=cv2.INTER_CUBIC))
    out = apply(large, Params())
    assert out.shape == large.shape
    found = _faces.find(large)[0]
    shape = eyes.shape_of(found, 0)
    x = int(shape.upper[3:6, 0].mean())
    top, bottom = int(shape.upper[:, 1].min()) - 40, int(shape.iris[1])
    column = cv2.cvtColor(out, cv2.COLOR_RGB2GRAY)[top:bottom, x].astype(int)
    assert np.abs(np.diff(column)).max() > 50


# --- parts -------------------------------------------------------------------------------------


def test_skin_ramp_keeps_who_is_dark_and_who_is_fair():
    fair, dark = (tones.skin_ramp(np.float32(c)) for c in ((75, 14, 18), (38, 14, 20)))
    assert fair.tones[2].mean() > dark.tones[2].mean() + 0.15
    for ramp in (fair, dark):
        light = ramp.tones.mean(axis=1)
        assert (np.diff(light) > 0.02).all(), "four tones, each lighter than the one before"
        assert ramp.line.mean() < light[0]
    grey = tones.skin_ramp(np.float32((60, 0, 0)))
    assert np.ptp(grey.tones, axis=1).max() < 0.02


def test_steps_have_the_same_width_on_any_slope():
    for slope in (0.002, 0.02):
        value = np.tile((np.arange(1200, dtype=np.float32) - 600) * np.float32(slope), (5, 1))
        level = tones.steps(value, [0.0], 6.0)[2]
        between = int(((level > 0.02) & (level < 0.98)).sum())
        assert 3 <= between <= 9
        assert level[0] == 0
        assert level[-1] == 1


def test_strokes_taper_and_stay_visible():
    path = curve(np.float32([[10, 20], [30, 20], [50, 20]]), 41)
    ring = ribbon(path, 8, (0.0, 0.0))
    assert np.ptp(ring[[20, 61], 1]) == pytest.approx(8, abs=0.2)
    assert np.ptp(ring[[0, 81], 1]) < 0.1
    sheet = Sheet(np.ones((40, 60, 3), np.float32))
    sheet.stroke(path, 0.2, np.zeros(3, np.float32), taper=(1, 1))
    assert 0.1 < 1 - sheet.pixels.min() < 0.6, "thinner than a pixel means paler"


def test_a_sheet_ignores_what_lies_beside_it():
    sheet = Sheet(np.ones((8, 8, 3), np.float32))
    sheet.fill([np.float32([[50, 50], [60, 50], [55, 60]])], np.zeros(3, np.float32))
    assert sheet.pixels.min() == 1


def test_soft_shapes_keep_their_weight_when_made_small():
    """A blur of over six px is made at reduced size: its sum may change by 3 %."""
    ring = np.float32([[80, 80], [160, 80], [160, 160], [80, 160]])
    sums = []
    for soft in (5.9, 6.1):
        got = Sheet(np.zeros((240, 240, 3), np.float32)).cover([ring], soft)
        assert got is not None
        sums.append(float(got[1].sum()))
    assert sums[1] == pytest.approx(sums[0], rel=0.03)
    assert sums[0] == pytest.approx(6400, rel=0.05)


def test_pen_follows_the_mesh(face):
    sheet = Sheet(np.zeros((SIDE, SIDE, 3), np.float32))
    pen = masks.Pen.on(sheet, face, 0.0)
    placed = pen.place([(0.0, 0.199), (0.0, 0.675)])
    assert np.hypot(*(placed[0] - face.points[4, :2])) < 0.05 * face.size
    assert np.hypot(*(placed[1] - face.points[152, :2])) < 0.05 * face.size
