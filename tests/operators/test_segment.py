"""segment: subjects are found alone and in boxes, edges are soft or hard as asked (R-111 to R-120)."""

import dataclasses
import json
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from xiutu.errors import (
    InconsistentParameters,
    InvalidParameter,
    MissingParameter,
    ParameterTooLong,
    TargetNotFound,
)
from xiutu.operators._boxes import parse_boxes
from xiutu.operators._nets import saliency
from xiutu.operators._params import build
from xiutu.operators.segment import Params, apply, check

pytestmark = pytest.mark.usefixtures("seen_once")

HEIGHT, WIDTH = 240, 320
LEFT, RIGHT = (90, 120, 48), (235, 120, 40)  # two balls: column, row, radius
BALLS = {"left": [[38, 66], [142, 174]], "right": [[190, 74], [280, 166]]}


def balls(*which: tuple[int, int, int]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Shaded red balls on a grainy green meadow, and where they are."""
    rng = np.random.default_rng(3)
    rows = np.linspace(0, 1, HEIGHT)[:, None, None]
    picture = np.array([120, 160, 110]) * (1 - rows) + np.array([70, 110, 60]) * rows
    picture = np.broadcast_to(picture, (HEIGHT, WIDTH, 3)) + rng.normal(0, 6, (HEIGHT, WIDTH, 1))
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    truth = np.zeros((HEIGHT, WIDTH), np.bool_)
    for column, row, radius in which:
        distance = np.hypot(x - column, y - row)
        cover = np.clip(radius + 0.5 - distance, 0, 1)[:, :, None]
        shade = 1.1 - 0.7 * np.hypot(x - column + radius / 3, y - row + radius / 3) / (2 * radius)
        picture = picture * (1 - cover) + np.array([210, 45, 35]) * shade[:, :, None] * cover
        truth |= distance <= radius
    return np.clip(picture, 0, 255).astype(np.uint8), truth


def overlap(found: NDArray[np.uint8], truth: NDArray[np.bool_]) -> float:
    """Intersection over union of the pixels above 127."""
    flags = found > 127
    return float((flags & truth).sum() / (flags | truth).sum())


def test_the_subject_is_cut_out() -> None:
    """R-111, R-112: four channels, the ball untouched, the meadow gone."""
    picture, truth = balls(LEFT)
    before = picture.copy()
    result = apply(picture, Params())
    assert result.shape == (HEIGHT, WIDTH, 4)
    assert result.dtype == np.uint8
    assert overlap(result[:, :, 3], truth) > 0.95
    core = cv2.erode(truth.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    np.testing.assert_array_equal(result[core, :3], picture[core])
    assert (result[core, 3] == 255).all()
    far = cv2.dilate(truth.astype(np.uint8), np.ones((31, 31), np.uint8)) == 0
    assert not result[far].any()
    np.testing.assert_array_equal(picture, before)
    np.testing.assert_array_equal(result, apply(picture, Params()))


@pytest.mark.parametrize("refine", ["true", "false"])
def test_mask_is_black_and_white(refine: str) -> None:
    """R-113: one channel, 0 and 255 only, size of the picture, white subject."""
    picture, truth = balls(LEFT)
    mask = apply(picture, Params(return_form="mask", refine_mask=refine))
    assert mask.shape == (HEIGHT, WIDTH)
    assert mask.dtype == np.uint8
    assert set(np.unique(mask)) == {0, 255}
    assert overlap(mask, truth) > 0.95


def test_refinement_smooths_the_edge() -> None:
    """R-114: without it every pixel is in or out; with it the edge is soft and clean of meadow."""
    picture, _ = balls(LEFT)
    hard = apply(picture, Params(refine_mask="false"))
    soft = apply(picture, Params())
    assert set(np.unique(hard[:, :, 3])) == {0, 255}
    edge = (soft[:, :, 3] > 20) & (soft[:, :, 3] < 235)
    assert 100 < edge.sum() < 3000
    colours = soft[edge, :3].astype(float)
    assert (colours[:, 0] > colours[:, 1]).mean() > 0.95, "green shines through the edge"


def test_a_person_is_found() -> None:
    """A real photograph: the astronaut's face is in, the corners are out."""
    picture = np.ascontiguousarray(data.astronaut())
    alpha = apply(picture, Params())[:, :, 3]
    assert alpha[70:150, 195:250].min() > 200
    assert alpha[:40, :40].max() == 0
    assert 0.25 < (alpha > 127).mean() < 0.75


def test_one_box_takes_its_subject_only() -> None:
    """R-117."""
    picture, _ = balls(LEFT, RIGHT)
    for name, ball in (("left", LEFT), ("right", RIGHT)):
        _, truth = balls(ball)
        mask = apply(picture, _control([BALLS[name]], "mask"))
        assert overlap(mask, truth) > 0.93, name


def test_several_boxes_make_one_result() -> None:
    """R-118."""
    picture, truth = balls(LEFT, RIGHT)
    mask = apply(picture, _control([BALLS["left"], BALLS["right"]], "mask"))
    assert overlap(mask, truth) > 0.93


def test_boxes_in_odd_forms() -> None:
    """A-27: corners in any order, JSON text, beyond the picture."""
    picture, _ = balls(LEFT, RIGHT)
    expected = apply(picture, _control([BALLS["left"]]))
    (x1, y1), (x2, y2) = BALLS["left"]
    for same in ([[[x2, y2], [x1, y1]]], [[[x1, y2], [x2, y1]]], json.dumps([BALLS["left"]])):
        np.testing.assert_array_equal(apply(picture, _control(same)), expected)
    everything = apply(picture, _control([[[-50, -50], [900, 900]]]))
    whole = apply(picture, _control([[[0, 0], [WIDTH, HEIGHT]]]))
    np.testing.assert_array_equal(everything, whole)


def test_no_subject() -> None:
    """No target is 282102, in the whole picture and in boxes; one good box is enough."""
    flat = np.full((200, 200, 3), 130, np.uint8)
    for params in (Params(), _control([[[20, 20], [150, 150]]])):
        with pytest.raises(TargetNotFound):
            apply(flat, params)
    picture, truth = balls(LEFT)
    picture[:60, 200:] = 90
    boxes = [BALLS["left"], [[230, 5], [310, 50]]]
    assert overlap(apply(picture, _control(boxes, "mask")), truth) > 0.93


@pytest.mark.parametrize("box", [[[400, 10], [500, 20]], [[5, 5], [5, 90]], [[-9, -9], [0, 50]]])
def test_boxes_without_area(box: Any) -> None:
    """A-27: 282004, before anything is decoded."""
    with pytest.raises(InconsistentParameters):
        check(_control([box]), WIDTH, HEIGHT)
    check(_control([[[-5, -5], [1, 1]]]), WIDTH, HEIGHT)


@pytest.mark.parametrize("value", [None, [], (), ""])
def test_control_needs_boxes(value: Any) -> None:
    """R-116."""
    with pytest.raises(MissingParameter, match="position"):
        build(Params, {"method": "control", "position": value})


@pytest.mark.parametrize(
    "value",
    [
        "rubbish", 5, {}, [5], [[1, 2, 3, 4]], [[[1, 2]]], [[[1, 2], [3]]], [[[1, 2], [3, "x"]]],
        [[[1, 2], [3, None]]], [[[1, 2], [3, True]]], [[[1, 2], [3, float("nan")]]], "[" * 2000,
    ],
)  # fmt: skip
def test_malformed_boxes(value: Any) -> None:
    """A-27: 216100."""
    with pytest.raises(InvalidParameter):
        parse_boxes(value)


def test_number_of_boxes_is_bounded() -> None:
    with pytest.raises(ParameterTooLong):
        parse_boxes([[[0, 0], [1, 1]]] * 31)
    assert len(parse_boxes([[["1", 2.5], [3, 4]]] * 30)) == 30


def test_parsed_boxes_are_taken_again() -> None:
    """Parameters can be copied."""
    params = _control([BALLS["left"], BALLS["right"]])
    assert dataclasses.replace(params, return_form="mask").position == params.position


def test_auto_ignores_boxes() -> None:
    """A-27: position counts with method=control only."""
    assert build(Params, {"method": "auto", "position": "rubbish"}) == Params()


@pytest.mark.parametrize(("name", "value"), [("return_form", "png"), ("refine_mask", "yes")])
def test_unknown_values(name: str, value: str) -> None:
    """R-119."""
    with pytest.raises(InvalidParameter):
        build(Params, {name: value})


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 300), (9, 9), (17, 500), (500, 10)])
def test_any_size(height: int, width: int) -> None:
    picture = cv2.resize(balls(LEFT)[0], (width, height), interpolation=cv2.INTER_AREA)
    try:
        result = apply(np.asarray(picture, np.uint8), Params())
    except TargetNotFound:
        return
    assert result.shape == (height, width, 4)


def test_grey_pictures_stay_grey() -> None:
    grey = np.dstack([balls(LEFT)[0][:, :, 1]] * 3)
    assert np.ptp(apply(grey, Params())[:, :, :3].astype(int), axis=2).max() <= 1


def test_the_small_network_is_the_default() -> None:
    """The optional pack changes nothing for those who do not have it."""
    assert saliency.SMALL in ("u2netp",)
    likely = saliency.subject(balls(LEFT)[0])
    assert likely.shape == (HEIGHT, WIDTH)
    assert likely.dtype == np.float32
    assert likely.min() >= 0
    assert likely.max() <= 1


def _control(boxes: Any, form: str = "rgba") -> Params:
    return Params(method="control", position=boxes, return_form=form)
