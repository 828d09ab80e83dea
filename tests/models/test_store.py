"""Store, sessions and air-gapped transfer, with the real weights in copies."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from xiutu import models, settings
from xiutu.cli.models import app
from xiutu.errors import WeightsCorrupt, WeightsMissing
from xiutu.models import catalogue, sessions, store
from xiutu.models.pull import import_folder, missing, pull

NAME = "ffdnet_color_int8"
runner = CliRunner()


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store that holds one weight only."""
    source = store.weights_path(NAME)
    root = tmp_path / "store"
    root.mkdir()
    shutil.copy(source, root)
    monkeypatch.setenv("XIUTU_MODELS", str(root))
    settings.load.cache_clear()
    monkeypatch.setattr(sessions, "_sessions", {})
    yield root
    monkeypatch.undo()
    settings.load.cache_clear()


def test_a_missing_weight_names_the_command(copied: Path) -> None:
    with pytest.raises(WeightsMissing, match="xiutu models pull"):
        models.weights_path("span_x2")
    with pytest.raises(WeightsMissing, match="nowhere"):
        models.weights_path("nowhere")


def test_a_damaged_weight_is_never_opened(copied: Path) -> None:
    path = copied / f"{NAME}.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsCorrupt, match=f"xiutu models pull {NAME}"):
        models.session(NAME)
    result = runner.invoke(app, ["verify", NAME])
    assert result.exit_code == 1
    assert "corrupt" in result.output


def test_sessions_are_shared_and_run_in_any_shape(copied: Path) -> None:
    session = models.session(NAME, 1)
    assert models.session(NAME, 1) is session
    for side in (8, 30):
        feed = {
            "image": np.zeros((1, 3, side, side), np.float32),
            "sigma": np.full((1, 1, 1, 1), 0.1, np.float32),
        }
        assert session.run(None, feed)[0].shape == (1, 3, side, side)


def test_pull_is_quiet_when_nothing_is_to_do(copied: Path) -> None:
    weight = catalogue.load()[NAME]
    assert missing([weight], copied) == []
    assert pull([weight], copied) == []
    result = runner.invoke(app, ["pull", NAME])
    assert (result.exit_code, result.output) == (0, "")


def test_export_and_import_carry_exact_bytes(copied: Path, tmp_path: Path) -> None:
    carried, other = tmp_path / "stick", tmp_path / "other"
    result = runner.invoke(app, ["export", str(carried)])
    assert result.exit_code == 0, result.output
    weights = catalogue.load().values()
    assert [w.name for w in import_folder(weights, carried, other)] == [NAME]
    assert (other / f"{NAME}.onnx").read_bytes() == (copied / f"{NAME}.onnx").read_bytes()
    (carried / f"{NAME}.onnx").write_bytes(b"damaged")
    with pytest.raises(WeightsCorrupt):
        import_folder(weights, carried, tmp_path / "third")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "a.onnx"
    store.write_atomic(target, b"one")
    with pytest.raises(TypeError):
        store.write_atomic(target, "not bytes")  # type: ignore[arg-type]
    assert [p.name for p in tmp_path.iterdir()] == ["a.onnx"]
    assert target.read_bytes() == b"one"


def test_list_and_usage_errors(copied: Path) -> None:
    listed = runner.invoke(app, ["list", "--json"])
    assert f'"{NAME}"' in listed.output
    assert runner.invoke(app, ["pull", "nowhere"]).exit_code == 2
    assert runner.invoke(app, ["import", str(copied / "absent")]).exit_code == 2
    assert runner.invoke(app, ["verify"]).exit_code == 1
