"""Parameters that are xiutu's own, over the wire (real server): neutral by default, felt when given,
refused beyond their range, in forms and in JSON; and the four operators of tone and haze themselves."""

import base64
import json
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from tests.pictures import encoded
from tests.server import RunningServer
from xiutu import contract
from xiutu.image.decode import decode
from xiutu.image.light import to_linear, to_srgb

Rgb = NDArray[np.uint8]
OWN = [
    ("dehaze", "strength"),
    ("contrast_enhance", "strength"),
    ("color_enhance", "strength"),
    ("doc_repair", "strength"),
    ("doc_repair", "binarize"),
]
NEUTRAL = {"strength": 1.0, "binarize": 0.0}


def _picture(operator: str) -> Rgb:
    """What the operator is for: haze, darkness, dull colours, a shaded page."""
    if operator == "doc_repair":
        page = np.full((240, 320, 3), 250, np.uint8)
        for i in range(5):
            text, font = f"row {i} 0123456789", cv2.FONT_HERSHEY_SIMPLEX
            cv2.putText(page, text, (20, 45 + 40 * i), font, 0.8, (25, 25, 60), 2)
        return np.rint(page * np.linspace(0.9, 0.5, 320)[None, :, None]).astype(np.uint8)
    scene = np.ascontiguousarray(data.chelsea()[:, 20:420])
    if operator == "contrast_enhance":
        return to_srgb(to_linear(scene) / 4)
    grey = scene.mean(axis=2, keepdims=True)
    dull = 0.4 * scene + (60 + 0.3 * grey if operator == "color_enhance" else 0.6 * 215)
    return np.rint(dull).astype(np.uint8)


def _call(server: RunningServer, operator: str, **fields: Any) -> Rgb:
    answer = server.call(operator, image=encoded(_picture(operator)), **fields)
    response = contract.operator(operator).response
    assert set(answer) == {"log_id", response.result_image_field}
    assert isinstance(answer["log_id"], str if response.log_id_is_text else int)
    return decode(base64.b64decode(answer[response.result_image_field], validate=True)).rgb


@pytest.mark.parametrize("operator", sorted({name for name, _ in OWN}))
def test_damage_is_undone(server: RunningServer, operator: str) -> None:
    """R-089, R-090, R-101, R-108: haze, darkness, dullness and shade go; fields as documented."""
    before, after = _picture(operator), _call(server, operator)
    assert after.shape == before.shape
    if operator == "doc_repair":
        assert np.percentile(after, 40) >= 250
    else:
        assert after.std() > 1.15 * before.std()


@pytest.mark.parametrize(("operator", "name"), OWN)
def test_own_parameter_is_neutral_felt_and_checked(
    server: RunningServer, operator: str, name: str
) -> None:
    """Absent or at its default the call is the vendor's; the other end of the range shows; no further."""
    [row] = [p for p in contract.operator(operator).plain_params if p.name == name]
    assert row.own
    plain = _call(server, operator)
    assert np.array_equal(_call(server, operator, **{name: NEUTRAL[name]}), plain)
    assert np.array_equal(_call(server, operator, **{name: ""}), plain)
    other = _call(server, operator, **{name: 1 - NEUTRAL[name]})
    assert np.abs(other.astype(int) - plain).mean() > 2
    if name == "strength":
        moved = np.abs(other.astype(int) - _picture(operator)).mean()
        assert moved < 0.5
    for wrong in ("1.01", "-0.1", "much", "nan"):
        answer = server.call(operator, image=encoded(_picture(operator)), **{name: wrong})
        assert answer == {"error_code": 216100, "error_msg": "invalid param"}


def test_own_parameter_in_a_json_body(server: RunningServer) -> None:
    """A number stays a number."""
    image = base64.b64encode(encoded(_picture("doc_repair"))).decode()
    body = json.dumps({"image": image, "binarize": 1}).encode()
    answer = server.post("doc_repair", body, "application/json")
    page = decode(base64.b64decode(answer["result"], validate=True)).rgb
    assert set(np.unique(page)) == {0, 255}


def test_boldness_of_inpainting(server: RunningServer) -> None:
    """Rectangles are filled carefully unless more is asked for; texture then keeps its contrast."""
    scene = np.ascontiguousarray(data.chelsea()[:, 20:420])
    image, box = encoded(scene), {"left": 150, "top": 190, "width": 60, "height": 50}
    inside = np.s_[195:235, 155:205]

    def call(**fields: Any) -> dict[str, Any]:
        return server.call("inpainting", image=image, rectangle=json.dumps([box]), **fields)

    def filled(**fields: Any) -> Rgb:
        return decode(base64.b64decode(call(**fields)["image"], validate=True)).rgb[inside]

    careful, bold = filled(), filled(boldness=1)
    np.testing.assert_array_equal(filled(boldness="0.0"), careful)
    fine = [float(np.abs(cv2.Laplacian(part, cv2.CV_32F)).mean()) for part in (careful, bold)]
    assert fine[1] > 1.2 * fine[0]
    for wrong in ("1.01", "-0.1", "much", "nan"):
        assert call(boldness=wrong) == {"error_code": 216100, "error_msg": "invalid param"}
