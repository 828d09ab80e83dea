"""The before/after strips of the operator page: one for every operator, small, credited."""

import subprocess
import sys

from PIL import Image

from scripts.strip_sources import SOURCES
from scripts.strips import FOLDER, TABLE, lines
from tests.docs.blocks import ROOT
from xiutu import contract
from xiutu.operators._registry import implemented


def test_every_operator_has_a_row_and_every_row_a_source() -> None:
    assert set(TABLE) == set(contract.operator_ids())
    assert {row.source for row in TABLE.values()} <= set(SOURCES)
    assert all(source.credit for source in SOURCES.values())


def test_every_operator_of_this_version_is_shown() -> None:
    page = (ROOT / "docs" / "operators.md").read_text("utf-8")
    for operator in implemented():
        assert (FOLDER / f"{operator}.jpg").exists(), f"run `python -m scripts.strips {operator}`"
        assert "\n".join(lines(operator)) in page, "run `make docs`"
        assert SOURCES[TABLE[operator].source].credit in page


def test_strips_are_small() -> None:
    paths = list(FOLDER.iterdir())
    assert sum(path.stat().st_size for path in paths) < 1_500_000
    for path in paths:
        with Image.open(path) as strip:
            assert strip.format == "JPEG" and strip.width <= 1200


def test_an_operator_without_a_strip_is_named() -> None:
    command = [sys.executable, "-m", "scripts.strips", "no_such_operator"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no_such_operator: no strip, add a row" in done.stderr
