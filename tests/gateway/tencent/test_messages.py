"""Every answer that is no success: complete in both languages, on the page, for every kind of error."""

from pathlib import Path
from string import Formatter

import pytest

from xiutu import errors
from xiutu.gateway.tencent.errors import TABLE, Refusal, error_body, naming, number_of, refused
from xiutu.gateway.tencent.messages import SITUATIONS

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", SITUATIONS)
def test_both_languages(name: str) -> None:
    """R-246, A-82: the same words are filled in; Chinese is Chinese."""
    situation = SITUATIONS[name]
    fields = [
        {part[1] for part in Formatter().parse(text) if part[1]}
        for text in (situation.en, situation.zh)
    ]
    assert fields[0] == fields[1] <= {"name", "why"}
    assert situation.en.isascii() and not situation.zh.isascii()
    told = error_body(Refusal(name, name="Mask", why="x"), "id", "zh-CN")["Response"]
    assert isinstance(told, dict) and set(told) == {"Error", "RequestId"}


@pytest.mark.parametrize("page", ["tencent.md", "tencent.zh.md"])
def test_every_code_is_on_the_page(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for code in {situation.code for situation in SITUATIONS.values()}:
        assert f"`{code}`" in text, code


def test_every_error_of_pictures_and_addresses_has_a_code() -> None:
    """Nothing a caller can do wrong is answered as a fault of the server."""
    for kind in (
        *errors.PictureError.__subclasses__(),
        *errors.FetchError.__subclasses__(),
        *errors.ParameterError.__subclasses__(),
    ):
        assert refused(kind("x")).code != "InternalError", kind
    for fault in (ValueError("x"), errors.InternalError("secret"), errors.WorkerDied("x")):
        refusal = refused(fault)
        assert refusal.code == "InternalError" and "secret" not in refusal.message("en-US")
    assert set(TABLE.values()) <= set(SITUATIONS)


def test_the_parameter_to_blame_is_named() -> None:
    with pytest.raises(Refusal, match="no base64") as caught, naming("MaskUrl"):
        raise errors.BadBase64("no base64")
    assert "`MaskUrl`" in caught.value.message("en-US")
    assert number_of(caught.value) == 216203
    assert number_of(Refusal("missing", name="Mask")) == 282003
