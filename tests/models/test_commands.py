"""Weights: verified, moved by export and import, missing and damaged ones named."""

import os
import subprocess
import sys
from pathlib import Path

from tests.commands import xiutu


def test_pulled_weights_verify() -> None:
    assert xiutu("models", "verify").returncode == 0


def test_export_and_import_then_damage(tmp_path: Path) -> None:
    bundle, store = tmp_path / "bundle", tmp_path / "store"
    assert xiutu("models", "export", bundle).returncode == 0
    assert xiutu("models", "verify", XIUTU_MODELS=str(store)).returncode == 1, (
        "an empty store is not fine"
    )
    done = xiutu("models", "import", bundle, XIUTU_MODELS=str(store))
    assert done.returncode == 0, done.stderr
    assert xiutu("models", "verify", XIUTU_MODELS=str(store)).returncode == 0
    largest = max((p for p in store.rglob("*.onnx")), key=lambda p: p.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-100] + b"x" * 100)
    assert xiutu("models", "verify", XIUTU_MODELS=str(store)).returncode == 1


def test_missing_weights_name_the_command(tmp_path: Path) -> None:
    from tests.server import jpeg

    (tmp_path / "in.jpg").write_bytes(jpeg(64, 48))
    source, target = str(tmp_path / "in.jpg"), str(tmp_path / "out.jpg")
    command = [sys.executable, "-m", "xiutu", "run", "denoise", source, "-o", target]
    environment = os.environ | {"XIUTU_MODELS": str(tmp_path / "none")}
    done = subprocess.run(
        [*command, "-p", "option=10"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "xiutu models pull" in done.stderr and "Traceback" not in done.stderr
