"""Values from anywhere become a checked parameter set."""

from dataclasses import dataclass

import pytest

from xiutu.errors import InvalidParameter, MissingParameter
from xiutu.operators._base import Params, param
from xiutu.operators._params import build


@dataclass(frozen=True)
class Example(Params):
    option: int = param(minimum=0, maximum=200, help="a whole number")
    strength: float = param(1.0, minimum=0.0, maximum=1.0, help="a number")
    look: str = param("plain", choices=("plain", "fancy"), help="a choice")
    refine: bool = param(True, help="a flag")


@pytest.mark.parametrize("value", [7, "7", " 7 ", 7.0])
def test_whole_numbers(value: object) -> None:
    assert build(Example, {"option": value}) == Example(option=7)


@pytest.mark.parametrize("value", [0, 200, "0", "200"])
def test_borders_are_inside(value: object) -> None:
    assert build(Example, {"option": value}).option == int(str(value))


@pytest.mark.parametrize(
    "value",
    [
        -1,
        201,
        "-1",
        "201",
        7.5,
        "7.5",
        "",
        "x",
        True,
        [],
        {},
        float("nan"),
        float("inf"),
        "1" * 30,
        "１",
    ],
)
def test_not_whole_or_outside(value: object) -> None:
    with pytest.raises(InvalidParameter, match="option"):
        build(Example, {"option": value})


@pytest.mark.parametrize("value", [-0.01, 1.01, "nan", "inf", "x", None, True, []])
def test_numbers(value: object) -> None:
    if value is None:
        assert build(Example, {"option": 1, "strength": None}).strength == 1.0
    else:
        with pytest.raises(InvalidParameter, match="strength"):
            build(Example, {"option": 1, "strength": value})


@pytest.mark.parametrize("value", ["Fancy", "", 1, True, ["fancy"]])
def test_choices(value: object) -> None:
    with pytest.raises(InvalidParameter, match="look"):
        build(Example, {"option": 1, "look": value})


@pytest.mark.parametrize(("value", "expected"), [("TRUE", True), ("false", False), (False, False)])
def test_flags(value: object, expected: bool) -> None:
    assert build(Example, {"option": 1, "refine": value}).refine is expected


@pytest.mark.parametrize("value", ["yes", 1, 0, ""])
def test_no_flags(value: object) -> None:
    with pytest.raises(InvalidParameter, match="refine"):
        build(Example, {"option": 1, "refine": value})


def test_missing_names_itself() -> None:
    with pytest.raises(MissingParameter) as caught:
        build(Example, {})
    assert caught.value.detail == "option"


def test_unknown_names_the_known() -> None:
    with pytest.raises(InvalidParameter, match="strength"):
        build(Example, {"option": 1, "power": 2})
