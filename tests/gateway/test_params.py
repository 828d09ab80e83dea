"""Documented parameters, driven by the contract rows."""

import pytest

from xiutu import contract
from xiutu.errors import InvalidParameter, MissingParameter, ParameterTooLong
from xiutu.gateway.baidu.params import read_params


def _read(operator: str, fields: dict[str, object], *, strict: bool = False) -> dict[str, object]:
    return read_params(contract.operator(operator), fields, strict=strict)


def test_style_trans_default_and_strict() -> None:
    """R-076, A-21."""
    assert _read("style_trans", {})["option"] == "cartoon"
    assert _read("style_trans", {"option": ""})["option"] == "cartoon"
    with pytest.raises(MissingParameter, match="option"):
        _read("style_trans", {}, strict=True)


def test_mask_id_counts_only_with_anime_mask() -> None:
    """R-080, R-081, R-082, A-22."""
    assert _read("selfie_anime", {}) == {"type": "anime"}
    assert _read("selfie_anime", {"type": "anime", "mask_id": "99"}) == {"type": "anime"}
    assert _read("selfie_anime", {"type": "anime_mask", "mask_id": ""}) == {"type": "anime_mask"}
    assert _read("selfie_anime", {"type": "anime_mask", "mask_id": "8"})["mask_id"] == 8
    for wrong in ("0", "9", "x", "1.5"):
        with pytest.raises(InvalidParameter):
            _read("selfie_anime", {"type": "anime_mask", "mask_id": wrong})


def test_denoise_option() -> None:
    """R-109, R-110, A-25."""
    for value in ("0", "200", 0, 200, "67"):
        assert _read("denoise", {"option": value})["option"] == int(value)
    for value in ("201", "-1", "x", "1.5", True, [], {}):
        with pytest.raises(InvalidParameter if value != [] else MissingParameter):
            _read("denoise", {"option": value})
    with pytest.raises(MissingParameter, match="option"):
        _read("denoise", {})


def test_segment_values() -> None:
    """R-114, R-115, R-116, R-119, A-26 to A-28."""
    assert _read("segment", {}) == {"return_form": "rgba", "refine_mask": "true", "method": "auto"}
    for value in (True, "TRUE", "true"):
        assert _read("segment", {"refine_mask": value})["refine_mask"] == "true"
    for name in ("return_form", "refine_mask", "method"):
        with pytest.raises(InvalidParameter):
            _read("segment", {name: "other"})
    with pytest.raises(MissingParameter, match="position"):
        _read("segment", {"method": "control"})
    assert "position" not in _read("segment", {"method": "auto", "position": "rubbish"})
    assert _read("segment", {"method": "control", "position": "[[[1,2],[3,4]]]"})["position"]


def test_rectangle_as_list_or_text() -> None:
    """R-093, R-094, R-099."""
    box = {"left": 1, "top": 1, "width": 1, "height": 1}
    assert _read("inpainting", {"rectangle": [box, box]})["rectangle"] == [box, box]
    text = '[{"left":1,"top":1,"width":1,"height":1}]'
    assert _read("inpainting", {"rectangle": text})["rectangle"] == [box]
    for empty in ([], "", "[]", None):
        with pytest.raises(MissingParameter, match="rectangle"):
            _read("inpainting", {"rectangle": empty})


def test_lengths_are_bounded() -> None:
    """R-134."""
    with pytest.raises(ParameterTooLong):
        _read("style_trans", {"option": "x" * 1000})
    with pytest.raises(ParameterTooLong):
        _read("inpainting", {"rectangle": "[" * 100_000})
