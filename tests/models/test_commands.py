"""Weights: verified, moved by export and import, missing and damaged ones named."""

import os
import subprocess
import sys
from pathlib import Path


def _models(*arguments: str, store: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({"XIUTU_MODELS": str(store)} if store else {})
    command = [sys.executable, "-m", "xiutu", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_pulled_weights_verify() -> None:
    assert _models("models", "verify").returncode == 0


def test_export_and_import_then_damage(tmp_path: Path) -> None:
    bundle, store = tmp_path / "bundle", tmp_path / "store"
    assert _models("models", "export", str(bundle)).returncode == 0
    assert _models("models", "verify", store=store).returncode == 1, "an empty store is not fine"
    done = _models("models", "import", str(bundle), store=store)
    assert done.returncode == 0, done.stderr
    assert _models("models", "verify", store=store).returncode == 0
    largest = max((p for p in store.rglob("*.onnx")), key=lambda p: p.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-100] + b"x" * 100)
    assert _models("models", "verify", store=store).returncode == 1


def test_missing_weights_name_the_command(tmp_path: Path) -> None:
    from tests.server import jpeg

    (tmp_path / "in.jpg").write_bytes(jpeg(64, 48))
    source, target = str(tmp_path / "in.jpg"), str(tmp_path / "out.jpg")
    arguments = ("run", "denoise", source, "-o", target, "-p", "option=10")
    done = _models(*arguments, store=tmp_path / "none")
    assert done.returncode == 1
    assert "xiutu models pull" in done.stderr and "Traceback" not in done.stderr
