"""Bytes in, bytes out, for every operator alike."""

import numpy as np
import pytest

from tests.pictures import blank, encoded, photo, portrait
from tests.server import jpeg, sample
from xiutu import contract
from xiutu.errors import InvalidParameter, MissingSource, OperatorUnavailable, TranscodeError
from xiutu.image.decode import decode
from xiutu.operators._registry import get, implemented
from xiutu.operators._runner import estimate, execute

PARAMS = {
    "customize_stylization": {"style_id": 1},
    "denoise": {"option": 10},
    "inpainting": {"rectangle": [{"left": 0, "top": 0, "width": 1, "height": 1}]},
}
OPERATORS = list(implemented())
# These answer 282102 where there is nothing to find, and what they return has an alpha of its own.
SEEKERS = ("segment", "selfie_anime")
COLOURING = ("style_trans", "customize_stylization", "colourize")
OTHERS = [name for name in OPERATORS if name not in SEEKERS]


def _result(operator: str, data: bytes) -> bytes:
    fields = execute(operator, {"image": data}, PARAMS.get(operator, {})).fields
    value = fields[contract.operator(operator).response.picture_fields[0]]
    assert isinstance(value, bytes)
    return value


@pytest.mark.parametrize("operator", OPERATORS)
def test_deterministic_and_timed(operator: str) -> None:
    data = sample(operator, 120, 90)
    executed = execute(operator, {"image": data}, PARAMS.get(operator, {}))
    assert set(executed.timings) == {"decode", "apply", "encode"}
    again = execute(operator, {"image": data}, PARAMS.get(operator, {}))
    assert executed.fields == again.fields


@pytest.mark.parametrize("operator", OTHERS)
@pytest.mark.parametrize(("width", "height"), [(2, 2), (10, 40), (41, 11), (64, 63), (10, 640)])
def test_odd_sizes(operator: str, width: int, height: int) -> None:
    factor = 2 if operator == "image_quality_enhance" else 1
    data = encoded(photo(width, height))
    size = decode(_result(operator, data)).size
    if operator == "stretch_restore":  # one side stays, the other does or grows
        assert size[0] == width or size[1] == height
        assert size[0] >= width and size[1] >= height
    else:
        assert size == (width * factor, height * factor)


@pytest.mark.parametrize("operator", [name for name in OTHERS if name != "sky_seg"])
def test_alpha_is_carried(operator: str) -> None:
    alpha = np.tile(np.linspace(0, 250, 96).astype(np.uint8), (64, 1))
    picture = decode(_result(operator, encoded(np.dstack([photo(96, 64), alpha]))))
    assert picture.alpha is not None
    if operator == "image_quality_enhance":
        assert picture.alpha.shape == (128, 192)
        assert abs(int(picture.alpha[64, 96]) - int(alpha[32, 48])) <= 3
    elif operator == "stretch_restore":
        assert picture.alpha.shape == picture.rgb.shape[:2]
        assert abs(int(picture.alpha[0, -1]) - 250) <= 3
    else:
        np.testing.assert_array_equal(picture.alpha, alpha)


@pytest.mark.parametrize("operator", [name for name in OPERATORS if name not in COLOURING])
def test_grey_stays_grey(operator: str) -> None:
    """No colour cast on pictures without colour (bringing colours is what these operators are for)."""
    colours = portrait(160, 120) if operator == "selfie_anime" else photo(160, 120)
    grey = np.dstack([colours[:, :, 1]] * 3)
    rgb = decode(_result(operator, encoded(grey))).rgb.astype(int)
    assert np.ptp(rgb, axis=2).max() <= 3


@pytest.mark.parametrize("operator", OTHERS)
def test_flat_pictures(operator: str) -> None:
    for value in (0, 128, 255):
        flat = np.full((60, 80, 3), value, np.uint8)
        assert decode(_result(operator, encoded(flat))).rgb.size


def test_errors() -> None:
    with pytest.raises(OperatorUnavailable):
        execute("no_such_operator", {"image": jpeg()}, {})
    with pytest.raises(MissingSource):
        execute("dehaze", {}, {})
    with pytest.raises(InvalidParameter):
        execute("dehaze", {"image": jpeg()}, {"strength": "much"})
    with pytest.raises(TranscodeError):
        execute("dehaze", {"image": jpeg()[:1500]}, {})
    with pytest.raises(InvalidParameter):
        execute(
            "inpainting",
            {"image": blank(10, 10)},
            {"rectangle": '[{"left":10,"top":0,"width":1,"height":1}]'},
        )


def test_estimates_grow_with_pixels_and_fit_a_worker() -> None:
    for operator in OPERATORS:
        row = contract.operator(operator).image_limits["image"]
        side = row.max_long_side_px or 5000
        largest = min(row.max_pixel_product or side**2, side**2)
        assert 0 < estimate(operator, 1_000_000) < estimate(operator, largest) < 1400
        assert get(operator).summary.endswith((".", ")"))
