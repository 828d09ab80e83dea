"""PDFs through the runner, the library and the command line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import xiutu
from tests import pdfs
from tests.pictures import encoded, photo
from tests.server import jpeg
from xiutu.cli.main import app
from xiutu.errors import (
    InconsistentParameters,
    InvalidParameter,
    MissingSource,
    OperatorUnavailable,
    UnsupportedFormat,
)
from xiutu.image.decode import decode
from xiutu.image.pdf import render_page
from xiutu.operators._runner import execute, inputs_of

BOOK = pdfs.pages("0 0 36 36", "0 0 72 36")


def test_execute_answers_the_number_of_pages() -> None:
    """R-104, R-105: as text, next to the page; the same every time."""
    executed = execute("remove_moire", {"pdf_file": BOOK}, {"pdf_file_num": "2"})
    assert set(executed.fields) == {"image_processed", "pdf_file_size"}
    assert executed.fields["pdf_file_size"] == "2"
    result = executed.fields["image_processed"]
    assert isinstance(result, bytes) and decode(result).size == (200, 100)
    assert set(executed.timings) == {"decode", "apply", "encode"}
    again = execute("remove_moire", {"pdf_file": BOOK}, {"pdf_file_num": 2})
    assert again.fields == executed.fields


def test_a_page_is_treated_like_its_picture() -> None:
    """What the operator sees of a scan are the scan's pixels."""
    scan = pdfs.scan(photo(120, 90))
    pixels = render_page(scan, 1, shortest=15, longest=4096).picture.rgb
    page = decode(xiutu.run("remove_moire", scan)).rgb
    np.testing.assert_array_equal(page, xiutu.run("remove_moire", pixels))


def test_inputs_by_content() -> None:
    """Only where an operator takes PDFs, and by what the file is, not by its name."""
    assert inputs_of("remove_moire", BOOK) == {"pdf_file": BOOK}
    for operator, data in (("dehaze", BOOK), ("remove_moire", encoded(photo(20, 20)))):
        assert inputs_of(operator, data) == {"image": data}


def test_library(tmp_path: Path) -> None:
    file = tmp_path / "book.pdf"
    file.write_bytes(BOOK)
    assert decode(xiutu.run("remove_moire", BOOK)).size == (100, 100)
    # no page of a picture
    assert decode(xiutu.run("remove_moire", jpeg(64, 48), pdf_file_num=2)).size == (64, 48)
    for source in (file, str(file)):
        image = xiutu.run("remove_moire", source, pdf_file_num=2)
        assert isinstance(image, Image.Image) and image.size == (200, 100)


@pytest.mark.parametrize(
    ("operator", "data", "params", "error"),
    [
        ("remove_moire", BOOK, {"pdf_file_num": 3}, InconsistentParameters),
        ("remove_moire", BOOK, {"pdf_file_num": "x"}, InvalidParameter),
        ("remove_moire", BOOK, {"pdf_file_num": 0}, InvalidParameter),
        ("remove_moire", BOOK, {"page": 1}, InvalidParameter),
        ("remove_moire", pdfs.encrypted(b"secret"), {}, UnsupportedFormat),
        ("dehaze", BOOK, {}, UnsupportedFormat),
        ("dehase", BOOK, {}, OperatorUnavailable),
    ],
)
def test_errors(operator: str, data: bytes, params: dict[str, Any], error: type[Exception]) -> None:
    """R-107."""
    with pytest.raises(error):
        xiutu.run(operator, data, **params)


def test_no_input() -> None:
    with pytest.raises(MissingSource):
        execute("remove_moire", {}, {})


def test_command_line(tmp_path: Path) -> None:
    """A file by name, folders and globs with PDFs in them; one locked file stops nothing."""
    root, out = tmp_path / "in", tmp_path / "out"
    root.mkdir()
    (root / "book.pdf").write_bytes(BOOK)
    (root / "locked.pdf").write_bytes(pdfs.encrypted(b"secret"))
    (root / "photo.png").write_bytes(encoded(photo(64, 48)))

    def run(*arguments: object) -> dict[str, Any]:
        told = CliRunner().invoke(app, ["run", *map(str, arguments), "--json"])
        summary: dict[str, Any] = json.loads(told.stdout)
        return summary

    one = run("remove_moire", root / "book.pdf", "-o", out / "two.png", "-p", "pdf_file_num=2")
    assert (one["done"], one["failed"]) == (1, {})
    assert decode((out / "two.png").read_bytes()).size == (200, 100)
    every = run("remove_moire", root, "-o", out)
    assert every["done"] == 2 and "encrypted" in every["failed"][str(root / "locked.pdf")]
    assert sorted(path.name for path in out.iterdir()) == ["book.png", "photo.png", "two.png"]
    assert run("remove_moire", root / "*.pdf", "-o", out)["skipped"] == 1
    other = run("dehaze", root, "-o", tmp_path / "other")
    assert (other["done"], other["failed"]) == (1, {})
