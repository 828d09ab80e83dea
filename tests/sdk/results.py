"""Test pictures, and answers checked as pictures against the rows of the contract."""

import base64
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage import data

from tests.pictures import encoded, photo
from xiutu import contract
from xiutu.image.decode import decode
from xiutu.image.picture import Picture
from xiutu.operators._registry import implemented

WIDTH, HEIGHT = 240, 180
NOT_YET = {"error_code": 216102, "error_msg": "service not support"}
"""The answer of operators that this version does not have."""
RECTANGLE = [{"left": 92, "top": 95, "width": 36, "height": 20}]


@cache
def pixels(name: str) -> NDArray[np.uint8]:
    """``photo``: the coffee cup; ``portrait``: Eileen Collins (NASA, public domain), same size."""
    if name == "photo":
        return photo(WIDTH, HEIGHT)
    return np.ascontiguousarray(data.astronaut()[:HEIGHT, 100 : 100 + WIDTH])


@cache
def mask() -> NDArray[np.uint8]:
    """A free-form area of the test pictures: a disc with a tail."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    painted = (np.hypot(x - 110, y - 100) < 14) | ((abs(y - 100 - (x - 110) / 3) < 2) & (x > 110))
    return np.where(painted, 255, 0).astype(np.uint8)


@cache
def picture_file(name: str) -> bytes:
    if name == "mask":
        return encoded(mask())
    return encoded(pixels(name), "JPEG", quality=92)


def input_of(operator: str) -> str:
    """The picture an operator can work on: selfie_anime needs a face."""
    return "portrait" if operator == "selfie_anime" else "photo"


def image_bytes(operator: str) -> bytes:
    return picture_file(input_of(operator))


def image_text(operator: str) -> str:
    return base64.b64encode(image_bytes(operator)).decode()


def verify(operator: str, answer: dict[str, Any]) -> None:
    """The documented members and a real picture that differs from the input, or 216102."""
    if operator not in implemented():
        assert answer == NOT_YET
        return
    assert "error_code" not in answer, answer
    response = contract.operator(operator).response
    required = {field.name for field in response.fields}
    assert required - {"pdf_file_size"} <= set(answer), set(answer)
    assert isinstance(answer["log_id"], str if response.log_id_is_text else int)
    result = picture(answer, response.picture_fields[0])
    if operator == "image_quality_enhance":
        assert result.size == (2 * WIDTH, 2 * HEIGHT)
    elif operator != "stretch_restore":
        assert result.size == (WIDTH, HEIGHT)
    if result.rgb.shape == (HEIGHT, WIDTH, 3) and operator in CHANGES:
        assert not np.array_equal(result.rgb, pixels(input_of(operator)))


CHANGES = (
    "dehaze",
    "contrast_enhance",
    "color_enhance",
    "style_trans",
    "customize_stylization",
    "doc_repair",
)


def picture(answer: dict[str, Any], field: str = "image") -> Picture:
    """A member of an answer, decoded strictly."""
    return decode(base64.b64decode(answer[field], validate=True))
