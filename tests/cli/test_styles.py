"""``xiutu styles``, and further pictures of ``xiutu run`` (``-p style=FILE``)."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from scripts.presets.__main__ import drawn
from tests.pictures import encoded, photo
from xiutu.cli.main import app
from xiutu.image.decode import decode
from xiutu.operators.customize_stylization import PRESETS

NAME = "customize_stylization"


def _xiutu(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.png"
    path.write_bytes(encoded(photo(64, 48)))
    return path


def test_all_presets_are_listed() -> None:
    rows = json.loads(_xiutu("styles", "--json").stdout)
    assert [(row["id"], row["en"], row["zh"]) for row in rows] == [
        (preset.id, preset.en, preset.zh) for preset in PRESETS
    ]
    table = _xiutu("styles").stdout
    assert all(preset.en in table and preset.zh in table for preset in PRESETS)


def test_a_style_picture_from_a_file(source: Path, tmp_path: Path) -> None:
    (tmp_path / "style.png").write_bytes(encoded(drawn("ember")))
    out = tmp_path / "out.png"
    done = _xiutu("run", NAME, source, "-o", out, "-p", f"style={tmp_path / 'style.png'}")
    assert done.exit_code == 0, done.output
    fiery = decode(out.read_bytes()).rgb.reshape(-1, 3).mean(axis=0)
    assert fiery[0] > fiery[2] + 60
    again = tmp_path / "other.png"
    assert _xiutu("run", NAME, source, "-o", again, "-p", "style_id=29").exit_code == 0
    assert not np.array_equal(decode(again.read_bytes()).rgb, decode(out.read_bytes()).rgb)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([], "give -p style_id=... or -p style=..."),
        (["-p", "style=absent.jpg"], "absent.jpg"),
        (["-p", f"style={__file__}"], "-p style: not a known picture"),
        (["-p", "style_id=30"], "style_id"),
    ],
)
def test_wrong_use(source: Path, tmp_path: Path, given: list[str], text: str) -> None:
    done = _xiutu("run", NAME, source, "-o", tmp_path / "out", *given)
    assert done.exit_code == 2, done.output
    assert text in " ".join(done.stderr.split()) and "Traceback" not in done.output
    assert not (tmp_path / "out").exists()
