"""inpainting: rectangles are read as the contract says, holes are filled sanely at any size."""

import json
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import xiutu
from xiutu.errors import InvalidParameter, MissingParameter, ParameterTooLong
from xiutu.operators import inpainting
from xiutu.operators.inpainting import Params, Rectangle, apply, check, fill, parse_rectangles

BOX = {"left": 543, "top": 95, "width": 92, "height": 36}


def scene(height: int = 120, width: int = 160, seed: int = 1) -> NDArray[np.uint8]:
    """A drawn picture: sky gradient, dark ground, a horizon, a little grain."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height)[:, None, None]
    sky = np.array([90, 140, 220]) * (1 - rows) + np.array([200, 210, 230]) * rows
    picture = np.broadcast_to(sky, (height, width, 3)).copy()
    picture[height // 2 :] = (70, 100, 50)
    return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "value",
    [
        [BOX],
        (BOX,),
        [Rectangle(543, 95, 92, 36)],
        [{**BOX, "width": "92", "top": 95.0}],
        json.dumps([BOX]),
        [{**BOX, "colour": "ignored"}],
    ],
)
def test_all_documented_forms_are_read(value: object) -> None:
    assert parse_rectangles(value) == (Rectangle(543, 95, 92, 36),)
    assert Params(rectangle=value).rectangle == (Rectangle(543, 95, 92, 36),)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, [], (), "", "  ", "[]", "null"])
def test_nothing_given_is_missing_and_names_the_parameter(value: object) -> None:
    with pytest.raises(MissingParameter) as caught:
        parse_rectangles(value)
    assert caught.value.detail == "rectangle"


@pytest.mark.parametrize(
    "bad",
    [-1, 1.5, True, "x", "-3", "1.5", "", "١٢", "9" * 10, None, [], {}, float("nan"), float("inf")],
)
@pytest.mark.parametrize("key", ["left", "top", "width", "height"])
def test_bad_numbers_are_refused(key: str, bad: Any) -> None:
    with pytest.raises(InvalidParameter):
        parse_rectangles([{**BOX, key: bad}])


@pytest.mark.parametrize(
    "value",
    [
        BOX,
        3,
        "left",
        "[1,2",
        "[" * 100_000,
        ["left", "top", "width", "height"],
        [[1, 2, 3, 4]],
        [{"left": 1, "top": 1, "width": 1}],
        [{**BOX, "width": 0}],
        [{**BOX, "height": 0}],
        json.dumps({"rectangle": [BOX]}),
    ],
)
def test_other_shapes_are_refused(value: object) -> None:
    with pytest.raises(InvalidParameter):
        parse_rectangles(value)


def test_hundred_rectangles_pass_and_more_are_too_long() -> None:
    assert len(parse_rectangles([BOX] * 100)) == 100
    with pytest.raises(ParameterTooLong):
        parse_rectangles([BOX] * 101)


@pytest.mark.parametrize(
    ("box", "fits"),
    [
        ((1, 1, 1, 1), True),
        ((0, 0, 19, 9), True),
        ((1, 1, 19, 9), True),
        ((0, 0, 20, 5), False),
        ((0, 0, 5, 10), False),
        ((20, 0, 1, 1), False),
        ((0, 10, 1, 1), False),
        ((10, 0, 11, 1), False),
        ((0, 5, 1, 6), False),
    ],
)
def test_each_value_below_its_side_and_inside(box: tuple[int, int, int, int], fits: bool) -> None:
    params = Params(rectangle=(Rectangle(*box),))
    if fits:
        check(params, 20, 10)
    else:
        with pytest.raises(InvalidParameter):
            check(params, 20, 10)
        with pytest.raises(InvalidParameter):
            apply(np.zeros((10, 20, 3), np.uint8), params)


def test_only_the_hole_changes_and_the_input_stays() -> None:
    picture = scene()
    before = picture.copy()
    result = apply(
        picture, Params(rectangle=(Rectangle(30, 40, 50, 30), Rectangle(60, 55, 40, 50)))
    )
    assert result.dtype == np.uint8 and result.shape == picture.shape
    assert result.flags.c_contiguous and not np.shares_memory(result, picture)
    np.testing.assert_array_equal(picture, before)
    outside = np.ones(picture.shape[:2], bool)
    outside[40:70, 30:80] = outside[55:105, 60:100] = False
    np.testing.assert_array_equal(result[outside], picture[outside])


def test_an_object_is_removed() -> None:
    clean = scene()
    spoiled = clean.copy()
    cv2.circle(spoiled, (80, 60), 14, (255, 0, 0), -1)
    result = apply(spoiled, Params(rectangle=(Rectangle(62, 42, 36, 36),)))
    hole = (slice(42, 78), slice(62, 98))
    error = np.abs(result[hole].astype(int) - clean[hole].astype(int)).mean()
    assert error < 6  # the drawn grain alone makes about 3
    redness = result[hole][..., 0].astype(int) - result[hole][..., 2]
    assert redness.max() < 60


def test_same_input_same_result() -> None:
    picture = scene()
    params = Params(rectangle=(Rectangle(20, 30, 60, 50),))
    np.testing.assert_array_equal(apply(picture, params), apply(picture, params))


def test_grey_stays_grey() -> None:
    grey = np.repeat(scene()[..., :1], 3, axis=2)
    result = apply(grey, Params(rectangle=(Rectangle(20, 30, 60, 50),)))
    np.testing.assert_array_equal(result[..., 0], result[..., 1])
    np.testing.assert_array_equal(result[..., 0], result[..., 2])


def test_values_stay_within_the_surroundings() -> None:
    flat = np.full((64, 80, 3), (12, 130, 250), np.uint8)
    result = apply(flat, Params(rectangle=(Rectangle(10, 10, 50, 40),)))
    np.testing.assert_array_equal(result, flat)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_size_and_any_legal_rectangle_works(data: st.DataObject) -> None:
    width, height = data.draw(st.integers(2, 60)), data.draw(st.integers(2, 60))
    boxes = []
    for _ in range(data.draw(st.integers(1, 4))):
        w, h = data.draw(st.integers(1, width - 1)), data.draw(st.integers(1, height - 1))
        left, top = data.draw(st.integers(0, width - w)), data.draw(st.integers(0, height - h))
        boxes.append(Rectangle(left, top, w, h))
    picture = scene(height, width, seed=data.draw(st.integers(0, 9)))
    result = apply(picture, Params(rectangle=tuple(boxes)))
    assert result.shape == picture.shape
    outside = np.ones((height, width), bool)
    for b in boxes:
        outside[b.top : b.top + b.height, b.left : b.left + b.width] = False
    np.testing.assert_array_equal(result[outside], picture[outside])


@pytest.mark.parametrize("size", [(10, 2500), (2500, 10)])
def test_long_strips_work(size: tuple[int, int]) -> None:
    picture = scene(*size)
    params = Params(rectangle=(Rectangle(2, 2, size[1] // 2, size[0] // 2),))
    assert apply(picture, params).shape == picture.shape


def test_nearly_everything_removed_keeps_to_the_known_range() -> None:
    picture = scene(90, 110)
    result = apply(picture, Params(rectangle=(Rectangle(0, 0, 109, 89),)))
    known = np.concatenate([picture[89], picture[:, 109]])
    assert (result >= known.min(axis=0)).all() and (result <= known.max(axis=0)).all()


def test_fill_takes_any_mask() -> None:
    picture = scene()
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.line(mask, (0, 0), (159, 119), 1, 9)
    result = fill(picture, mask.astype(bool))
    np.testing.assert_array_equal(result[mask == 0], picture[mask == 0])
    np.testing.assert_array_equal(fill(picture, np.zeros_like(mask, bool)), picture)
    assert np.unique(fill(picture, np.ones_like(mask, bool))).tolist() == [128]
    one = np.zeros((1, 1), bool)
    assert fill(np.zeros((1, 1, 3), np.uint8), one).shape == (1, 1, 3)
    with pytest.raises(InvalidParameter):
        fill(picture, mask[:5].astype(bool))


def test_bolder_shows_more_of_the_copied_texture() -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (100, 120, 3), dtype=np.uint8)
    picture[:, :60] //= 4
    mask = np.zeros((100, 120), bool)
    mask[30:70, 40:80] = True
    shy, bold = (fill(picture, mask, value)[mask].std() for value in (0.0, 1.0))
    assert bold > 1.1 * shy


def test_cost_is_declared() -> None:
    assert inpainting.COST.megabytes(25_000_000) < 1200


def test_a_mask_of_any_shape() -> None:
    """In place of rectangles, or besides them; everything else is kept."""
    picture = scene()
    mask = np.zeros(picture.shape, np.uint8)
    cv2.ellipse(mask, (60, 60), (20, 9), 30, 0, 360, (255, 255, 255), -1)
    cv2.line(mask, (100, 5), (150, 110), (255, 255, 255), 3)
    spoiled = picture.copy()
    spoiled[mask[:, :, 0] > 0] = (255, 0, 255)
    out = apply(spoiled, Params(mask=mask))
    kept = mask[:, :, 0] == 0
    assert np.array_equal(out[kept], picture[kept])
    assert np.abs(out[~kept].astype(int) - picture[~kept]).mean() < 12
    box = {"left": 5, "top": 5, "width": 10, "height": 8}
    both = apply(spoiled, Params(rectangle=[box], mask=mask))  # type: ignore[arg-type]
    kept[5:13, 5:15] = False
    assert np.array_equal(both[kept], picture[kept])
    assert not np.array_equal(both[5:13, 5:15], spoiled[5:13, 5:15])


def test_masks_of_another_size_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="mask"):
        check(Params(mask=np.zeros((10, 10, 3), np.uint8)), 160, 120)


def test_a_mask_through_the_library() -> None:
    """Grey array, file or PIL image."""
    mask = np.zeros((120, 160), np.uint8)
    mask[40:60, 50:80] = 255
    out = xiutu.run("inpainting", scene(), mask=mask)
    assert np.array_equal(out[mask == 0], scene()[mask == 0])
    assert not np.array_equal(out, scene())
